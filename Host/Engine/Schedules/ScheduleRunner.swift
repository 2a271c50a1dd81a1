package import Journal
import Kernel
import Synchronization

/// Starts the runs of schedules when they are due: one loop under `bureau serve`.
///
/// What fires is decided in the journal's transaction, by its clock; this loop only knows when to look. It sleeps in
/// pieces, so a step of the clock is noticed soon, and a wake-up too many finds nothing to do.
final class ScheduleRunner: Sendable {
    /// A clock that is set forward is noticed within this time.
    private static let pieceMilliseconds: Int64 = 1_000
    /// After the store, or a schedule's zone, could not be read.
    private static let retryMilliseconds: Int64 = 5_000

    private struct Plan {
        /// By the clock; nil: never.
        var lookAt: Instant?
        /// Some schedule waits for its open runs, so any commit may matter.
        var isHeld = false
        /// Read everything again.
        var isStale = true
    }

    private let core: EngineCore
    private let store: SQLiteJournal
    private let plan = Mutex(Plan())

    init(core: EngineCore, store: SQLiteJournal) {
        self.core = core
        self.store = store
    }

    func run() async {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        wake.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.hearChanges(wake) }
            group.addTask { await self.hearCommits(wake) }
            var timer: Task<Void, Never>?
            for await _ in wakes {
                timer?.cancel()
                if Task.isCancelled || core.isDraining { break }
                await lookIfDue(wake)
                timer = Task { await self.wait(wake) }
            }
            timer?.cancel()
            group.cancelAll()
        }
    }

    private func hearChanges(_ wake: AsyncStream<Void>.Continuation) async {
        for await _ in core.schedulePokes {
            plan.withLock { $0.isStale = true }
            wake.yield()
        }
    }

    private func hearCommits(_ wake: AsyncStream<Void>.Continuation) async {
        for await _ in store.eventsCommitted() {
            let matters = plan.withLock { plan in
                if plan.isHeld { plan.isStale = true }
                return plan.isHeld
            }
            if matters { wake.yield() }
        }
        wake.finish()
    }

    private func lookIfDue(_ wake: AsyncStream<Void>.Continuation) async {
        let (isStale, due) = plan.withLock { plan in
            defer { plan.isStale = false }
            return (plan.isStale, plan.lookAt)
        }
        guard isStale || due.map({ $0 <= core.clock() }) ?? false else { return }
        let next = await look()
        let again = plan.withLock { plan in
            // A run may have ended between the look and now, while no commit was listened to.
            plan.isStale = plan.isStale || next.isStale || next.isHeld && !plan.isHeld
            plan.lookAt = next.lookAt
            plan.isHeld = next.isHeld
            return plan.isStale
        }
        if again { wake.yield() }
    }

    private func wait(_ wake: AsyncStream<Void>.Continuation) async {
        let due = plan.withLock { $0.lookAt }
        let remaining = due.map { $0.unixMilliseconds - core.clock().unixMilliseconds } ?? Self.pieceMilliseconds
        let milliseconds = min(max(remaining, 1), Self.pieceMilliseconds)
        guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else { return }
        wake.yield()
    }

    /// One look at all schedules, and when to look again.
    private func look() async -> Plan {
        let outlooks: [ScheduleOutlook]
        do {
            outlooks = try await core.journal.read { journal throws(JournalError) in try journal.scheduleOutlooks() }
        } catch {
            return Plan(lookAt: later, isStale: false)
        }
        let now = core.clock()
        var plan = Plan(lookAt: nil, isStale: false)
        for outlook in outlooks {
            var next = outlook.lookAt
            var isHeld = outlook.isHeld
            if let due = next, due <= now, !core.isDraining {
                switch await look(at: outlook.record) {
                case .success(let done?): (next, isHeld) = (done.lookAgainAt, done.isHeld)
                case .success(nil): plan.isStale = true
                case .failure: next = later
                }
            }
            plan.lookAt = [plan.lookAt, next].compactMap { $0 }.min()
            plan.isHeld = plan.isHeld || isHeld
        }
        return plan
    }

    private var later: Instant { core.clock().advanced(byMilliseconds: Self.retryMilliseconds) }

    private struct Commit: Sendable {
        var look: ScheduleLook
        /// On a lane: their executions are to hear of it.
        var cancelled: [RunRecord] = []
        /// By this commit.
        var ended: [RunRecord] = []
    }

    private func look(at record: ScheduleRecord) async -> Result<ScheduleLook?, JournalError> {
        let refusal = core.refusal(of: record)
        let core = core
        let reason = "schedule \(record.name) starts its next run"
        do {
            let commit = try await core.journal.write { journal throws(JournalError) -> Commit? in
                guard
                    let look = try journal.scheduleLook(
                        record.name, revision: record.revision, refusal: refusal, run: core.scheduledRun)
                else { return nil }
                var commit = Commit(look: look)
                guard let stop = look.stop else { return commit }
                for run in look.open {
                    let running = try journal.runRequestCancel(run, reason: reason)
                    if stop == .terminate {
                        for run in running { try RunExecution.terminate(run, reason, in: journal) }
                    }
                    commit.cancelled += running
                    if let run = try journal.run(run), run.state.isTerminal { commit.ended.append(run) }
                }
                return commit
            }
            guard let commit else { return .success(nil) }
            for run in commit.cancelled { core.cancel(run, reason) }
            for run in commit.ended { core.announceEnd(of: run) }
            return .success(commit.look)
        } catch {
            return .failure(error)
        }
    }
}

