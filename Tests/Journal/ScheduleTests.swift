import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Schedules fire each time once")
struct ScheduleTests {
    private static let task = TaskReference(department: "finance", task: "close")

    private func definition(
        _ expression: String = "every 10m", zone: String = "UTC", gap: GapPolicy = .end, fold: FoldPolicy = .first,
        _ policy: SchedulePolicy = SchedulePolicy(overlap: .allow)
    ) -> ScheduleDefinition {
        ScheduleDefinition(
            tenant: "acme", task: Self.task, input: ["day": ["$fire": "date"], "at": ["$fire": "local"]],
            expression: expression, zone: zone, gap: gap, fold: fold, policy: policy)
    }

    private func set(_ store: TestStore, _ definition: ScheduleDefinition, _ name: String = "s") async throws {
        _ = try await store.journal.write { tx throws(JournalError) in
            try tx.scheduleSet(name, definition, expected: nil, by: "ana")
        }
    }

    @discardableResult
    private func look(_ store: TestStore, _ name: String = "s", refusal: String? = nil) async throws -> ScheduleLook? {
        try await store.journal.write { tx throws(JournalError) in
            guard let revision = try tx.schedule(name)?.revision else { return nil }
            return try tx.scheduleLook(name, revision: revision, refusal: refusal, run: Self.run)
        }
    }

    private static let run: ScheduledRun = { record, _, input, _ in
        NewRun(id: .sample(), tenant: record.definition.tenant, task: record.definition.task, input: input)
    }

    private func fires(_ store: TestStore, _ name: String = "s") async throws -> [ScheduleFireRecord] {
        try await store.journal.read { tx throws(JournalError) in
            try tx.scheduleFires(name, before: nil, limit: 2_000)
        }
    }

    private func minutes(_ store: TestStore, from start: Instant) async throws -> [Int64] {
        try await fires(store).map { ($0.fire.nominal.unixMilliseconds - start.unixMilliseconds) / 60_000 }.reversed()
    }

    private func missed(_ store: TestStore) async throws -> [String] {
        try await store.journal.read { tx throws(JournalError) in try tx.events(root: nil, after: 0, limit: 1_000) }
            .filter { $0.event.topic == "schedule.missed" }.compactMap { $0.event.body["reason"]?.stringValue }
    }

    @Test("what is due becomes one run with its fire, however often and from however many loops it is looked at")
    func race() async throws {
        let store = try await TestStore()
        try await set(store, definition(SchedulePolicy(misfire: .catchUp(atMost: 9), overlap: .allow)))
        store.clock.advance(byMilliseconds: 601_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in 0..<2 {
                group.addTask {
                    for round in 0..<200 {
                        if loop == 0, round.isMultiple(of: 20) { store.clock.advance(byMilliseconds: 600_000) }
                        try await look(store)
                    }
                }
            }
            try await group.waitForAll()
        }
        let fires = try await fires(store)
        #expect(fires.count == 11)
        #expect(Set(fires.map(\.fire.nominal)).count == 11 && Set(fires.map(\.run)).count == 11)
        let runs = try await store.journal.read { tx throws(JournalError) in
            try tx.runs(RunFilter(), before: nil, limit: 100)
        }
        #expect(Set(runs.map(\.id)) == Set(fires.map(\.run)))
        let first = try fires.last.orFail("no fire")
        #expect(runs.last?.idempotencyKey == "schedule/s/\(first.fire.nominal.unixMilliseconds)")
        let input = runs.last.map { String(decoding: $0.input, as: UTF8.self) }
        #expect(input == #"{"at":"2027-01-15T08:10:00+00:00","day":"2027-01-15"}"#)
        #expect(try await store.mismatches() == [])
    }

