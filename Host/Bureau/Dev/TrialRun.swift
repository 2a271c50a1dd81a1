import Engine
import Journal
import Kernel
import Placement

/// One run of the trial on the loop's host, from its submission to its end.
struct TrialRun: Sendable {
    /// How long the last notices may take to arrive once the journal says the run is over.
    private static let grace: Duration = .milliseconds(250)

    let host: DevHost
    let crashes: CrashDesk
    let reporter: DevReporter

    private enum Ending: Sendable {
        case ended(Result<RunRecord, EngineError>)
        case crashed(PluginCrash)
    }

    /// - Returns: nil when the run was cut because the task that awaits it was cancelled.
    func perform(_ trial: Trial) async throws(CommandFailure) -> TrialResult? {
        let start = ContinuousClock.now
        var submission = RunSubmission(task: trial.task, input: trial.input)
        let id = host.runtime.newRunID()
        submission.id = id
        // Both before the run begins: it may end at once.
        let notices = host.runtime.watch(root: id)
        let crashed = crashes.crashes(of: host.department)
        defer { crashes.close() }
        let record: RunRecord
        do {
            record = try await host.runtime.submit(submission)
        } catch {
            throw CommandFailure(error)
        }
        reporter.tell(.runStarted(run: id, task: trial.task))
        let following = Task { await follow(notices) }
        let ending = await firstEnding(of: record.id, crashed)
        let milliseconds = Int64(start.duration(to: .now) / .milliseconds(1))
        return try await conclude(id, ending, following, milliseconds)
    }

    private func conclude(
        _ id: RunID, _ ending: Ending, _ following: Task<Void, Never>, _ milliseconds: Int64
    ) async throws(CommandFailure) -> TrialResult? {
        var crash: PluginCrash?
        if case .crashed(let found) = ending { crash = found }
        if crash != nil || Task.isCancelled {
            // Not in this task, whose cancellation would cut it short. Refused only when the run is over already.
            await Task { try? await host.runtime.cancel(id, reason: "ended by the author's loop") }.value
        }
        let limit = Task {
            try? await Task.sleep(for: Self.grace)
            following.cancel()
        }
        await following.value
        limit.cancel()
        if let crash { reporter.tell(.crashed(crash)) }
        if crash == nil, Task.isCancelled { return nil }
        if case .ended(.failure(let error)) = ending { throw CommandFailure(error) }
        return try await read(id, crash, milliseconds)
    }

    private func read(
        _ id: RunID, _ crash: PluginCrash?, _ milliseconds: Int64
    ) async throws(CommandFailure) -> TrialResult {
        let found: (RunRecord?, [StepRecord])
        do {
            found = try await host.runtime.journal.read { journal throws(JournalError) in
                (try journal.run(id), try journal.steps(of: id))
            }
        } catch {
            throw CommandFailure(error)
        }
        guard let run = found.0 else { throw CommandFailure(.notFound, "no run \(id)") }
        return TrialResult(run: run, steps: found.1, milliseconds: milliseconds, crash: crash)
    }

    private func firstEnding(of run: RunID, _ crashed: AsyncStream<PluginCrash>) async -> Ending {
        await withTaskGroup(of: Ending?.self) { tasks in
            tasks.addTask { .ended(await outcome(of: run)) }
            tasks.addTask { await Self.first(of: crashed).map { .crashed($0) } }
            defer { tasks.cancelAll() }
            for await ending in tasks {
                if let ending { return ending }
            }
            return .ended(.failure(EngineError(.storage, "the run's end was not told")))
        }
    }

    private func outcome(of run: RunID) async -> Result<RunRecord, EngineError> {
        do {
            return .success(try await host.runtime.outcome(of: run))
        } catch {
            return .failure(error)
        }
    }

    private static func first(of crashes: AsyncStream<PluginCrash>) async -> PluginCrash? {
        for await crash in crashes { return crash }
        return nil
    }

    /// Shows what comes, and decides what a person would have to: the author is that person.
    private func follow(_ notices: AsyncStream<RunNotice>) async {
        for await notice in notices {
            reporter.tell(.notice(notice))
            if case .waiting = notice.kind { await approve(root: notice.root) }
        }
    }

    private func approve(root: RunID) async {
        let open = try? await host.runtime.journal.read { journal throws(JournalError) in
            try journal.approvals(open: true)
        }
        for approval in open ?? [] {
            let decision = ApprovalDecision(approved: true, by: "bureau plugin dev", reason: "the author tries it")
            do {
                try await host.runtime.decide(run: approval.run, sequence: approval.sequence, decision)
                reporter.tell(.approved(title: approval.request.title))
            } catch {
                reporter.tell(.problem([error.message]))
            }
        }
    }
}
