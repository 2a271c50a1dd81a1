import Kernel
import TestSupport
import Testing

@Suite("Schedules")
struct ScheduleTests {
    private static let minute: Int64 = 60_000

    /// Minutes since the schedule was made.
    private func at(_ minutes: Double) -> Instant { Instant(unixMilliseconds: Int64(minutes * 60_000)) }

    private func everyTenMinutes() throws -> Recurrence {
        try Recurrence("*/10 * * * *", clock: WallClock(), anchor: Instant(unixMilliseconds: 0))
    }

    private func minutes(_ fires: [ScheduleFire]) -> [Int64] { fires.map { $0.nominal.unixMilliseconds / Self.minute } }

    private func minutes(_ miss: ScheduleMiss) -> ClosedRange<Int64> {
        miss.first.unixMilliseconds / Self.minute...miss.last.unixMilliseconds / Self.minute
    }

    @Test("a time fires when it is due, once, and the next look is for the next time")
    func due() throws {
        let recurrence = try everyTenMinutes()
        var state = ScheduleState(createdAt: at(0))
        let policy = SchedulePolicy(overlap: .allow)
        #expect(state.decide(recurrence, policy, openRuns: 0, at: at(9.99)).fires.isEmpty)
        let decision = state.decide(recurrence, policy, openRuns: 0, at: at(10))
        #expect(decision.fires == [ScheduleFire(nominal: at(10), cause: .due)])
        #expect(decision.lookAgainAt == at(20))
        #expect(state.decide(recurrence, policy, openRuns: 0, at: at(10)).fires.isEmpty)
        #expect(decision.fires.first?.idempotencyKey(schedule: "s") == "schedule/s/600000")
    }

    @Test("after 55 minutes without a host: none, the latest, or the latest so many, and the rest is named")
    func misfire() throws {
        let recurrence = try everyTenMinutes()
        func look(_ misfire: MisfirePolicy, deadline: Int64? = nil) -> ScheduleDecision {
            var state = ScheduleState(createdAt: at(0))
            let policy = SchedulePolicy(
                misfire: misfire, overlap: .allow, startDeadlineMilliseconds: deadline.map { $0 * Self.minute })
            return state.decide(recurrence, policy, openRuns: 0, at: at(55))
        }
        #expect(look(.skip).fires.isEmpty)
        #expect(look(.skip).misses.map(minutes) == [10...50])
        #expect(look(.latest).fires == [ScheduleFire(nominal: at(50), cause: .late)])
        #expect(look(.latest).misses.map(minutes) == [10...40])
        #expect(minutes(look(.catchUp(atMost: 3)).fires) == [30, 40, 50])
        #expect(minutes(look(.catchUp(atMost: 9)).fires) == [10, 20, 30, 40, 50])
        #expect(minutes(look(.catchUp(atMost: 9), deadline: 16).fires) == [40, 50])
        #expect(look(.latest, deadline: 4).fires.isEmpty)
    }

    @Test("a year without a host costs no more than a minute, even for a schedule of every second")
    func longAbsence() throws {
        let recurrence = try Recurrence("* * * * * *", clock: WallClock(), anchor: at(0))
        var state = ScheduleState(createdAt: at(0))
        let decision = state.decide(
            recurrence, SchedulePolicy(misfire: .catchUp(atMost: .max), overlap: .allow), openRuns: 0, at: at(525_600))
        #expect(decision.fires.count == SchedulePolicy.maximumCatchUp)
        #expect(decision.fires.last?.nominal == at(525_600))
    }

    @Test("while a run is open: another, none, one later, or one instead")
    func overlap() throws {
        let recurrence = try everyTenMinutes()
        func looks(_ overlap: OverlapPolicy) -> (
            state: ScheduleState, first: ScheduleDecision, second: ScheduleDecision
        ) {
            var state = ScheduleState(createdAt: at(0))
            let first = state.decide(recurrence, SchedulePolicy(overlap: overlap), openRuns: 1, at: at(10))
            let second = state.decide(recurrence, SchedulePolicy(overlap: overlap), openRuns: 1, at: at(20))
            return (state, first, second)
        }
        #expect(minutes(looks(.allow).second.fires) == [20])
        let skip = looks(.skip)
        #expect(skip.first.fires.isEmpty && skip.first.misses.map(\.reason) == [.overlap])

        var queue = looks(.queueOne)
        #expect(queue.first.fires.isEmpty && queue.first.misses.isEmpty && queue.state.held == at(10))
        #expect(queue.second.misses == [ScheduleMiss(first: at(20), last: at(20), reason: .overlap)])
        let policy = SchedulePolicy(overlap: .queueOne)
        #expect(
            queue.state.decide(recurrence, policy, openRuns: 0, at: at(21)).fires
                == [ScheduleFire(nominal: at(10), cause: .held)])
        #expect(queue.state.held == nil)

        let cancel = looks(.cancelPrevious)
        #expect(cancel.first.stop == .cancel && cancel.first.fires.isEmpty && cancel.state.held == at(20))
        #expect(cancel.second.misses.map(\.reason) == [.replaced])

