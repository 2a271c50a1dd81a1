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
            }
        } catch {
            // Fenced: the new owner ends the run. Storage: nothing can be acknowledged, recovery will go on.
            notify(.log(level: "error", "run \(run.id): \(error.message)"))
        }
        core.runEnds.wake(run.id)
        core.pokeScheduler()
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
            if isExpired {
                let seconds = task.timeoutSeconds ?? core.settings.defaultTimeoutSeconds
                try await finish(
                    .failed(Failure(.deadline, "\(pluginName) did not finish \(run.task) within \(seconds) s")))
            } else if isCancelled {
                try await finish(.cancelled(Failure(.cancelled, state.withLock { $0.cancelReason })))
            } else if failure.status == .busy, run.attempt < Self.maximumAttempts {
                try await requeue(crashed: false, reason: failure.message)
            } else {
                try await finish(.failed(failure))
            }
        }
    }

    /// A run that a plugin hands back is tried this often.
    private static let maximumAttempts = 20

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
            let finished = try transaction.runFinish(run.id, fence: run.fence, outcome: outcome)
            return (finished, mayHaveChildren ? try cancelChildren(transaction) : [])
        }
        for orphan in orphans { core.execution(of: orphan.id)?.cancel() }
        notify(.finished(finished.state, finished.failure, cost: finished.cost))
        if run.parent == nil { core.notices.finish(root: run.id) }
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
        let cancelled = try await core.journal.write { [self] transaction throws(JournalError) -> RunRecord? in
            try writeOutbox(transaction)
            let requeued = try transaction.runRequeue(run.id, fence: run.fence, crashed: crashed, reason: reason)
            // Asked for in the meantime: a quarantine may let no other execution begin that would hear of it.
            guard requeued.cancelRequested else { return nil }
            _ = try transaction.runRequestCancel(run.id, reason: "cancelled")
            return try transaction.run(run.id)
        }
        notify(.requeued(reason))
        if let cancelled { core.announceEnd(of: cancelled) }
    }
}