    @Test("a clock that is set back by an hour fires nothing again; one set forward is a late fire")
    func clockSteps() async throws {
        let store = try await TestStore()
        let start = store.clock.now
        try await set(store, definition())
        store.clock.advance(byMilliseconds: 30 * 60_000)
        try await look(store)
        store.clock.advance(byMilliseconds: -60 * 60_000)
        for _ in 0..<12 {
            store.clock.advance(byMilliseconds: 5 * 60_000)
            try await look(store)
        }
        #expect(try await minutes(store, from: start) == [30])
        store.clock.advance(byMilliseconds: 5 * 60 * 60_000)
        try await look(store)
        #expect(try await minutes(store, from: start) == [30, 330])
        #expect(try await fires(store).first?.fire.cause == .due)
    }

    @Test(
        "a host that was away for 55 minutes starts what the policy says, and says what it does not",
        arguments: [
            (MisfirePolicy.skip, [Int64](), ["misfire"]), (.latest, [50], ["misfire"]),
            (.catchUp(atMost: 3), [30, 40, 50], ["misfire"]), (.catchUp(atMost: 9), [10, 20, 30, 40, 50], []),
        ])
    func misfires(policy: MisfirePolicy, fired: [Int64], told: [String]) async throws {
        let first = try await TestStore()
        let start = first.clock.now
        try await set(first, definition(SchedulePolicy(misfire: policy, overlap: .allow)))
        first.clock.advance(byMilliseconds: 55 * 60_000)
        let store = try await first.reopened()
        try await look(store)
        #expect(try await minutes(store, from: start) == fired)
        #expect(try await missed(store) == told)
        #expect(try await store.mismatches() == [])
    }

    private func definition(_ policy: SchedulePolicy) -> ScheduleDefinition { definition("every 10m", policy) }

    @Test("a schedule that is removed and made again does not fire what the first one fired")
    func madeAgain() async throws {
        let store = try await TestStore()
        try await set(store, definition("*/10 * * * *"))
        store.clock.advance(byMilliseconds: 600_000)
        try await look(store)
        try await store.journal.write { tx throws(JournalError) in try tx.scheduleRemove("s", by: "ana") }
        store.clock.advance(byMilliseconds: -590_000)
        try await set(store, definition("*/10 * * * *"))
        store.clock.advance(byMilliseconds: 600_000)
        try await look(store)
        #expect(try await fires(store).count == 1)
        #expect(try await store.mismatches() == [])
    }

