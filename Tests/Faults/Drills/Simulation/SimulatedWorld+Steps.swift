import Journal
import Kernel

extension SimulatedWorld {
    /// As many as the id says, so that every attempt does the same.
    private static func length(_ run: RunID) -> Int { 1 + Int(run.bytes[15]) % 5 }
    private static func kind(_ run: RunID, _ sequence: Int) -> EffectKind {
        [.model, .model, .statePut, .step, .approval, .sleep, .child][Int(run.bytes[14] &+ UInt8(sequence) &* 37) % 7]
    }

    /// Nil when the execution is over.
    func perform(_ execution: Execution) async throws -> Execution? {
        let run = execution.run
        if run.cancelRequested {
            return try await finish(run, .cancelled(Failure(.cancelled, "asked to")))
        }
        if let open = execution.steps.last, open.state == .intended { return try await takeUp(execution, open) }
        if let last = execution.steps.last, last.state == .failed {
            return try await finish(run, .failed(last.failure ?? Failure(.internal, "a step failed")))
        }
        let sequence = execution.steps.count
        guard sequence < Self.length(run.id) else { return try await finish(run, .done(Array("{}".utf8))) }
        return try await begin(execution, Self.kind(run.id, sequence), sequence)
    }

    private func finish(_ run: RunRecord, _ outcome: RunOutcome) async throws -> Execution? {
        _ = try await write { journal throws(JournalError) in
            try journal.runFinish(run.id, fence: run.fence, outcome: outcome)
        }
        return nil
    }

    /// What was asked to end meanwhile begins nothing more; whoever was told nothing true has to stop.
    private func stop(_ run: RunRecord, after written: Outcome<Void>) async throws -> Execution? {
        guard case .refused(let error) = written, error.code == .cancelled else { return nil }
        return try await finish(run, .cancelled(Failure(.cancelled, "asked to")))
    }

    private func step(_ kind: EffectKind, _ run: RunRecord, _ sequence: Int) -> StepRecord {
        StepRecord(
            sequence: sequence, kind: kind, name: kind.name, occurrence: sequence,
            shape: Digest.sha256(run.id.bytes + [UInt8(sequence)]), state: .intended, startedAt: clock.now)
    }

    private func begin(_ execution: Execution, _ kind: EffectKind, _ sequence: Int) async throws -> Execution? {
        let run = execution.run
        var step = step(kind, run, sequence)
        let child = kind == .child ? newChild(of: run, sequence) : nil
        let isLocal = kind == .step || kind == .statePut
        if isLocal {
            step.state = .done
            step.finishedAt = clock.now
            step.result = EffectResult(value: UInt64(sequence), data: [], text: "local \(sequence)")
        }
        step.reference =
            kind == .sleep
            ? String(clock.now.unixMilliseconds + 5_000) : child.map { $0.id.description }
        let written = try await write { [step] journal throws(JournalError) in
            try Self.commitIntent(step, child, run, in: journal)
        }
        guard case .done = written else { return try await stop(run, after: written) }
        if kind == .model { try await call(run.id, step) }
        if let result = step.result { results[Place(run: run.id, sequence: sequence)] = result }
        return Execution(run: run, steps: execution.steps + [step])
    }

    private func newChild(of run: RunRecord, _ sequence: Int) -> NewRun? {
        // A child of a child of a child has none.
        guard run.parent == nil else { return nil }
        return NewRun(
            id: newID(), tenant: "acme", task: Self.task, input: Array("{}".utf8), root: run.root, parent: run.id,
            parentSequence: sequence)
    }

    private static func commitIntent(
        _ step: StepRecord, _ child: NewRun?, _ run: RunRecord, in journal: any JournalTransaction
    ) throws(JournalError) {
        try journal.stepInsert(step, run: run.id, fence: run.fence)
        let scope = StateScope(tenant: "acme", department: task.department, agent: "default")
        switch step.kind {
        case .model: try journal.budgetReserve(reservation(run.id, step))
        case .statePut:
            let revision = try journal.state(scope, key: run.id.description)?.revision ?? 0
            _ = try journal.statePut(scope, key: run.id.description, value: [UInt8(step.sequence)], expected: revision)
        case .approval:
            try journal.approvalOpen(
                ApprovalRecord(
                    run: run.id, sequence: step.sequence,
                    request: ApprovalRequest(title: "May I?", body: "", content: [], expiresMilliseconds: 60_000),
                    openedAt: journal.now, expiresAt: journal.now.advanced(byMilliseconds: 60_000)))
            try journal.runSetWaiting(run.id, fence: run.fence, waiting: true)
        case .child:
            if let child { _ = try journal.runInsert(child) }
            try journal.runSetWaiting(run.id, fence: run.fence, waiting: true)
        case .sleep: try journal.runSetWaiting(run.id, fence: run.fence, waiting: true)
        default: break
        }
    }

