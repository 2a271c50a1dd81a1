import Audit
import Journal
import Kernel
import Placement
import Synchronization

extension RunExecution {
    /// Ends the run, or hands it back, in one commit.
    func conclude(_ end: End) async {
        do {
            switch end {
            case .abandoned: break
            case .paused(let failure): try await pause(failure)
            case .lost(let loss): try await conclude(lost: loss)
            case .handedBack(let reason): try await conclude(handedBack: reason)
            case .completed(let result): try await conclude(completed: result)
            case .refused(let failure): try await finish(.failed(failure))
            }
        } catch {
            // Fenced: the new owner ends the run. Storage: nothing can be acknowledged, recovery will go on.
            notify(.log(level: "error", "run \(run.id): \(error.message)"))
        }
        core.runEnds.wake(run.id)
    }

    private func conclude(completed result: Result<[UInt8], Failure>) async throws(JournalError) {
        switch result {
        case .success(let output):
            let violations = outputViolations(output)
            guard violations.isEmpty else {
                let plugin = place.descriptor
                try await finish(.failed(Self.brokenOutput(plugin.id, plugin.version, violations)))
                return
            }
            try await finish(.done(output))
        case .failure(let failure):
            if let expiry {
                try await finishOrRetry(expiry)
            } else if isCancelled {
                try await finish(.cancelled(Failure(.cancelled, state.withLock { $0.cancelReason })))
            } else {
                try await finishOrRetry(failure)
            }
        }
    }

    /// Nil while the attempt is within its time.
    private var expiry: Failure? {
        guard let limit = state.withLock({ $0.expired }) else { return nil }
        return Failure(.deadline, "\(pluginName) \(limit.words(of: run.task))")
    }

    /// Tried again where the submitter, the author or the host's own rule says so; failed for good otherwise.
    private func finishOrRetry(_ failure: Failure) async throws(JournalError) {
        let policy = (run.scheduling.retry ?? task.retry ?? RunRetryRule.unasked).policy
        var history = run.retryHistory
        let ends = [
            run.scheduling.deadline,
            run.caps.seconds.map { history.firstStartedAt.advanced(byMilliseconds: Int64($0) * 1_000) },
        ]
        let decision = policy.decide(
            FailureClass(failure.status), &history, deadline: ends.compactMap(\.self).min(), random: core.random(),
            at: core.clock())
        guard let retryAt = decision.retryAt else {
            // Who never asked for another attempt need not read why there is none.
            guard history.attempts > 1 else { return try await finish(.failed(failure)) }
            return try await finish(.failed(Failure(failure.status, "\(failure.message) (\(decision.reason))")))
        }
        try await delay(until: retryAt, failure, history)
    }

    private func conclude(lost loss: PluginLoss) async throws(JournalError) {
        switch loss.cause {
        case .closed: break  // The host is closing: the run stays open and goes on at the next start.
        case .hung where loss.blame != .guilty:
            try await requeue(crashed: false, reason: loss.description)
        case .hung:
            let reason = isCancelled && !isExpired ? "cancelled; \(loss)" : loss.description
            try await finish(
                isCancelled && !isExpired
                    ? .cancelled(Failure(.cancelled, reason)) : .failed(Failure(.deadline, reason)))
        case .startFailed, .notConfined: try await finish(.failed(Failure(.unsupported, loss.description)))
        case .signal, .exit, .garbage, .silent, .companion:
            if isCancelled {
                try await finish(.cancelled(Failure(.cancelled, "cancelled; \(loss)")))
            } else {
                try await conclude(crashed: loss)
            }
        }
    }

    private func conclude(handedBack reason: String) async throws(JournalError) {
        if isCancelled || isExpired { return try await conclude(completed: .failure(Failure(.busy, reason))) }
        try await requeue(crashed: false, reason: reason)
    }

    private func conclude(crashed loss: PluginLoss) async throws(JournalError) {
        switch CrashPolicy.verdict(loss.blame, crashCount: run.crashCount) {
        case .requeue(let isCounted):
            // It has killed its process: the next one shall be its own.
            if isCounted { core.health.isolate(run.id) }
            try await requeue(crashed: isCounted, reason: loss.description)
        case .isolate:
            core.health.isolate(run.id)
            try await requeue(crashed: false, reason: "\(loss); next time it runs alone")
        case .park:
            let times = run.crashCount + 1
            try await finish(
                .dead(
                    Failure(
                        .internal,
                        "parked: \(loss), and it was crash number \(times) of this run; "
                            + "bureau runs retry \(run.id)")))
        }
    }

    private var pluginName: String { "plugin \(place.descriptor.id) \(place.descriptor.version)" }

