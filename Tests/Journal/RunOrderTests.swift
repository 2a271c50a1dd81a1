import Journal
import Kernel
import Testing

@Suite("The order and the time of runs")
struct RunOrderTests {
    private static func keyed(
        _ strategy: ActiveRunStrategy, key: String = "customer-7", startAt: Instant? = nil
    ) -> NewRun {
        var run = NewRun.sample(startAt: startAt)
        run.scheduling = RunScheduling(key: key, whenActive: strategy)
        return run
    }

    private func admit(_ store: TestStore, _ run: NewRun) async throws -> RunAdmission {
        try await store.journal.write { journal throws(JournalError) in try journal.runAdmit(run) }
    }

    private func claim(_ store: TestStore, _ run: RunRecord) async throws -> RunRecord? {
        try await store.journal.write { journal throws(JournalError) in try journal.runClaim([run.number]) }.first
    }

    private func finish(_ store: TestStore, _ run: RunRecord) async throws {
        _ = try await store.journal.write { journal throws(JournalError) in
            try journal.runFinish(run.id, fence: run.fence, outcome: .done([]))
        }
    }

    private func nextDue(_ store: TestStore) async throws -> Instant? {
        try await store.journal.read { journal throws(JournalError) in try journal.runNextDue() }
    }

    private func states(_ store: TestStore, _ runs: [RunRecord]) async throws -> [RunState] {
        var states: [RunState] = []
        for run in runs { states.append(try await store.run(run.id).state) }
        return states
    }