    @Test("a run that is not admitted is a miss, and can be backfilled; a backfill starts nothing twice")
    func refusedAndBackfilled() async throws {
        let store = try await TestStore()
        let start = store.clock.now
        try await set(store, definition())
        store.clock.advance(byMilliseconds: 600_000)
        #expect(try await look(store, refusal: "department finance is off")?.started == [])
        #expect(try await missed(store) == ["refused"])
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetStop(.tenant("acme"), by: "ana", reason: "idle")
        }
        store.clock.advance(byMilliseconds: 600_000)
        #expect(try await look(store)?.misses.map(\.reason) == [.refused])
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetResume(.tenant("acme"), by: "ana", reason: "go")
        }
        store.clock.advance(byMilliseconds: 600_000)
        try await look(store)
        #expect(try await minutes(store, from: start) == [30])
        let end = store.clock.now
        func backfill(limit: Int = 10) async throws -> Int {
            try await store.journal.write { tx throws(JournalError) in
                try tx.scheduleBackfill("s", from: start, through: end, limit: limit, run: Self.run)
            }.count
        }
        #expect(try await refusal { try await backfill(limit: 2) } == .invalid)
        #expect(try await backfill() == 2)
        #expect(try await backfill() == 0)
        #expect(try await minutes(store, from: start) == [10, 20, 30])
        #expect(try await store.mismatches() == [])
    }

    @Test("other times owe nothing to the old ones; another input changes no time; a stale revision is refused")
    func edits() async throws {
        let store = try await TestStore()
        let start = store.clock.now
        try await set(store, definition())
        store.clock.advance(byMilliseconds: 15 * 60_000)
        var other = definition()
        other.input = ["other": true]
        try await set(store, other)
        try await look(store)
        #expect(try await minutes(store, from: start) == [10])
        store.clock.advance(byMilliseconds: 10 * 60_000)
        other.expression = "@every 7m"
        try await set(store, other)
        #expect(try await missed(store) == ["changed"])
        store.clock.advance(byMilliseconds: 7 * 60_000)
        try await look(store)
        #expect(try await minutes(store, from: start) == [10, 32])
        let stale = try await refusal {
            _ = try await store.journal.write { [other] tx throws(JournalError) in
                try tx.scheduleSet("s", other, expected: 1, by: "bob")
            }
        }
        #expect(stale == .conflict(current: 3))
        for wrong in [definition("0 9 30 2 *"), definition(zone: "Mars/Olympus")] {
            let code = try await refusal { try await set(store, wrong, "wrong") }
            #expect(code == .invalid)
        }
        #expect(try await store.mismatches() == [])
    }

    @Test("paused, times pass and are told at the resume; held, a fire waits for the open run's end")
    func pausedAndHeld() async throws {
        let store = try await TestStore()
        let start = store.clock.now
        try await set(store, definition(SchedulePolicy(overlap: .queueOne)))
        store.clock.advance(byMilliseconds: 600_000)
        let first = try await look(store)?.started.first
        store.clock.advance(byMilliseconds: 600_000)
        #expect(try await look(store)?.isHeld == true)
        let run = try await store.journal.write { tx throws(JournalError) in
            try tx.runClaim(departments: ["finance"], limit: 1)
        }.first
        #expect(run?.id == first?.id)
        try await store.journal.write { tx throws(JournalError) in
            guard let run else { return }
            _ = try tx.runFinish(run.id, fence: run.fence, outcome: .done([]))
        }
        let outlook = try await store.journal.read { tx throws(JournalError) in try tx.scheduleOutlook("s") }
        #expect(outlook?.openRuns == 0 && outlook.map { ($0.lookAt ?? start) <= store.clock.now } == true)
        #expect(try await look(store)?.started.count == 1)
        #expect(try await fires(store).first?.fire.cause == .held)
        _ = try await store.journal.write { tx throws(JournalError) in try tx.schedulePause("s", by: "ana") }
        store.clock.advance(byMilliseconds: 1_200_000)
        #expect(try await look(store) == nil)
        _ = try await store.journal.write { tx throws(JournalError) in try tx.scheduleResume("s", by: "ana") }
        #expect(try await missed(store) == ["paused"])
        #expect(try await minutes(store, from: start) == [10, 20])
        #expect(try await store.mismatches() == [])
    }

    @Test(
        "a host killed before or after the commit of a decision: each time has exactly one run",
        arguments: ["before", "after"], [2, 3, 9])
    func killed(moment: String, commit: Int) async throws {
        let folder = try Scratch()
        let child = try ChildProcess.writer([folder.path, "1", moment, "\(commit)", "schedule"])
        let told = child.remainingLines()
        let looks = commit - 1  // The first commit makes the schedule.
        #expect(told.count == looks - 1, "the kill comes before the looks are told of")
        let store = try await TestStore(folder: folder)
        let start = store.clock.now
        let stored = try await fires(store, "beat")
        #expect(stored.count == (moment == "before" ? looks - 1 : looks))
        try await set(
            store,
            ScheduleDefinition(
                task: TaskReference(department: "d", task: "t"), expression: "every 1s",
                policy: SchedulePolicy(misfire: .catchUp(atMost: 1_000), overlap: .allow)), "beat")
        store.clock.advance(byMilliseconds: 20_000)
        try await look(store, "beat")
        let seconds = try await fires(store, "beat").map {
            ($0.fire.nominal.unixMilliseconds - start.unixMilliseconds) / 1_000
        }
        #expect(seconds.reversed() == Array(1...20))
        let keys = try await store.journal.read { tx throws(JournalError) in
            try tx.runs(RunFilter(), before: nil, limit: 100)
        }.compactMap(\.idempotencyKey)
        #expect(keys.count == 20 && Set(keys).count == 20 && Set(told).isSubset(of: keys))
        #expect(try await store.mismatches() == [])
        await store.journal.close()
    }
}