    static func brokenOutput(_ plugin: String, _ version: String, _ violations: [SchemaViolation]) -> Failure {
        let list = violations.map { "\($0.pointer): \($0.message)" }.joined(separator: "; ")
        return Failure(
            .internal, "plugin \(plugin) \(version) returned output that breaks its own schema: \(list)")
    }

    private func outputViolations(_ output: [UInt8]) -> [SchemaViolation] {
        do {
            let document = try JSONParser.parse(output)
            return lease?.generation.violations(output: document, of: task.name) ?? []
        } catch {
            return [SchemaViolation(pointer: "", message: error.description, keyword: "json")]
        }
    }

    // MARK: Commits

    private func finish(_ outcome: RunOutcome) async throws(JournalError) {
        core.health.release(run.id)
        if run.attempt > 1, await !settleLeftOver() { return }
        let mayHaveChildren = mayHaveChildren
        let (finished, orphans) = try await core.journal.write { [self] transaction throws(JournalError) in
            try writeOutbox(transaction)
            for hold in try transaction.reservations(of: run.id) {
                // A call that was sent is paid; what the plugin had put by is not.
                _ =
                    Self.isModelAttempt(hold.attempt)
                    ? try transaction.budgetAmbiguous(hold.attempt) : try transaction.budgetRelease(hold.attempt)
            }
            let outcome = try Self.told(outcome, of: run.id, transaction)
            let finished = try transaction.runFinish(run.id, fence: run.fence, outcome: outcome)
            try recordDecision(outcome, transaction)
            return (finished, mayHaveChildren ? try cancelChildren(transaction) : [])
        }
        for orphan in orphans { core.cancel(orphan, "its parent \(run.id) ended") }
        notify(.finished(finished.state, finished.failure, cost: finished.cost))
        if run.parent == nil { core.notices.finish(root: run.id) }
    }

    /// Where the task says that its output is a decision.
    private func recordDecision(
        _ outcome: RunOutcome, _ transaction: any JournalTransaction
    ) throws(JournalError) {
        guard case .done(let output) = outcome, DecisionRecord.isDeclared(by: task.outputSchema),
            let decision = DecisionRecord(output: output)
        else { return }
        try decision.append(
            id: core.newRunID(), salt: SystemClock.randomBytes(count: 32), of: run, plugin: place.descriptor.digest,
            to: transaction)
    }

    /// A run whose cancellation is committed fails for that, even when its effects were refused before this execution
    /// was told of it.
    private static func told(
        _ outcome: RunOutcome, of run: RunID, _ transaction: any JournalTransaction
    ) throws(JournalError) -> RunOutcome {
        guard case .failed = outcome, try transaction.run(run)?.cancelRequested == true else { return outcome }
        return .cancelled(Failure(.cancelled, "cancelled"))
    }

    /// Nobody waits for children that outlive their parent, and nobody would pay for them.
    private func cancelChildren(_ transaction: any JournalTransaction) throws(JournalError) -> [RunRecord] {
        var running: [RunRecord] = []
        for child in try transaction.children(of: run.id) where !child.state.isTerminal {
            running += try transaction.runRequestCancel(child.id, reason: "its parent \(run.id) ended")
        }
        return running
    }

    private func pause(_ failure: Failure) async throws(JournalError) {
        try await core.journal.write { [self] transaction throws(JournalError) in
            try writeOutbox(transaction)
            try transaction.runPause(run.id, fence: run.fence, failure: failure)
        }
        notify(.finished(.paused, failure, cost: run.cost))
    }

    private func requeue(crashed: Bool, reason: String) async throws(JournalError) {
        try await putBack(reason) { [run] transaction throws(JournalError) in
            try transaction.runRequeue(run.id, fence: run.fence, crashed: crashed, reason: reason)
        }
    }

    private func delay(until: Instant, _ failure: Failure, _ history: RetryHistory) async throws(JournalError) {
        if run.attempt > 1, await !settleLeftOver() { return }
        try await putBack(failure.message) { [run] transaction throws(JournalError) in
            try transaction.runDelay(run.id, fence: run.fence, until: until, failure: failure, history: history)
        }
    }

    private func putBack(
        _ reason: String, _ change: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> RunRecord
    ) async throws(JournalError) {
        let cancelled = try await core.journal.write { [self] transaction throws(JournalError) -> RunRecord? in
            try writeOutbox(transaction)
            // Asked for in the meantime: a quarantine may let no other execution begin that would hear of it.
            guard try change(transaction).cancelRequested else { return nil }
            _ = try transaction.runRequestCancel(run.id, reason: "cancelled")
            return try transaction.run(run.id)
        }
        notify(.requeued(reason))
        if let cancelled { core.announceEnd(of: cancelled) }
    }
}
