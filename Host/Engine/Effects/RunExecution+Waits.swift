import Journal
import Kernel
import Placement

/// Effects that wait for something outside: a child run, a moment, a person. Each commits its intent, with what
/// recovery needs in `reference`, and then waits without a thread.
extension RunExecution {
    // MARK: Child runs

    func performChild(
        _ operation: OperationID, _ task: TaskReference, _ input: [UInt8], _ step: StepRecord, _ isResumed: Bool
    ) async {
        let child: RunID
        noteChild()
        if isResumed, let reference = step.reference, let known = RunID(reference) {
            child = known
        } else {
            guard let started = await startChild(operation, task, input, step) else { return }
            child = started
        }
        let ended = await waiting("\(task)") { await core.end(of: child) }
        var settled = step
        settled.reference = child.description
        switch ended {
        case .success(let record):
            raise(to: record.sensitivity, because: "child \(child)")
            if record.state == .done {
                let result = EffectResult(data: record.output ?? [], text: child.description)
                finish(operation, settled, .success(result))
            } else {
                let cause = record.failure ?? Failure(.internal, "no reason was recorded")
                let failure = Failure(cause.status, "\(task) (run \(child)) \(record.state.name): \(cause.message)")
                finish(operation, settled, .failure(failure))
            }
        case .failure(let failure): finish(operation, settled, .failure(failure))
        }
    }

    private func startChild(
        _ operation: OperationID, _ task: TaskReference, _ input: [UInt8], _ step: StepRecord
    ) async -> RunID? {
        do {
            try core.admit(task, input: input)
        } catch {
            finish(operation, step, .failure(error.failure))
            return nil
        }
        let child = NewRun(
            id: core.newRunID(), tenant: run.tenant, task: task, priority: run.priority, input: input,
            root: run.root, parent: run.id, parentSequence: step.sequence, caps: RunCaps(steps: run.caps.steps),
            user: run.user
        ).classified(by: core.settings.policy, parents: [sensitivity])
        var intended = step
        intended.reference = child.id.description
        do {
            beginWait()  // The commit of the intent records that the run waits.
            defer { endWait() }
            try await commit { [intended] transaction throws(JournalError) in
                _ = try transaction.runInsert(child)
                return intended
            }
        } catch {
            stop(after: error)
            return nil
        }
        core.notices.post(
            RunNotice(
                at: core.clock(), run: child.id, root: run.root, parent: run.id, task: task, kind: .admitted))
        return child.id
    }

    // MARK: Timers

    func performSleep(
        _ operation: OperationID, _ milliseconds: UInt64, _ step: StepRecord, _ isResumed: Bool
    ) async {
        let due: Instant
        if isResumed, let reference = step.reference.flatMap(Int64.init) {
            due = Instant(unixMilliseconds: reference)
        } else {
            due = core.clock().advanced(byMilliseconds: Int64(clamping: milliseconds))
        }
        var intended = step
        intended.reference = String(due.unixMilliseconds)
        beginWait()
        defer { endWait() }
        do {
            try await commit { [intended] _ in intended }
        } catch {
            return stop(after: error)
        }
        noteWaiting("a timer")
        let isDue = await core.sleep(until: due)
        finish(
            operation, intended,
            isDue
                ? .success(EffectResult(value: UInt64(clamping: due.unixMilliseconds)))
                : .failure(Failure(.cancelled, "cancelled")))
    }

    // MARK: Approvals

    func performApproval(
        _ operation: OperationID, _ request: ApprovalRequest, _ step: StepRecord, _ isResumed: Bool
    ) async {
        guard let (settled, result) = await approval(request, step, isResumed) else { return }
        finish(operation, settled, result)
    }

    /// Opens an approval, unless an earlier execution did, and waits for its decision. Nil when the run stops.
    func approval(
        _ request: ApprovalRequest, _ step: StepRecord, _ isResumed: Bool
    ) async -> (StepRecord, Result<EffectResult, Failure>)? {
        let key = EngineCore.ApprovalKey(run: run.id, sequence: step.sequence)
        let expires = request.expiresMilliseconds.map {
            step.startedAt.advanced(byMilliseconds: Int64(clamping: $0))
        }
        var intended = step
        intended.reference = "approval"
        beginWait()
        defer { endWait() }
        if !isResumed || step.reference == nil {
            let record = ApprovalRecord(
                run: run.id, sequence: step.sequence, request: request, openedAt: step.startedAt, expiresAt: expires)
            do {
                try await commit { [intended] transaction throws(JournalError) in
                    try transaction.approvalOpen(record)
                    return intended
                }
                core.pokeApprovals()
            } catch {
                stop(after: error)
                return nil
            }
        }
        noteWaiting("approval: \(request.title)")
        let decided = await core.decision(of: key)
        return (intended, decided.map { Self.answer($0, to: request) })
    }

    private static func answer(_ decision: ApprovalDecision, to request: ApprovalRequest) -> EffectResult {
        let answer: JSONValue = [
            "approved": .bool(decision.approved), "by": .string(decision.by), "reason": .string(decision.reason),
            "content": (try? JSONParser.parse(decision.content ?? request.content)) ?? .null,
        ]
        return EffectResult(data: answer.bytes)
    }
}