    private static func reservation(_ run: RunID, _ step: StepRecord) -> Reservation {
        Reservation(
            attempt: "\(run)/\(step.sequence)/\(step.attempt)", run: run,
            path: [.organisation, .tenant("acme"), .run(run)], amount: Nanodollars(1_000))
    }

    /// The provider gets it now: only after its intent and its money were acknowledged.
    private func call(_ run: RunID, _ step: StepRecord) async throws {
        let leaves = try await read { journal throws(JournalError) in try journal.auditSize() }
        calls.append(OutsideCall(attempt: "\(run)/\(step.sequence)/\(step.attempt)", moment: .leaves(leaves)))
    }

    // MARK: Open steps

    private func takeUp(_ execution: Execution, _ open: StepRecord) async throws -> Execution? {
        switch open.kind {
        case .model: return try await takeUpCall(execution, open)
        case .approval: return try await takeUpApproval(execution, open)
        case .sleep:
            let due = open.reference.flatMap { Int64($0) } ?? 0
            guard due <= clock.now.unixMilliseconds else { return execution }
            return try await close(execution, open, EffectResult(value: 0, data: [], text: "woke"))
        case .child:
            let child = open.reference.flatMap { RunID($0) }
            let record: RunRecord? =
                if let child { try await read { journal throws(JournalError) in try journal.run(child) } } else { nil }
            guard record?.state.isTerminal ?? true else { return execution }
            return try await close(
                execution, open, EffectResult(value: 0, data: [], text: record?.state.name ?? "no child"))
        default: throw Problem("step \(open.sequence) of run \(execution.run.id) cannot be open")
        }
    }

    private func takeUpApproval(_ execution: Execution, _ open: StepRecord) async throws -> Execution? {
        let id = execution.run.id
        let approvals = try await read { journal throws(JournalError) in try journal.approvals(open: nil) }
        guard let approval = approvals.first(where: { $0.run == id && $0.sequence == open.sequence }) else {
            throw Problem("step \(open.sequence) of run \(id) asks nobody")
        }
        if let decision = approval.decision {
            return try await close(execution, open, EffectResult(value: 0, data: [], text: decision.by))
        }
        guard approval.state == .expired else { return execution }
        return try await close(execution, open, nil)
    }

    /// Answered, or nobody knows: then it is marked, and sent again under the next attempt.
    private func takeUpCall(_ execution: Execution, _ open: StepRecord) async throws -> Execution? {
        let run = execution.run
        let attempt = "\(run.id)/\(open.sequence)/\(open.attempt)"
        if calls.contains(where: { $0.attempt == attempt }), !chance(4) {
            return try await close(execution, open, EffectResult(value: 0, data: [], text: "answer to \(attempt)"))
        }
        var again = open
        again.attempt += 1
        let written = try await write { [again] journal throws(JournalError) in
            _ = try journal.budgetAmbiguous(attempt)
            try journal.budgetReserve(Self.reservation(run.id, again))
            try journal.stepUpdate(again, run: run.id, fence: run.fence)
        }
        guard case .done = written else { return try await stop(run, after: written) }
        try await call(run.id, again)
        return Execution(run: run, steps: execution.steps.dropLast() + [again])
    }

    /// The result and, for a call, its price: one commit. Without a result the step failed.
    private func close(
        _ execution: Execution, _ open: StepRecord, _ result: EffectResult?
    ) async throws -> Execution? {
        let run = execution.run
        var step = open
        step.state = result == nil ? .failed : .done
        step.result = result
        step.failure = result == nil ? Failure(.deadline, "nobody decided") : nil
        step.finishedAt = clock.now
        let attempt = "\(run.id)/\(open.sequence)/\(open.attempt)"
        let written = try await write { [step] journal throws(JournalError) in
            if step.kind == .model { _ = try journal.budgetSettle(attempt, actual: Nanodollars(600)) }
            try journal.stepUpdate(step, run: run.id, fence: run.fence)
            try journal.runSetWaiting(run.id, fence: run.fence, waiting: false)
        }
        guard case .done = written else { return nil }
        if let result { results[Place(run: run.id, sequence: step.sequence)] = result }
        return Execution(run: run, steps: execution.steps.dropLast() + [step])
    }
}
