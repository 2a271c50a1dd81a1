import Journal
import Kernel
import TestSupport
import Testing

@Suite("Budgets that begin anew")
struct BudgetWindowTests {
    private static let month = BudgetPeriod.calendar(.month, zone: "UTC")
    private static let day = BudgetPeriod.calendar(.day, zone: "UTC")
    private let tenant = BudgetNode.tenant("acme")

    /// 2027-01-31 23:59:59.900 UTC.
    private static let lateInJanuary: Int64 = 1_801_439_999_900

    private func hold(_ attempt: String, _ amount: Int64, run: RunID, _ path: [BudgetNode]) -> Reservation {
        Reservation(attempt: attempt, run: run, path: path, amount: Nanodollars(amount))
    }

    private func reserve(_ store: TestStore, _ hold: Reservation) async throws -> JournalError.Code? {
        try await refusal {
            try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }
        }
    }

    private func set(
        _ store: TestStore, _ node: BudgetNode, _ period: BudgetPeriod, _ amount: Int64,
        thresholds: [Int] = [], rollover: BudgetRollover = .none
    ) async throws {
        let limit = BudgetLimit(
            period: period, amount: Nanodollars(amount), thresholds: thresholds, rollover: rollover)
        try await store.journal.write { tx throws(JournalError) in try tx.budgetSet(node, limit) }
    }

    private func settle(_ store: TestStore, _ attempt: String, _ actual: Int64) async throws {
        _ = try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSettle(attempt, actual: Nanodollars(actual))
        }
    }

    private func record(_ store: TestStore, _ node: BudgetNode) async throws -> BudgetRecord {
        try await store.journal.read { tx throws(JournalError) in try tx.budget(node) }.orFail("no \(node)")
    }

    private func expectSound(_ store: TestStore, _ note: String = "") async throws {
        #expect(try await store.mismatches() == [], "\(note)")
        let report = try await store.journal.read { tx throws(JournalError) in try tx.ledgerFaults() }
        #expect(report.faults == [], "\(note)")
    }

    @Test("B1: at 9.5 of 10, five holds of 1 are all refused, and of five holds of 0.4 one is admitted")
    func nearTheCap() async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        try await set(store, tenant, Self.day, 10_000_000_000)
        #expect(try await reserve(store, hold("x", 9_500_000_000, run: run, [tenant])) == nil)
        try await settle(store, "x", 9_500_000_000)
        for number in 0..<5 {
            #expect(try await reserve(store, hold("a\(number)", 1_000_000_000, run: run, [tenant])) != nil)
        }
        var admitted = 0
        for number in 0..<5 where try await reserve(store, hold("b\(number)", 400_000_000, run: run, [tenant])) == nil {
            admitted += 1
        }
        #expect(admitted == 1)
        try await expectSound(store)
    }

    @Test("B2, B3: children may be promised more than the parent has; it decides, and nothing is half held")
    func oversubscription() async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        let left = BudgetNode.department(tenant: "acme", "left"), right = BudgetNode.department(tenant: "acme", "right")
        try await set(store, tenant, Self.month, 100)
        for child in [left, right] { try await set(store, child, Self.month, 60) }
        for number in 0..<6 {
            #expect(try await reserve(store, hold("l\(number)", 10, run: run, [tenant, left])) == nil)
        }
        for number in 0..<4 {
            #expect(try await reserve(store, hold("r\(number)", 10, run: run, [tenant, right])) == nil)
        }
        let refused = try await reserve(store, hold("r4", 10, run: run, [tenant, right]))
        #expect(refused == .budget(node: tenant, available: .zero, final: false))
        #expect(try await record(store, right).periods.first?.balance.held == Nanodollars(40))
        #expect(try await reserve(store, hold("l6", 10, run: run, [right, left])) != nil, "left is full")
        #expect(try await record(store, right).held == Nanodollars(40), "what was checked before it holds nothing")
        try await expectSound(store)
    }

    @Test("B4: what was held in January is January's, whenever it is settled")
    func reserveInstant() async throws {
        let clock = TestClock(Self.lateInJanuary)
        let store = try await TestStore(clock: clock), run = try await store.insert(.sample()).id
        try await set(store, tenant, Self.month, 100)
        #expect(try await reserve(store, hold("jan", 70, run: run, [tenant])) == nil)
        clock.advance(byMilliseconds: 200)
        #expect(try await reserve(store, hold("feb", 90, run: run, [tenant])) == nil, "February has its own 100")
        try await settle(store, "jan", 80)
        let entries = try await store.journal.read { tx throws(JournalError) in
            try tx.ledger(LedgerFilter(attempt: "jan"), after: 0, limit: 100)
        }
        let windows = Set(entries.filter { $0.account.period == Self.month }.map(\.account.opens))
        #expect(windows.count == 1 && entries.count == 6)
        #expect(try await record(store, tenant).periods.first?.balance.held == Nanodollars(90))
        try await expectSound(store)
    }

    @Test("B7: a day of 10 and a month of 25 on one node both bind")
    func twoLimits() async throws {
        let clock = TestClock()
        let store = try await TestStore(clock: clock), run = try await store.insert(.sample()).id
        try await set(store, tenant, Self.day, 10)
        try await set(store, tenant, Self.month, 25)
        for day in 0..<3 {
            let amount: Int64 = day < 2 ? 10 : 5
            #expect(try await reserve(store, hold("d\(day)", amount, run: run, [tenant])) == nil)
            try await settle(store, "d\(day)", amount)
            #expect(try await reserve(store, hold("e\(day)", 1, run: run, [tenant])) != nil)
            clock.advance(byMilliseconds: 86_400_000)
        }
        #expect(try await record(store, tenant).available == .zero)
        try await expectSound(store)
    }

    @Test("a window stays open while the clock steps back, and never opens again")
    func clockStepsBack() async throws {
        let clock = TestClock(Self.lateInJanuary)
        let store = try await TestStore(clock: clock), run = try await store.insert(.sample()).id
        try await set(store, tenant, Self.month, 100)
        clock.advance(byMilliseconds: 1_000)
        #expect(try await reserve(store, hold("feb", 100, run: run, [tenant])) == nil)
        clock.advance(byMilliseconds: -2_000)
        #expect(try await reserve(store, hold("back", 1, run: run, [tenant])) != nil, "January is over for ever")
        try await expectSound(store)
    }

    @Test("what is unused goes on up to its cap, and debt is taken from the next window")
    func rollover() async throws {
        let clock = TestClock()
        let store = try await TestStore(clock: clock), run = try await store.insert(.sample()).id
        let debtor = BudgetNode.tenant("debtor")
        try await set(store, tenant, Self.day, 100, rollover: .unused(upTo: Nanodollars(50)))
        try await set(store, debtor, Self.day, 100, rollover: .debt)
        for node in [tenant, debtor] {
            #expect(try await reserve(store, hold("1\(node)", 20, run: run, [node])) == nil)
        }
        try await settle(store, "1\(tenant)", 20)
        try await settle(store, "1\(debtor)", 130)
        clock.advance(byMilliseconds: 86_400_000)
        #expect(
            try await record(store, tenant).periods.first?.balance.issued == Nanodollars(150), "shown before it opens")
        #expect(try await reserve(store, hold("2", 151, run: run, [tenant])) != nil)
        #expect(try await reserve(store, hold("3", 150, run: run, [tenant])) == nil)
        #expect(try await reserve(store, hold("4", 71, run: run, [debtor])) != nil)
        #expect(try await reserve(store, hold("5", 70, run: run, [debtor])) == nil)
        try await expectSound(store)
    }

    @Test(
        "B12: a limit may be lowered below what is spent: new calls are refused, running ones end"
    )
    func lowered() async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        try await set(store, tenant, Self.day, 100)
        #expect(try await reserve(store, hold("a", 60, run: run, [tenant])) == nil)
        #expect(try await reserve(store, hold("b", 30, run: run, [tenant])) == nil)
        try await settle(store, "a", 60)
        try await set(store, tenant, Self.day, 40)
        #expect(try await record(store, tenant).available == Nanodollars(-50))
        #expect(try await reserve(store, hold("c", 1, run: run, [tenant])) != nil)
        try await settle(store, "b", 30)
        try await set(store, tenant, Self.day, 120)
        #expect(try await reserve(store, hold("d", 30, run: run, [tenant])) == nil)
        try await expectSound(store)
    }

    @Test(
        "an alert is raised once for each window and threshold, also over a restart")
    func alerts() async throws {
        let clock = TestClock()
        var store = try await TestStore(clock: clock)
        let run = try await store.insert(.sample()).id
        try await set(store, tenant, Self.day, 100, thresholds: [50, 80, 100])
        for round in 0..<3 {
            #expect(try await reserve(store, hold("a\(round)", 85, run: run, [tenant])) == nil)
            _ = try await store.journal.write { [round] tx throws(JournalError) in try tx.budgetRelease("a\(round)") }
            store = try await store.reopened()
        }
        func topics() async throws -> [String] {
            try await store.journal.read { tx throws(JournalError) in
                try tx.events(root: nil, after: 0, limit: 100).map(\.event.topic).filter { $0.hasPrefix("budget.") }
            }
        }
        #expect(try await topics() == ["budget.threshold", "budget.threshold"])
        #expect(try await reserve(store, hold("b", 100, run: run, [tenant])) == nil)
        try await settle(store, "b", 101)
        #expect(try await topics().suffix(2) == ["budget.exhausted", "budget.bound_violated"], "B11")
        clock.advance(byMilliseconds: 86_400_000)
        #expect(try await reserve(store, hold("c", 50, run: run, [tenant])) == nil)
        #expect(try await topics().count == 5)
        let alerts = try await store.journal.read { tx throws(JournalError) in try tx.budgetAlerts(limit: 100) }
        #expect(alerts.map(\.threshold) == [50, 50, 80, 100])
        try await expectSound(store)
    }

    @Test("a stopped node pays for nothing and admits no run, until it is resumed")
    func stop() async throws {
        var store = try await TestStore()
        let run = try await store.running()
        let department = BudgetNode.department(tenant: "acme", "research")
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetStop(department, by: "ana", reason: "runaway")
        }
        store = try await store.reopened()
        let path = BudgetNode.path(run.id)
        #expect(
            try await reserve(store, hold("a", 0, run: run.id, path))
                == .budget(node: department, available: .zero, final: true))
        let refused = try await refusal { try await store.insert(.sample()) }
        #expect(refused == .budget(node: department, available: .zero, final: true))
        _ = try await store.insert(.sample(TaskReference(department: "finance", task: "t")))
        let retried = try await refusal {
            try await store.journal.write { tx throws(JournalError) in try tx.runRetry(run.id) }
        }
        #expect(retried == .budget(node: department, available: .zero, final: true))
        let below = try await store.journal.write { tx throws(JournalError) in try tx.runsOpen(below: department) }
        #expect(below == [run.id])
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetResume(department, by: "ana", reason: "fixed")
        }
        #expect(try await reserve(store, hold("a", 0, run: run.id, path)) == nil)
        let again = try await refusal {
            try await store.journal.write { tx throws(JournalError) in
                try tx.budgetResume(department, by: "ana", reason: "")
            }
        }
        #expect(again == .notFound)
        try await expectSound(store)
    }

    @Test(
        "a correction moves what was posted, in the windows of its hold, and says why")
    func adjust() async throws {
        let clock = TestClock(Self.lateInJanuary)
        let store = try await TestStore(clock: clock), run = try await store.insert(.sample()).id
        try await set(store, tenant, Self.month, 100)
        #expect(try await reserve(store, hold("a", 70, run: run, [tenant])) == nil)
        let open = try await refusal {
            try await store.journal.write { tx throws(JournalError) in
                try tx.ledgerAdjust("a", cost: .zero, by: "ana", reason: "r", evidence: "e")
            }
        }
        #expect(open == .invalid)
        try await settle(store, "a", 50)
        clock.advance(byMilliseconds: 1_000)
        for (cost, before) in [(30, 50), (90, 30)] as [(Int64, Int64)] {
            let adjustment = try await store.journal.write { tx throws(JournalError) in
                try tx.ledgerAdjust("a", cost: Nanodollars(cost), by: "ana", reason: "bill", evidence: "inv-7")
            }
            #expect(adjustment.before == Nanodollars(before))
            #expect(try await record(store, tenant).spent == Nanodollars(cost))
        }
        #expect(try await store.run(run).cost == Nanodollars(40), "the run's own sum follows")
        let corrections = try await store.journal.read { tx throws(JournalError) in try tx.ledgerAdjustments() }
        #expect(corrections.map(\.after) == [Nanodollars(30), Nanodollars(90)])
        try await expectSound(store)
    }

    @Test("tokens of a run and its children are held and settled like money")
    func tokens() async throws {
        let store = try await TestStore()
        var new = NewRun.sample()
        new.caps = RunCaps(tokens: 100)
        let parent = try await store.running(new)
        let child = try await store.insert(.sample(parent: parent)).id
        func reserve(_ attempt: String, _ run: RunID, _ tokens: Int64) async throws -> Bool? {
            let hold = Reservation(
                attempt: attempt, run: run, path: [tenant], amount: .zero, tokens: tokens)
            guard case .budget(_, _, let isFinal)? = try await self.reserve(store, hold) else { return nil }
            return isFinal
        }
        #expect(try await reserve("a", parent.id, 60) == nil)
        #expect(try await reserve("b", child, 41) == false, "busy")
        #expect(try await reserve("c", child, 101) == true, "never")
        _ = try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSettle("a", actual: .zero, usage: .sample(20))
        }
        #expect(try await reserve("d", child, 80) == nil)
        _ = try await store.journal.write { tx throws(JournalError) in try tx.budgetAmbiguous("d") }
        #expect(try await reserve("e", parent.id, 1) == true, "what may have been used counts")
        try await expectSound(store)
    }

    @Test("an unknown zone is refused when the limit is set")
    func unknownZone() async throws {
        let store = try await TestStore()
        let code = try await refusal {
            try await set(store, tenant, .calendar(.day, zone: "Europe/Atlantis"), 1)
        }
        #expect(code == .invalid)
        #expect(try await store.leafTypes() == [])
    }
}
