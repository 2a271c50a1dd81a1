import Journal
import Kernel
import TestSupport

extension SimulatedWorld {
    static let task = TaskReference(department: "research", task: "rank")
    /// Executions that wait for something outside take none.
    private static let places = 4

    func newID() -> RunID {
        RunID(
            unixMilliseconds: clock.now.unixMilliseconds,
            random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    // MARK: Clients

    func submit() async throws {
        var run = NewRun(
            id: newID(), tenant: "acme", task: Self.task, priority: Int.random(in: 0...4, using: &random),
            input: Array("{}".utf8), idempotencyKey: "key-\(submissions.count)")
        if chance(8) { run.startAt = clock.now.advanced(byMilliseconds: 30_000) }
        submissions.append(Submission(run: run))
        try await send(submissions.count - 1)
    }

    /// A client that was not told asks again, under the same key and with another id; one that was told may, too.
    func resubmit() async throws {
        guard let index = submissions.indices.randomElement(using: &random) else { return }
        submissions[index].run.id = newID()
        submissions[index].run.root = submissions[index].run.id
        try await send(index)
    }

    private func send(_ index: Int) async throws {
        let run = submissions[index].run
        let known = submissions[index].acknowledged
        switch try await write({ journal throws(JournalError) in try journal.runInsert(run).id }) {
        case .done(let id):
            guard known == nil else { throw Problem("key \(index) was admitted twice: \(known ?? id) and \(id)") }
            submissions[index].acknowledged = id
        case .refused(let error):
            guard case .duplicate(let existing?) = error.code, known == nil || known == existing else {
                throw Problem("submission \(index) was refused: \(error)")
            }
            submissions[index].acknowledged = existing
        case .unknown: break
        }
    }

    func cancel() async throws {
        guard let id = pick(submissions.compactMap(\.acknowledged)) else { return }
        if case .done(let onLane) = try await write({ journal throws(JournalError) in
            try journal.runRequestCancel(id, reason: "a client")
        }) {
            for run in onLane {
                for index in live.indices where live[index].run.id == run.id { live[index].run.cancelRequested = true }
            }
        }
    }

    func retry() async throws {
        guard let id = pick(submissions.compactMap(\.acknowledged)) else { return }
        _ = try await write { journal throws(JournalError) in try journal.runRetry(id) }
    }

    func decide() async throws {
        let open = try await read { journal throws(JournalError) in try journal.approvals(open: true) }
        guard let approval = pick(open) else { return }
        let decision = ApprovalDecision(approved: chance(2), by: "person \(decisions.count)", reason: "as seen")
        decisions.append(decision)
        _ = try await write { journal throws(JournalError) in
            try journal.approvalDecide(run: approval.run, sequence: approval.sequence, decision: decision)
        }
    }

    // MARK: The host

    func recoverAndClaim() async throws {
        if needsRecovery {
            guard
                case .done = try await write({ journal throws(JournalError) in try journal.runRecover(limit: 10_000) })
            else {
                return
            }
            needsRecovery = false
        }
        let room = Self.places - live.count { !$0.isWaiting }
        guard room > 0 else { return }
        let build = Digest.sha256([UInt8(Int.random(in: 0..<3, using: &random))])
        let claimed = try await write { journal throws(JournalError) in
            _ = try journal.runReleaseDue()
            _ = try journal.approvalAdvanceDue(limit: 100)
            let runs = try journal.runClaim(departments: [Self.task.department], limit: room)
            for run in runs { try journal.runSetBuild(run.id, fence: run.fence, build: build) }
            return runs
        }
        guard case .done(let runs) = claimed else {
            // Claimed or not: nobody executes them now. The host cannot go on as it is.
            if !live.isEmpty || hasFaults { try await restart() }
            return
        }
        for run in runs {
            let steps = try await read { journal throws(JournalError) in try journal.steps(of: run.id) }
            live.append(Execution(run: run, steps: steps))
        }
    }

    /// Takes an execution one commit further.
    func advance() async throws {
        guard let execution = pick(live) else { return try await recoverAndClaim() }
        try await advance(execution)
    }

    /// Each as far as it goes.
    func advanceAll() async throws {
        for execution in live {
            var steps = -1
            while let now = live.first(where: { $0.run.id == execution.run.id }), now.steps.count > steps {
                steps = now.isWaiting ? .max : now.steps.count
                try await advance(now)
            }
        }
    }

    private func advance(_ execution: Execution) async throws {
        let id = execution.run.id
        guard let next = try await perform(execution) else {
            // Over, or its writer was told nothing true and has to stop.
            live.removeAll { $0.run.id == id && $0.run.fence == execution.run.fence }
            return
        }
        if let place = live.firstIndex(where: { $0.run.id == id && $0.run.fence == execution.run.fence }) {
            live[place] = next
        }
    }

    /// Goes on as if it still had its run: an execution that slept past its host's end, or another's.
    func haunt() async throws {
        guard let ghost = pick(ghosts) else { return }
        let fence = ghost.run.fence
        let id = ghost.run.id
        let step = StepRecord(
            sequence: ghost.steps.count, kind: .random, name: "ghost", occurrence: ghost.steps.count,
            shape: Digest.sha256([0]), state: .done, result: EffectResult(value: 666, data: [], text: "ghost"),
            startedAt: clock.now, finishedAt: clock.now)
        let isOutcome = chance(2)
        let outcome = try await write { journal throws(JournalError) in
            if isOutcome {
                _ = try journal.runFinish(id, fence: fence, outcome: .failed(Failure(.internal, "ghost")))
            } else {
                try journal.stepInsert(step, run: id, fence: fence)
            }
        }
        guard case .done = outcome else { return }
        // It may only have been let through while the run is still its own: claimed by it, and by nobody since.
        let run = try await read { journal throws(JournalError) in try journal.run(id) }
        guard run?.fence == fence else { throw Problem("a stale writer of run \(id) under fence \(fence) was let in") }
        throw Problem("run \(id) was still under fence \(fence) when its host was gone and recovery was over")
    }
}
