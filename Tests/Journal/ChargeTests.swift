import Journal
import Kernel
import TestSupport
import Testing

@Suite("Charges: what was paid for")
struct ChargeTests {
    static let book = ChargeDetail(
        source: .run, provider: "openai", model: "gpt-5", prices: .book(.sha256("prices".utf8)))
    static let assumed = ChargeDetail(
        source: .call, provider: "own", model: "unheard-of",
        prices: .assumed(AssumedPrice(input: PicodollarsPerToken(5_000_000), output: PicodollarsPerToken(7))))
    static let used = ChargeUsage(
        service: .priority,
        tokens: TokenUsage(
            input: 10, cachedRead: 20, cacheWrite: 30, cacheWriteOneHour: 40, output: 50, reasoning: 5),
        webSearches: 2, fees: Nanodollars(3))

    /// Settled, with an overage, ambiguous, released, without a word about what for, and one still open.
    private func filled() async throws -> (TestStore, RunRecord) {
        let store = try await TestStore(), run = try await store.insert(.sample())
        let path = BudgetPayer(tenant: "acme", department: "research", agent: "rank", user: "ana").nodes
        let details: [(String, ChargeDetail?)] = [
            ("a", Self.book), ("b", Self.assumed), ("c", Self.book), ("d", Self.book), ("e", nil), ("f", Self.book),
        ]
        for (name, detail) in details {
            try await store.journal.write { tx throws(JournalError) in
                try tx.budgetReserve(
                    Reservation(attempt: name, run: run.id, path: path, amount: Nanodollars(100), charge: detail))
            }
            store.clock.advance(byMilliseconds: 1_000)
        }
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.budgetSettle("a", actual: Nanodollars(40), usage: Self.used)
            _ = try tx.budgetSettle("b", actual: Nanodollars(140), usage: .sample(7))
            _ = try tx.budgetAmbiguous("c")
            _ = try tx.budgetRelease("d")
            _ = try tx.budgetSettle("e", actual: Nanodollars(1))
        }
        return (store, run)
    }

    private func charges(_ store: TestStore) async throws -> [Charge] {
        try await store.journal.read { tx throws(JournalError) in
            var found: [Charge] = []
            try tx.charges(CostQuery()) { charge in
                found.append(charge)
                return true
            }
            return found
        }
    }

    @Test("each ended hold tells what it was for, what was used, by which prices, when, and what it cost")
    func recorded() async throws {
        let (store, run) = try await filled()
        let found = try await charges(store)
        #expect(found.map(\.attempt) == ["a", "b", "c", "d", "e"])
        #expect(found.map(\.detail) == [Self.book, Self.assumed, Self.book, Self.book, nil])
        #expect(found.map(\.usage) == [Self.used, .sample(7), nil, nil, nil])
        #expect(found.map(\.cost.value) == [40, 140, 100, 0, 1])
        #expect(found.map(\.end) == [.settled, .settled, .ambiguous, .released, .settled])
        let first = try found.first.orFail("no charge")
        #expect(first.heldAt.unixMilliseconds == 1_800_000_000_000)
        #expect(first.endedAt == store.clock.now && first.task == "research/rank" && first.run == run.id)
        #expect([first.tenant, first.department, first.agent, first.user] == ["acme", "research", "rank", "ana"])
        #expect(try await store.mismatches() == [])
    }

    @Test("a correction counts where its charge does")
    func corrected() async throws {
        let (store, _) = try await filled()
        for cost in [7, 90] as [Int64] {
            _ = try await store.journal.write { tx throws(JournalError) in
                try tx.ledgerAdjust("a", cost: Nanodollars(cost), by: "ana", reason: "invoice", evidence: "4711")
            }
        }
        let first = try await charges(store).first.orFail("no charge")
        #expect(first.posted == Nanodollars(40) && first.correction == Nanodollars(50))
        #expect(try await store.journal.read { tx throws(JournalError) in try tx.ledgerFaults() }.faults == [])
    }

    @Test(
        "whatever is altered in a charge, the audit log names it",
        arguments: [
            "model = 'gpt-6' WHERE attempt = 'a'", "prices = 'free' WHERE attempt = 'b'",
            "source = 0 WHERE attempt = 'b'", "held_at_ms = held_at_ms + 1 WHERE attempt = 'f'",
            "ended_at_ms = ended_at_ms + 1 WHERE attempt = 'c'", "cost = 41 WHERE attempt = 'a'",
            "input_tokens = 11 WHERE attempt = 'a'", "reasoning_tokens = NULL WHERE attempt = 'a'",
            "service = 'flex' WHERE attempt = 'a'", "fees = 4 WHERE attempt = 'a'",
            "provider = 'x', model = 'y', prices = 'free', source = 0 WHERE attempt = 'e'",
        ])
    func altered(_ change: String) async throws {
        let (store, _) = try await filled()
        #expect(try await store.mismatches() == [])
        await store.journal.close()
        try Tampering.run(store.folder.path, "UPDATE reservation SET \(change)")
        let clock = store.clock
        let reader = try await SQLiteJournal.openReadOnly(folder: store.folder.path, clock: { clock.now })
        let found = try await reader.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(!found.isEmpty)
        if change.hasPrefix("cost") {
            let report = try await reader.read { tx throws(JournalError) in try tx.ledgerFaults() }
            #expect(report.faults.map(\.row) == ["hold a"])
        }
        await reader.close()
    }

    @Test("charges of a store from before get their times and costs from its entries")
    func migration() async throws {
        let (store, _) = try await filled()
        _ = try await store.journal.write { tx throws(JournalError) in
            try tx.ledgerAdjust("a", cost: Nanodollars(50), by: "ana", reason: "invoice", evidence: "4711")
        }
        let before = try await charges(store)
        await store.journal.close()
        for statement in OldSchema.beforeCharges { try Tampering.run(store.folder.path, statement) }
        let migrated = try await store.reopened()
        let after = try await charges(migrated)
        let bare = before.map { charge in
            var bare = charge
            (bare.detail, bare.usage) = (nil, nil)
            return bare
        }
        #expect(after == bare)
        let report = try await migrated.journal.read { tx throws(JournalError) in try tx.ledgerFaults() }
        #expect(report.faults == [])
    }

    @Test("a model's name that is no name takes no more room than its digest, and stays itself when it is read")
    func longModel() {
        let long = ChargeDetail(
            source: .call, provider: "own", model: String(repeating: "x", count: 5_000), prices: .free)
        let again = ChargeDetail(source: .call, provider: "own", model: long.model, prices: .free)
        #expect(long.model.hasPrefix("sha256:") && long == again)
    }

    @Test("the price of a charge has one spelling in the store")
    func basis() {
        for basis in [PriceBasis.free, Self.book.prices, Self.assumed.prices] {
            #expect(PriceBasis(basis.description) == basis)
        }
        for text in ["", "book", "book:", "book:00", "free:", "assumed:1", "assumed:1/", "assumed:-1/2", "x:1"] {
            #expect(PriceBasis(text) == nil, "\(text)")
        }
    }
}
