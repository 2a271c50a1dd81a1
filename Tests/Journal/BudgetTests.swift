import Journal
import Kernel
import TestSupport
import Testing

@Suite("Budgets and the ledger")
struct BudgetTests {
    private func hold(_ attempt: String, _ amount: Int64, run: RunID, path: [BudgetNode]? = nil) -> Reservation {
        Reservation(attempt: attempt, run: run, path: path ?? BudgetNode.path(run), amount: Nanodollars(amount))
    }

    private func balance(_ store: TestStore, _ node: BudgetNode) async throws -> [Int64] {
        let record = try await store.journal.read { tx throws(JournalError) in try tx.budget(node) }
        return record.map { [$0.held.value, $0.spent.value] } ?? []
    }

    @Test("a settled hold becomes spent on every node, the rest is free again, and settling twice does nothing")
    func settle() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample()).id
        let hold = hold("a", 100, run: run)
        try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }
        #expect(try await balance(store, .organisation) == [100, 0])
        let settled = try await store.journal.write { tx throws(JournalError) in
            [
                try tx.budgetSettle("a", actual: Nanodollars(60)), try tx.budgetSettle("a", actual: Nanodollars(60)),
                try tx.budgetRelease("a"), try tx.budgetAmbiguous("a"),
            ]
        }
        #expect(settled == [true, false, false, false])
        for node in BudgetNode.path(run) { #expect(try await balance(store, node) == [0, 60]) }
        let ledger = try await store.journal.read { tx throws(JournalError) in
            try tx.ledger(of: run, after: 0, limit: 100)
        }
        let organisation = ledger.filter { $0.node == .organisation }
        #expect(organisation.map(\.kind) == [.reserve, .settle, .release])
        #expect(organisation.map(\.amount.value) == [100, 60, 40])
    }

    @Test("more than was held is always posted; a release spends nothing; an unknown answer spends the whole hold")
    func ends() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample()).id
        let holds = ["over", "free", "lost"].map { hold($0, 10, run: run) }
        let node = BudgetNode.run(run)
        try await store.journal.write { tx throws(JournalError) in
            for hold in holds { try tx.budgetReserve(hold) }
            try tx.budgetSet(node, limit: Nanodollars(30))
        }
        let open = try await store.journal.write { tx throws(JournalError) in
            _ = try tx.budgetSettle("over", actual: Nanodollars(25))
            _ = try tx.budgetRelease("free")
            return try tx.reservations(of: run)
        }
        #expect(open == [holds[2]])
        #expect(try await balance(store, node) == [10, 25])
        let left = try await store.journal.write { tx throws(JournalError) in
            _ = try tx.budgetAmbiguous("lost")
            return try tx.reservations(of: nil)
        }
        #expect(left == [])
        #expect(try await balance(store, node) == [0, 35], "above its cap, and said so")
        let kinds = try await store.journal.read { tx throws(JournalError) in
            try tx.ledger(of: run, after: 0, limit: 100).filter { $0.node == node }.map(\.kind)
        }
        #expect(kinds == [.reserve, .reserve, .reserve, .settle, .overage, .release, .ambiguous])
    }

    @Test("a refusal names the first node without room, what is left there, and whether waiting could help")
    func refusals() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample()).id
        let tenant = BudgetNode.tenant("acme")
        let first = hold("a", 60, run: run), second = hold("b", 50, run: run), third = hold("c", 101, run: run)
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(tenant, limit: Nanodollars(100))
            try tx.budgetReserve(first)
        }
        let busy = try await refusal {
            try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(second) }
        }
        #expect(busy == .budget(node: tenant, available: Nanodollars(40), final: false))
        let never = try await refusal {
            try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(third) }
        }
        #expect(never == .budget(node: tenant, available: Nanodollars(40), final: true))
        #expect(try await balance(store, .organisation) == [60, 0], "a refused hold holds nothing anywhere")
        let again = try await refusal {
            try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(first) }
        }
        #expect(again == .duplicate(run))
        let unknown = try await refusal {
            try await store.journal.write { tx throws(JournalError) in _ = try tx.budgetRelease("nobody") }
        }
        #expect(unknown == .notFound)
    }

    @Test("a closure that handles a refusal goes on and commits")
    func handledRefusal() async throws {
        let store = try await TestStore()
        let run = try await store.running()
        let hold = hold("a", 10, run: run.id)
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(.organisation, limit: .zero)
            do throws(JournalError) {
                try tx.budgetReserve(hold)
            } catch {
                try tx.runPause(run.id, fence: run.fence, failure: Failure(.budget, error.message))
            }
        }
        #expect(try await store.run(run.id).failure?.status == .budget)
        #expect(try await store.mismatches() == [])
    }

    @Test("amounts that no sum can hold are refused, they do not stop the host")
    func absurdAmounts() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample()).id
        let huge = hold("a", .max, run: run), more = hold("b", 1, run: run), negative = hold("c", -1, run: run)
        try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(huge) }
        for refused in [more, negative] {
            let code = try await refusal {
                try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(refused) }
            }
            #expect(code == .invalid)
        }
        #expect(try await store.mismatches() == [])
    }

    @Test("200 tasks fight for room for 50: never more than the cap, and balances are the ledger's sums")
    func contention() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample()).id
        let node = BudgetNode.department(tenant: "acme", "research")
        try await store.journal.write { tx throws(JournalError) in
            try tx.budgetSet(node, limit: Nanodollars(50 * 7))
        }
        let granted = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                let hold = hold("n\(number)", 7, run: run)
                group.addTask {
                    try await refusal {
                        try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }
                    } == nil
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(granted == 50)
        #expect(try await balance(store, node) == [350, 0])
        #expect(try await store.mismatches() == [], "which also sums the ledger")
    }

    @Test("after any sequence of movements, each balance is the sum of its ledger entries and no cap was passed")
    func property() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let store = try await TestStore()
        let runs = [try await store.insert(.sample()).id, try await store.insert(.sample()).id]
        let caps: [BudgetNode: Int64] = [.organisation: 900, .run(runs[0]): 300]
        try await store.journal.write { tx throws(JournalError) in
            for (node, cap) in caps { try tx.budgetSet(node, limit: Nanodollars(cap)) }
        }
        for number in 0..<300 {
            let run = runs[Int.random(in: 0...1, using: &random)]
            let hold = hold("\(number)", Int64.random(in: 0...60, using: &random), run: run)
            let other = "\(Int.random(in: 0...number, using: &random))"
            let actual = Int64.random(in: 0...70, using: &random), choice = Int.random(in: 0...3, using: &random)
            _ = try await refusal {
                try await store.journal.write { tx throws(JournalError) in try tx.budgetReserve(hold) }
            }
            _ = try await refusal {
                try await store.journal.write { tx throws(JournalError) in
                    switch choice {
                    case 0: _ = try tx.budgetRelease(other)
                    case 1: _ = try tx.budgetAmbiguous(other)
                    default: _ = try tx.budgetSettle(other, actual: Nanodollars(actual))
                    }
                }
            }
        }
        try await expectSums(store, caps, seed)
        #expect(try await store.mismatches() == [], "seed \(seed)")
    }

    private func expectSums(_ store: TestStore, _ caps: [BudgetNode: Int64], _ seed: UInt64) async throws {
        let (budgets, ledger) = try await store.journal.read { tx throws(JournalError) in
            (try tx.budgets(), try tx.ledger(of: nil, after: 0, limit: 1_000_000))
        }
        #expect(!ledger.isEmpty)
        for budget in budgets {
            var held: Int64 = 0, spent: Int64 = 0, highestWithoutOverage: Int64 = 0, overage: Int64 = 0
            for entry in ledger where entry.node == budget.node {
                switch entry.kind {
                case .reserve: held += entry.amount.value
                case .release: held -= entry.amount.value
                case .settle, .ambiguous:
                    held -= entry.amount.value
                    spent += entry.amount.value
                case .issue, .withdraw, .charge, .credit: break
                case .overage:
                    spent += entry.amount.value
                    overage += entry.amount.value
                }
                highestWithoutOverage = max(highestWithoutOverage, held + spent - overage)
            }
            #expect(budget.held.value == held && budget.spent.value == spent, "\(budget.node), seed \(seed)")
            #expect(highestWithoutOverage <= caps[budget.node] ?? .max, "\(budget.node), seed \(seed)")
        }
    }
}
