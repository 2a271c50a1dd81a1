import Engine
import Journal
import Kernel
import Synchronization

/// Follows one run of an open host to its end: shows progress, passes Ctrl-C on as a cancel, and stops where a
/// person must decide.
struct RunFollower: Sendable {
    let runtime: HostRuntime
    let terminal: Terminal
    let mode: ProgressReporter.Mode

    private enum Ending: Sendable {
        case ended(Result<RunRecord, EngineError>)
        case needsDecision([ApprovalRecord])
        case quarantined(Quarantine)
    }

    private static let quarantineCheck: Duration = .milliseconds(500)
    private static let checkedRuns = 1000

    /// How long the last notices may take to arrive once the journal says the run is over.
    private static let grace: Duration = .milliseconds(250)

    /// - Returns: the run as it stands, and the approvals that hold it up.
    func follow(_ run: RunRecord) async throws(CommandFailure) -> (run: RunRecord, open: [ApprovalRecord]) {
        let reporter = ProgressReporter(root: run.root, task: run.task, mode: mode, terminal: terminal)
        let progress = Task { await reporter.follow(runtime.watch(root: run.root)) }
        let signals = Task { await cancelOnSignal(run.id) }
        let ending = await firstEnding(run)
        signals.cancel()
        let limit = Task {
            try? await Task.sleep(for: Self.grace)
            progress.cancel()
        }
        await progress.value
        limit.cancel()
        switch ending {
        case .ended(.success(let record)): return (record, [])
        case .ended(.failure(let error)): throw CommandFailure(error)
        case .needsDecision(let approvals): return (run, approvals)
        case .quarantined(let quarantine):
            throw CommandFailure(.needsDecision, "run \(run.id) is queued: \(quarantine.advice.printable)")
        }
    }

    private func firstEnding(_ run: RunRecord) async -> Ending {
        await withTaskGroup(of: Ending?.self) { tasks in
            tasks.addTask { .ended(await outcome(of: run.id)) }
            tasks.addTask { await openApprovals(of: run).map { .needsDecision($0) } }
            tasks.addTask { await quarantine(holding: run).map { .quarantined($0) } }
            defer { tasks.cancelAll() }
            for await ending in tasks {
                if let ending { return ending }
            }
            return .ended(.failure(EngineError(.storage, "the run's end was not told")))
        }
    }

    private func outcome(of run: RunID) async -> Result<RunRecord, EngineError> {
        do {
            return .success(try await runtime.outcome(of: run))
        } catch {
            return .failure(error)
        }
    }

    /// Looks whenever a run of the tree starts to wait.
    private func openApprovals(of run: RunRecord) async -> [ApprovalRecord]? {
        let notices = runtime.watch(root: run.root)
        if let open = await waitingApprovals(root: run.root) { return open }
        for await notice in notices {
            guard case .waiting = notice.kind else { continue }
            if let open = await waitingApprovals(root: run.root) { return open }
        }
        return nil
    }

    /// Waits until a run of the tree is queued for a department that begins none. Nobody would lift that while this
    /// command has the store open.
    private func quarantine(holding run: RunRecord) async -> Quarantine? {
        while (try? await Task.sleep(for: Self.quarantineCheck)) != nil {
            guard !runtime.quarantines.isEmpty else { continue }
            let queued = try? await runtime.journal.read { journal throws(JournalError) in
                try journal.runs(RunFilter(states: [.ready]), before: nil, limit: Self.checkedRuns)
            }
            for candidate in queued ?? [] where candidate.root == run.root {
                if let found = runtime.quarantine(of: candidate.task.department) { return found }
            }
        }
        return nil
    }

    private func waitingApprovals(root: RunID) async -> [ApprovalRecord]? {
        let open = try? await runtime.journal.read { journal throws(JournalError) in
            var found: [ApprovalRecord] = []
            for approval in try journal.approvals(open: true) where try journal.run(approval.run)?.root == root {
                found.append(approval)
            }
            return found
        }
        guard let open, !open.isEmpty else { return nil }
        return open
    }

    private func cancelOnSignal(_ run: RunID) async {
        var isFirst = true
        for await _ in Signals.interrupts() {
            guard isFirst else { Terminal.exit(.cancelled) }
            isFirst = false
            try? await runtime.cancel(run, reason: "cancelled from the command line")
        }
    }
}