extension RunExecution {
    /// Ends a run that is on a lane, in the caller's transaction: its execution finds that it is no longer the
    /// owner. A call that was sent counts as paid.
    static func terminate(
        _ run: RunRecord, _ reason: String, in journal: any JournalTransaction
    ) throws(JournalError) {
        for hold in try journal.reservations(of: run.id) {
            _ =
                isModelAttempt(hold.attempt)
                ? try journal.budgetAmbiguous(hold.attempt) : try journal.budgetRelease(hold.attempt)
        }
        _ = try journal.runFinish(run.id, fence: run.fence, outcome: .cancelled(Failure(.cancelled, reason)))
    }
}

extension EngineCore {
    /// For any schedule: as its definition says, with the caps of the nodes that pay.
    var scheduledRun: ScheduledRun {
        { [self] record, fire, input, journal throws(JournalError) in
            try ScheduleRuns.run(record, fire, input, id: newRunID(), journal)
                .classified(by: settings.policy)
        }
    }

    /// Why a run of the schedule would not be admitted now.
    func refusal(of record: ScheduleRecord) -> String? {
        do {
            try admit(record.definition.task, input: record.definition.sampleInput(record.name, at: clock()))
            return nil
        } catch {
            return error.failure.message
        }
    }
}

/// The runs of schedules, with a host or without.
package enum ScheduleRuns {
    /// For a store that no host has open. Whether the task takes the input shows when a host begins the run.
    package static let withoutHost: ScheduledRun = { record, fire, input, journal throws(JournalError) in
        let id = RunID(
            unixMilliseconds: SystemClock.now().unixMilliseconds, random: SystemClock.randomBytes(count: 10))
        return try run(record, fire, input, id: id, journal).classified(by: .none)
    }

    static func run(
        _ record: ScheduleRecord, _ fire: ScheduleFire, _ input: [UInt8], id: RunID, _ journal: any JournalReading
    ) throws(JournalError) -> NewRun {
        let definition = record.definition
        let run = NewRun(
            id: id, tenant: definition.tenant, task: definition.task, agent: definition.agent,
            priority: definition.priority, input: input, user: definition.user)
        return try run.withDefaultCaps(journal)
    }
}

extension ScheduleDefinition {
    /// As a run at `now` would get it: what a fire puts in are texts, whichever it is.
    func sampleInput(_ schedule: String, at now: Instant) -> [UInt8] {
        input(of: ScheduleFire(nominal: now, cause: .due), schedule: schedule, .utc).bytes
    }
}