        let terminate = looks(.terminatePrevious)
        #expect(terminate.first.stop == .terminate && minutes(terminate.first.fires) == [10])
    }

    @Test(
        "of several times at once, what stops its predecessor starts only the latest",
        arguments: [
            OverlapPolicy.cancelPrevious, .terminatePrevious,
        ])
    func catchUpOverlap(overlap: OverlapPolicy) throws {
        var state = ScheduleState(createdAt: at(0))
        let policy = SchedulePolicy(misfire: .catchUp(atMost: 5), overlap: overlap)
        let decision = state.decide(try everyTenMinutes(), policy, openRuns: 0, at: at(35))
        #expect(minutes(decision.fires) == [30] && decision.stop == nil && state.held == nil)
        #expect(decision.misses.map(\.reason) == [.replaced, .replaced])
    }

    @Test("what was held back too long does not start any more, and the look for that is planned")
    func heldDeadline() throws {
        let recurrence = try everyTenMinutes()
        var state = ScheduleState(createdAt: at(0))
        let policy = SchedulePolicy(overlap: .queueOne, startDeadlineMilliseconds: 5 * Self.minute)
        let first = state.decide(recurrence, policy, openRuns: 1, at: at(10))
        let expiry = try #require(first.lookAgainAt)
        #expect(expiry == at(15).advanced(byMilliseconds: 1))
        #expect(state.decide(recurrence, policy, openRuns: 1, at: expiry).misses.map(\.reason) == [.deadline])
        #expect(state.held == nil)
    }

    @Test("a clock that is set back fires nothing again")
    func clockBack() throws {
        let recurrence = try everyTenMinutes()
        var state = ScheduleState(createdAt: at(0))
        let policy = SchedulePolicy(overlap: .allow)
        #expect(minutes(state.decide(recurrence, policy, openRuns: 0, at: at(30)).fires) == [30])
        let decision = state.decide(recurrence, policy, openRuns: 0, at: at(5))
        #expect(decision.fires.isEmpty && decision.lookAgainAt == at(40))
        #expect(state.decide(recurrence, policy, openRuns: 0, at: at(30)).fires.isEmpty)
    }

    @Test("what passes during a pause stays unfired until it is backfilled, and then fires once")
    func pauseAndBackfill() throws {
        let recurrence = try everyTenMinutes()
        var state = ScheduleState(createdAt: at(0))
        let policy = SchedulePolicy(misfire: .catchUp(atMost: 100), overlap: .allow)
        state.pause()
        #expect(state.decide(recurrence, policy, openRuns: 0, at: at(35)).fires.isEmpty)
        #expect(state.resume(recurrence, at: at(35)).map(minutes) == 10...30)
        #expect(state.decide(recurrence, policy, openRuns: 0, at: at(36)).fires.isEmpty)
        let fires = try state.backfill(recurrence, from: at(10), through: at(30)) { $0 == at(20) }
        #expect(minutes(fires) == [10, 30] && fires.allSatisfy { $0.cause == .backfill })
        #expect(throws: BackfillError.empty) {
            try state.backfill(recurrence, from: at(10), through: at(30)) { _ in true }
        }
        #expect(throws: BackfillError.notPast(highWater: at(36))) {
            try state.backfill(recurrence, from: at(10), through: at(40)) { _ in false }
        }
        #expect(throws: BackfillError.tooMany(atLeast: 3, limit: 2)) {
            try state.backfill(recurrence, from: at(10), through: at(30), limit: 2) { _ in false }
        }
    }

    @Test("under any clock, load and pauses, each nominal time is fired, held or accounted for exactly once")
    func everyTimeOnce() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let recurrence = try everyTenMinutes()
        let misfires: [MisfirePolicy] = [.skip, .latest, .catchUp(atMost: 3)]
        for overlap in OverlapPolicy.allCases {
            for misfire in misfires {
                for deadline in [nil, 15 * Self.minute] {
                    let policy = SchedulePolicy(
                        misfire: misfire, overlap: overlap, startDeadlineMilliseconds: deadline)
                    var state = ScheduleState(createdAt: at(0))
                    var seen: [Instant: Int] = [:]
                    var now = at(0)
                    var latest = now
                    func count(_ misses: [ScheduleMiss]) {
                        for miss in misses {
                            var time: Instant? = miss.first
                            while let nominal = time, nominal <= miss.last {
                                seen[nominal, default: 0] += 1
                                time = recurrence.next(after: nominal)
                            }
                        }
                    }
                    for _ in 0..<200 {
                        now = now.advanced(byMilliseconds: Int64.random(in: -4...25, using: &random) * Self.minute)
                        latest = max(latest, now)
                        if random.next() % 20 == 0 { state.pause() }
                        if random.next() % 5 == 0 { count(state.resume(recurrence, at: now).map { [$0] } ?? []) }
                        let open = Int(random.next() % 2)
                        let decision = state.decide(recurrence, policy, openRuns: open, at: now)
                        for fire in decision.fires { seen[fire.nominal, default: 0] += 1 }
                        count(decision.misses)
                    }
                    count(state.resume(recurrence, at: latest).map { [$0] } ?? [])
                    let final = state.decide(recurrence, policy, openRuns: 1, at: latest)
                    for fire in final.fires { seen[fire.nominal, default: 0] += 1 }
                    count(final.misses)
                    if let held = state.held { seen[held, default: 0] += 1 }
                    let all = recurrence.preview(after: at(0), count: 1_000).filter { $0 <= latest }
                    #expect(Set(all) == Set(seen.keys), "\(overlap) \(misfire) seed \(seed)")
                    #expect(seen.values.allSatisfy { $0 == 1 }, "\(overlap) \(misfire) seed \(seed)")
                }
            }
        }
    }
}