    @Test("a run of a key that is open is refused, or waits its turn, and starts in the commit that ends the other")
    func turns() async throws {
        let store = try await TestStore()
        let first = try await admit(store, Self.keyed(.enqueue(atMost: 2))).run
        #expect(first.state == .ready)
        let refused = try await refusal { try await admit(store, Self.keyed(.reject)) }
        #expect(refused == .conflict(current: 0))
        let second = try await admit(store, Self.keyed(.enqueue(atMost: 2))).run
        let third = try await admit(store, Self.keyed(.enqueue(atMost: 2))).run
        #expect(second.state == .scheduled && third.state == .scheduled)
        #expect(try await refusal { try await admit(store, Self.keyed(.enqueue(atMost: 2))) } == .conflict(current: 0))
        #expect(try await admit(store, Self.keyed(.reject, key: "another")).run.state == .ready)

        store.clock.advance(byMilliseconds: 1_000)
        let running = try #require(try await claim(store, first))
        #expect(try await states(store, [second, third]) == [.scheduled, .scheduled])
        try await finish(store, running)
        #expect(try await states(store, [second, third]) == [.ready, .scheduled])
        #expect(try await store.run(second.id).readyAt == store.clock.now)
        try await finish(store, try #require(try await claim(store, second)))
        #expect(try await states(store, [third]) == [.ready])
        #expect(try await store.mismatches() == [])
    }

    @Test("interrupting asks the active run to stop and goes before those that wait; replacing drops them")
    func interrupts() async throws {
        let store = try await TestStore()
        let active = try #require(try await claim(store, try await admit(store, Self.keyed(.allow)).run))
        let waiting = try await admit(store, Self.keyed(.enqueue(atMost: 9))).run
        let urgent = try await admit(store, Self.keyed(.interrupt))
        #expect(urgent.stopped.map(\.id) == [active.id])
        #expect(urgent.run.state == .scheduled)
        let newest = try await admit(store, Self.keyed(.replace))
        #expect(newest.stopped.map(\.id) == [active.id])
        #expect(try await states(store, [waiting, urgent.run]) == [.cancelled, .cancelled])
        _ = try await store.journal.write { journal throws(JournalError) in
            try journal.runFinish(
                active.id, fence: active.fence, outcome: .cancelled(Failure(.cancelled, "asked to")))
        }
        #expect(try await states(store, [newest.run]) == [.ready])
        #expect(try await store.mismatches() == [])
    }

    @Test("an idle active run is replaced in one commit")
    func replacesIdle() async throws {
        let store = try await TestStore()
        let idle = try await admit(store, Self.keyed(.replace)).run
        let newer = try await admit(store, Self.keyed(.replace))
        #expect(newer.stopped.isEmpty && newer.run.state == .ready)
        #expect(try await states(store, [idle]) == [.cancelled])
    }

    @Test("of a burst only the newest starts, when it is quiet, but not while another of the key is active")
    func debounce() async throws {
        let store = try await TestStore()
        let strategy = ActiveRunStrategy.debounce(quietMilliseconds: 5_000, longestWaitMilliseconds: 8_000)
        let first = try await admit(store, Self.keyed(strategy)).run
        store.clock.advance(byMilliseconds: 4_000)
        let second = try await admit(store, Self.keyed(strategy)).run
        #expect(try await states(store, [first]) == [.cancelled])
        #expect(second.wakeAt == store.clock.now.advanced(byMilliseconds: 4_000), "the longest wait is from the first")
        let active = try #require(try await claim(store, try await admit(store, Self.keyed(.allow)).run))
        store.clock.advance(byMilliseconds: 60_000)
        let release = { @Sendable (journal: any JournalTransaction) throws(JournalError) in
            try journal.runReleaseDue()
        }
        #expect(try await store.journal.write(release) == 0)
        try await finish(store, active)
        #expect(try await states(store, [second]) == [.ready])
    }

    @Test("the same request again is answered with its first run, and stops nothing")
    func idempotent() async throws {
        let store = try await TestStore()
        var run = Self.keyed(.replace)
        run.idempotencyKey = "once"
        let first = try await admit(store, run).run
        run.id = .sample()
        let again = run, refused = try await refusal { try await admit(store, again) }
        #expect(refused == .duplicate(first.id))
        #expect(try await states(store, [first]) == [.ready])
    }

    @Test("what has not begun in time fails, and what is idle at its deadline; what ran once may start late")
    func expiry() async throws {
        let store = try await TestStore()
        let soon = store.clock.now.advanced(byMilliseconds: 1_000)
        var late = NewRun.sample(), begun = NewRun.sample(), long = NewRun.sample()
        late.scheduling.startBy = soon
        begun.scheduling.startBy = soon
        long.scheduling.deadline = soon
        let idle = try await store.insert(late), tried = try await store.insert(begun)
        let open = try await store.insert(long)
        let again = try #require(try await claim(store, tried))
        _ = try await store.journal.write { journal throws(JournalError) in
            try journal.runRequeue(again.id, fence: again.fence, crashed: false, reason: "handed back")
        }
        #expect(try await nextDue(store) == soon)
        store.clock.advance(byMilliseconds: 1_000)
        let expiry = try await store.journal.write { journal throws(JournalError) in try journal.runExpire(limit: 10) }
        #expect(Set(expiry.ended.map(\.id)) == [idle.id, open.id])
        #expect(try await states(store, [idle, open, tried]) == [.failed, .failed, .ready])
        #expect(try await store.run(idle.id).failure?.message.contains("start-by") == true)
        #expect(try await store.run(open.id).failure?.status == .deadline)
        #expect(try await nextDue(store) == nil)
        #expect(try await store.mismatches() == [])
    }

    @Test("a run that is tried again later keeps its failure and its history, and a stale execution cannot delay it")
    func delays() async throws {
        let store = try await TestStore()
        let run = try await store.running()
        let later = store.clock.now.advanced(byMilliseconds: 5_000)
        let history = RetryHistory(
            firstStartedAt: store.clock.now, failures: [.transient: 2], lastDelayMilliseconds: 5_000)
        let delay = { @Sendable (journal: any JournalTransaction) throws(JournalError) in
            try journal.runDelay(
                run.id, fence: run.fence, until: later, failure: Failure(.io, "away"), history: history)
        }
        let delayed = try await store.journal.write(delay)
        #expect(delayed.state == .scheduled && delayed.wakeAt == later && delayed.fence > run.fence)
        #expect(delayed.failure == Failure(.io, "away") && delayed.retryHistory == history)
        #expect(try await refusal { try await store.journal.write(delay) } == .fenced)
        store.clock.advance(byMilliseconds: 5_000)
        _ = try await store.journal.write { journal throws(JournalError) in try journal.runReleaseDue() }
        let again = try #require(try await claim(store, delayed))
        #expect(again.attempt == 2 && again.retryHistory == history)
        #expect(try await store.mismatches() == [])
    }

    @Test("who claims hears of every run that waits and that waits no more, of committed changes only")
    func feed() async throws {
        let store = try await TestStore()
        _ = try await store.insert(.sample())
        #expect(store.journal.readyRuns.take().isEmpty, "nobody listened")
        store.journal.readyRuns.listen {}
        let first = try await store.insert(.sample()), second = try await store.insert(.sample(priority: 4))
        _ = try await refusal {
            try await store.journal.write { journal throws(JournalError) in
                _ = try journal.runInsert(.sample())
                throw JournalError(.invalid, "rolled back")
            }
        }
        _ = try await store.journal.write { journal throws(JournalError) in
            try journal.runRequestCancel(first.id, reason: "no")
        }
        #expect(store.journal.readyRuns.take() == [.waits(first.ready), .waits(second.ready), .left(first.number)])
        #expect(store.journal.readyRuns.take().isEmpty)
        let ready = try await store.journal.read { journal throws(JournalError) in
            try journal.runsReady(after: first.number, limit: 10)
        }
        #expect(ready == [second.ready])
    }

    @Test("a run that an earlier host had begun is cancelled at once, and a recovery goes in portions")
    func earlierHost() async throws {
        let store = try await TestStore()
        let runs = [try await store.running(), try await store.running(), try await store.running()]
        let after = try await store.reopened()
        let stopped = try await after.journal.write { journal throws(JournalError) in
            try journal.runRequestCancel(runs[0].id, reason: "no")
        }
        #expect(stopped.isEmpty, "it is on no lane of this host")
        let recover = { @Sendable (journal: any JournalTransaction) throws(JournalError) in
            try journal.runRecover(limit: 1)
        }
        for expected in [1, 1, 0] { #expect(try await after.journal.write(recover) == expected) }
        var states: [RunState] = []
        for run in runs { states.append(try await after.run(run.id).state) }
        #expect(states == [.cancelled, .ready, .ready])
        #expect(try await after.mismatches() == [])
    }

    @Test("limits, weights and windows read back, and what is no limit is refused")
    func limits() async throws {
        let store = try await TestStore()
        let zones = ZoneDirectory()
        let window = try MaintenanceWindow(
            "0 2 * * *", zone: "Europe/Berlin", milliseconds: 5_400_000,
            rules: try zones.rules("Europe/Berlin"))
        let record = MaintenanceRecord(
            name: "nightly", scope: .agent(department: "a", "b"), window: window, createdAt: store.clock.now)
        let limit = ClaimLimit(concurrency: 0, starts: TrafficLimits.PerMinute(limit: 6, burst: 1))
        try await store.journal.write { journal throws(JournalError) in
            try journal.claimLimitSet(.key(tenant: "acme", "a/b: c"), limit, by: "ana")
            try journal.claimWeightSet(ClaimWeight(tenant: "acme", weight: 3), by: "ana")
            try journal.maintenanceSet(record, by: "ana")
        }
        let (limits, weights, windows) = try await store.journal.read { journal throws(JournalError) in
            (try journal.claimLimits(), try journal.claimWeights(), try journal.maintenances())
        }
        #expect(limits == [.key(tenant: "acme", "a/b: c"): limit])
        #expect(weights == [ClaimWeight(tenant: "acme", weight: 3)])
        #expect(windows == [record])
        let missing = try await refusal {
            try await store.journal.write { journal throws(JournalError) in
                try journal.claimLimitSet(.queue("x"), nil, by: "ana")
            }
        }
        #expect(missing == .notFound)
    }
}
