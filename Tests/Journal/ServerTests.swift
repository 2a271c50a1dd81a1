import Journal
import Kernel
import TestSupport
import Testing

@Suite("What the server keeps, and whose rows it asks for")
struct ServerTests {
    private static let key = AnswerKey(tenant: "acme", caller: "user:1/ann", key: "order-17")
    private static let digest = Digest.sha256(Array("asked".utf8))

    private func kept(_ store: TestStore) async throws -> KeptRequest? {
        try await store.journal.read { tx throws(JournalError) in try tx.keptRequest(Self.key) }
    }

    private var rider: JournalRider {
        JournalRider { tx throws(JournalError) in try tx.answerReserve(Self.key, digest: Self.digest) }
    }

    @Test("a rider goes with the next write: both are committed, or neither, and only once")
    func rides() async throws {
        let store = try await TestStore(), rider = rider
        try await JournalRider.$current.withValue(rider) {
            let refused = await refusalOf {
                _ = try await store.journal.write { _ throws(JournalError) -> Int in
                    throw JournalError(.invalid, "no")
                }
            }
            #expect(refused == .invalid)
            #expect(!rider.isWritten)
            #expect(try await kept(store) == nil)
            _ = try await store.insert(.sample(key: "a"))
            #expect(rider.isWritten)
            _ = try await store.insert(.sample(key: "b"))
        }
        #expect(try await kept(store) == KeptRequest(digest: Self.digest, answer: nil))
        // A second request under the key takes its write back with it.
        let second = self.rider
        let refused = await refusalOf {
            try await JournalRider.$current.withValue(second) { _ = try await store.insert(.sample(key: "c")) }
        }
        #expect(refused == .conflict(current: 0) && !second.isWritten)
        let runs = try await store.journal.read { tx throws(JournalError) in
            try tx.runs(RunFilter(), before: nil, limit: 9).compactMap(\.idempotencyKey)
        }
        #expect(runs == ["b", "a"])
        await store.journal.close()
    }

    private func refusalOf(_ body: () async throws -> Void) async -> JournalError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? JournalError)?.code
        }
    }

    @Test("an answer is kept over a restart, for a day")
    func answers() async throws {
        var store = try await TestStore()
        let answer = RepeatedAnswer(status: 202, location: "/jobs/1", body: [1, 2])
        try await store.journal.write { tx throws(JournalError) in
            try tx.answerReserve(Self.key, digest: Self.digest)
            try tx.answerKeep(Self.key, answer)
        }
        store = try await store.reopened()
        #expect(try await kept(store)?.answer == answer)
        store.clock.advance(byMilliseconds: AnswerKey.keptMilliseconds + 1)
        try await store.journal.write { tx throws(JournalError) in
            try tx.answerReserve(AnswerKey(tenant: "", caller: "x", key: "y"), digest: Self.digest)
        }
        #expect(try await kept(store) == nil)
        await store.journal.close()
    }

    @Test("usage adds up, and is forgotten after its days")
    func usage() async throws {
        let store = try await TestStore()
        @Sendable func row(_ day: Int, _ client: String, _ requests: Int64) -> UsageRow {
            UsageRow(
                key: UsageRow.Key(
                    day: CivilDate(daysSinceEpoch: day), tenant: "acme", client: client, version: "v3",
                    operation: "jobs.list", status: 200), requests: requests, milliseconds: 5)
        }
        try await store.journal.write { tx throws(JournalError) in
            try tx.usageAdd([row(20_000, "ann", 2), row(20_000, "ben", 1)])
            try tx.usageAdd([row(20_000, "ann", 3), row(20_001, "ann", 1)])
        }
        let all = try await store.journal.read { tx throws(JournalError) in try tx.usage(UsageQuery()) }
        #expect(all.map(\.requests) == [5, 1, 1] && all[0].milliseconds == 10)
        let one = UsageQuery(from: CivilDate(daysSinceEpoch: 20_001), tenant: "acme", client: "ann")
        #expect(try await store.journal.read { tx throws(JournalError) in try tx.usage(one).count } == 1)
        try await store.journal.write { tx throws(JournalError) in
            try tx.usageAdd([row(20_000 + UsageRow.keptDays + 1, "ann", 1)])
        }
        let left = try await store.journal.read { tx throws(JournalError) in try tx.usage(UsageQuery()) }
        #expect(left.map(\.key.day.daysSinceEpoch) == [20_001, 20_000 + UsageRow.keptDays + 1])
        await store.journal.close()
    }

    @Test("pages are of one tenant, or of some of its users, and full of them")
    func scopes() async throws {
        let store = try await TestStore()
        for number in 0..<12 {
            var run = NewRun.sample(key: "\(number)")
            run.tenant = number.isMultiple(of: 2) ? "acme" : "umbrella"
            run.user = number.isMultiple(of: 3) ? "ann" : "ben"
            _ = try await store.insert(run)
        }
        func runs(_ scope: RowScope, limit: Int = 99) async throws -> [RunRecord] {
            try await store.journal.read { tx throws(JournalError) in
                try tx.runs(RunFilter(scope: scope), before: nil, limit: limit)
            }
        }
        #expect(try await runs(.all).count == 12)
        let acme = try await runs(RowScope(tenant: "acme"), limit: 3)
        #expect(acme.count == 3 && acme.allSatisfy { $0.tenant == "acme" })
        #expect(try await runs(RowScope(tenant: "acme", users: ["ann"])).count == 2)
        #expect(try await runs(RowScope(tenant: "acme", users: ["ann", "ben"])).count == 6)
        #expect(try await runs(RowScope(tenant: "acme", users: [])).isEmpty)
        #expect(try await runs(RowScope(tenant: "' OR '1'='1")).isEmpty)
        let events = try await store.journal.read { tx throws(JournalError) in
            try tx.eventsAndOrigins(after: 0, limit: 99, of: RowScope(tenant: "acme", users: ["ann"]))
        }
        #expect(!events.isEmpty && events.allSatisfy { $0.origin?.tenant == "acme" })
        await store.journal.close()
    }
}
