import Journal
import Kernel
import TestSupport
import Testing

@Suite("Cost reports")
struct CostReportTests {
    private static let day: Int64 = 86_400_000

    /// Random calls of several tenants, departments, agents, users and models over ten weeks, with every kind of end,
    /// corrections, and holds still open.
    private func filled(_ random: inout SplitMix64) async throws -> TestStore {
        let store = try await TestStore()
        let runs = [try await store.insert(.sample()).id, try await store.insert(.sample()).id, RunID.sample()]
        func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
        for number in 0..<300 {
            store.clock.advance(byMilliseconds: Int64.random(in: 0...Self.day / 2, using: &random))
            let path = BudgetPayer(
                tenant: pick(["acme", "zeta"]), department: pick(["research", "finance"]), agent: pick(["x", "y"]),
                user: pick([nil, "ana"])
            ).nodes
            let detail = pick([ChargeTests.book, ChargeTests.assumed, nil])
            let hold = Reservation(
                attempt: "\(number)", run: pick(runs), path: path,
                amount: Nanodollars(Int64.random(in: 0...900, using: &random)), charge: detail)
            let actual = Nanodollars(Int64.random(in: 0...1_000, using: &random)), other = "\(number * 2 / 3)"
            let end = Int.random(in: 0...5, using: &random)
            _ = try await refusal {
                try await store.journal.write { tx throws(JournalError) in
                    try tx.budgetReserve(hold)
                    switch end {
                    case 0: break
                    case 1: _ = try tx.budgetRelease(hold.attempt)
                    case 2: _ = try tx.budgetAmbiguous(hold.attempt)
                    default: _ = try tx.budgetSettle(hold.attempt, actual: actual, usage: .sample(actual.value))
                    }
                }
            }
            if number % 7 == 0 {
                _ = try await refusal {
                    try await store.journal.write { tx throws(JournalError) in
                        try tx.ledgerAdjust(other, cost: actual, by: "a", reason: "r", evidence: "e")
                    }
                }
            }
        }
        return store
    }

    private func report(_ store: TestStore, _ query: CostQuery) async throws -> CostReport {
        try await store.journal.read { tx throws(JournalError) in try tx.costs(query) }
    }

    @Test("by any dimensions, in any zone, the rows add up to what the ledger has spent, corrections included")
    func sums() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let store = try await filled(&random)
        let spent = try await store.journal.read { tx throws(JournalError) in try tx.budget(.organisation) }?.spent
        let whole = try await report(store, CostQuery())
        #expect(whole.total.cost == spent && spent ?? .zero > .zero, "seed \(seed)")
        var sets = CostDimension.allCases.map { [$0] }
        for _ in 0..<12 {
            sets.append(
                Array(CostDimension.allCases.shuffled(using: &random).prefix(Int.random(in: 2...5, using: &random))))
        }
        for by in sets {
            for zone in ["UTC", "Pacific/Auckland"] {
                let found = try await report(store, CostQuery(by: by, zone: zone))
                #expect(found.total == whole.total, "\(by), seed \(seed)")
                let added = found.rows.reduce(Nanodollars.zero) { $0 + $1.sums.cost }
                #expect(added == spent, "\(by) in \(zone), seed \(seed)")
                #expect(Set(found.rows.map(\.key)).count == found.rows.count)
            }
        }
        #expect(try await store.mismatches() == [], "seed \(seed)")
    }

    @Test("what each value of a dimension is asked for alone adds up to the same, and so do two halves of the time")
    func filters() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let store = try await filled(&random)
        let whole = try await report(store, CostQuery())
        for dimension in [CostDimension.department, .user, .model, .prices, .task, .month] {
            var cost = Nanodollars.zero
            for row in try await report(store, CostQuery(by: [dimension])).rows {
                let alone = try await report(store, CostQuery(filters: [dimension: [row.key[0]]]))
                #expect(alone.total == row.sums, "\(dimension), seed \(seed)")
                cost += alone.total.cost
            }
            #expect(cost == whole.total.cost, "\(dimension), seed \(seed)")
        }
        let middle = try #require(CivilDate("2027-02-10"))
        let halves = [CostQuery(to: middle, zone: "Europe/Berlin"), CostQuery(from: middle, zone: "Europe/Berlin")]
        let costs = [try await report(store, halves[0]), try await report(store, halves[1])].map(\.total.cost)
        #expect(costs[0] + costs[1] == whole.total.cost && costs.allSatisfy { $0 > .zero }, "seed \(seed)")
    }

    @Test("a month's report is what the month's window of a budget has spent, whenever calls end")
    func windows() async throws {
        let store = try await TestStore(), run = try await store.insert(.sample()).id
        let month = BudgetPeriod.calendar(.month, zone: "Europe/Berlin")
        let path = BudgetPayer(tenant: "t", department: "d", agent: "a").nodes
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(.organisation, BudgetLimit(period: month, amount: Nanodollars(1 << 40)))
        }
        // Ends ten days after it is held: some over the end of the month.
        for number in 0..<40 {
            try await store.journal.write { tx throws(JournalError) in
                try tx.budgetReserve(
                    Reservation(attempt: "\(number)", run: run, path: path, amount: Nanodollars(100)))
                guard number >= 10 else { return }
                _ = try tx.budgetSettle("\(number - 10)", actual: Nanodollars(Int64(number)))
            }
            store.clock.advance(byMilliseconds: Self.day)
        }
        let entries = try await store.journal.read { tx throws(JournalError) in
            try tx.ledger(LedgerFilter(node: .organisation), after: 0, limit: 10_000)
        }
        var windows: [Int64: Int64] = [:]
        for entry in entries where entry.account.period == month && entry.kind == .settle {
            windows[entry.account.opens.unixMilliseconds, default: 0] += entry.amount.value
        }
        let rows = try await report(store, CostQuery(by: [.month], zone: "Europe/Berlin")).rows
        #expect(rows.map(\.sums.cost.value) == windows.sorted { $0.key < $1.key }.map(\.value))
        #expect(rows.compactMap { $0.key[0] } == ["2027-01", "2027-02"])
    }

    @Test("a zone that is not known is refused by name")
    func unknownZone() async throws {
        let store = try await TestStore()
        let code = try await refusal { try await report(store, CostQuery(zone: "Mars/Olympus")) }
        #expect(code == .invalid)
    }
}
