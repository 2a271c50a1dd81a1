import Journal
import Kernel
import TestSupport
import Testing

@Suite("Groups of consumers over the event log")
struct StreamTests {
    private static let group = "manager_group"

    private func store(
        _ filter: EventFilter = EventFilter(), events: Int = 0, maximumDeliveries: Int = 3
    ) async throws -> TestStore {
        let store = try await TestStore()
        try await store.journal.write { tx throws(JournalError) in
            try tx.streamGroupCreate(
                StreamGroup(
                    name: Self.group, filter: filter, cursor: 0, maximumDeliveries: maximumDeliveries,
                    createdAt: tx.now),
                by: "test")
        }
        try await append(store, Array(repeating: "made", count: events))
        return store
    }

    @discardableResult
    private func append(_ store: TestStore, _ topics: [String], run: RunID = .nobody) async throws -> [Int64] {
        try await store.journal.write { tx throws(JournalError) in
            var positions: [Int64] = []
            for (number, topic) in topics.enumerated() {
                positions.append(
                    try tx.eventAppend(
                        NewEvent(topic: topic, run: run, root: run, body: ["number": .integer(Int64(number))])))
            }
            return positions
        }
    }

    private func read(_ store: TestStore, _ consumer: String, _ limit: Int = 10) async throws -> [Int64] {
        try await store.journal.write { tx throws(JournalError) in
            try tx.streamRead(Self.group, consumer: consumer, limit: limit).map(\.event.position)
        }
    }

    private func status(_ store: TestStore) async throws -> StreamGroupStatus {
        let all = try await store.journal.read { tx throws(JournalError) in try tx.streamGroups() }
        return try all.first.orFail("no group")
    }

    @Test("two consumers share the events, each goes to one, in order")
    func shared() async throws {
        let store = try await store(events: 7)
        #expect(try await read(store, "manager_1", 3) == [1, 2, 3])
        #expect(try await read(store, "manager_2", 3) == [4, 5, 6])
        #expect(try await read(store, "manager_1", 3) == [7])
        #expect(try await read(store, "manager_1", 3) == [])
        let status = try await status(store)
        #expect(status.pending == 7 && status.lag == 0)
        #expect(
            status.consumers.map(\.name) == ["manager_1", "manager_2"] && status.consumers.map(\.pending) == [4, 3])
        let acknowledged = try await store.journal.write { tx throws(JournalError) in
            try tx.streamAcknowledge(Self.group, [1, 2, 4, 99])
        }
        #expect(acknowledged == 3)
        #expect(try await self.status(store).pending == 4)
        await store.journal.close()
    }

    @Test("what a consumer had when it went is claimed by another after a time, and no sooner")
    func claim() async throws {
        let store = try await store(events: 2)
        #expect(try await read(store, "gone") == [1, 2])
        let claim: (Int64) async throws -> [StreamDelivery] = { idle in
            try await store.journal.write { tx throws(JournalError) in
                try tx.streamClaim(Self.group, consumer: "other", idleMilliseconds: idle, limit: 10)
            }
        }
        store.clock.advance(byMilliseconds: 999)
        #expect(try await claim(1_000).isEmpty)
        store.clock.advance(byMilliseconds: 1)
        #expect(try await claim(1_000).map(\.deliveries) == [2, 2])
        #expect(try await status(store).consumers.map(\.name) == ["other"])
        // Given out three times, which is all: the next claim buries it.
        #expect(try await claim(0).map(\.deliveries) == [3, 3])
        #expect(try await claim(0).isEmpty)
        let letters = try await store.journal.read { tx throws(JournalError) in
            try tx.deadLetters(group: nil, after: 0, limit: 10)
        }
        #expect(letters.map(\.event.position) == [1, 2] && letters.allSatisfy { $0.deliveries == 3 })
        await store.journal.close()
    }

    @Test("a poison event comes back at its time, becomes a dead letter after its last delivery, and can be tried anew")
    func poison() async throws {
        let store = try await store(EventFilter(topics: ["made"]), events: 1, maximumDeliveries: 2)
        let reject: (Int64) async throws -> RejectedDelivery = { delay in
            try await store.journal.write { tx throws(JournalError) in
                try tx.streamReject(
                    Self.group, 1, reason: "no such account",
                    retryAt: Instant(unixMilliseconds: tx.now.unixMilliseconds + delay))
            }
        }
        #expect(try await read(store, "a") == [1])
        #expect(try await reject(500) == .again(at: Instant(unixMilliseconds: store.clock.now.unixMilliseconds + 500)))
        #expect(try await read(store, "a") == [])
        let due = try await store.journal.read { tx throws(JournalError) in try tx.streamNextDue() }
        #expect(due?.unixMilliseconds == store.clock.now.unixMilliseconds + 500)
        store.clock.advance(byMilliseconds: 500)
        #expect(try await read(store, "b") == [1])
        #expect(try await reject(500) == .deadLetter(1))
        #expect(try await read(store, "b") == [])
        let events = try await store.journal.read { tx throws(JournalError) in
            try tx.eventsAndOrigins(after: 1, limit: 10)
        }
        #expect(events.map(\.event.event.topic) == ["automation.dlq"])
        #expect(events.first?.event.event.body["reason"] == "no such account")

        try await store.journal.write { tx throws(JournalError) in try tx.deadLetterReprocess(1, by: "test") }
        #expect(try await read(store, "b") == [1])
        #expect(try await status(store).deadLetters == 0)
        let code = try await refusal {
            try await store.journal.write { tx throws(JournalError) in try tx.deadLetterDelete(1, by: "test") }
        }
        #expect(code == .invalid)
        #expect(
            try await store.leafTypes().filter { $0.hasPrefix("letter.") || $0.hasPrefix("stream.") }
                == ["stream.set", "letter.added", "letter.reprocessed"])
        #expect(try await store.mismatches().isEmpty)
        await store.journal.close()
    }

    @Test("a letter about an event that tells of a letter is kept quietly, so nothing goes round for ever")
    func circle() async throws {
        let store = try await store(maximumDeliveries: 1)
        try await append(store, ["automation.dlq"])
        #expect(try await read(store, "a") == [1])
        _ = try await store.journal.write { tx throws(JournalError) in
            try tx.streamReject(Self.group, 1, reason: "cannot", retryAt: nil)
        }
        #expect(try await status(store).lag == 0)
        #expect(try await status(store).deadLetters == 1)
        await store.journal.close()
    }

    @Test("the filter knows topic, tenant, department and body; what does not fit is passed over")
    func filter() async throws {
        let text = """
            {"topics":["run.*"],"tenants":["acme"],"departments":["research"],
             "where":[{"pointer":"/number","at_least":1}]}
            """
        let filter = try EventFilter(json: try JSONParser.parse(text))
        #expect(try EventFilter(json: filter.json) == filter)
        let store = try await store(filter)
        let run = try await store.insert(.sample())
        try await append(store, ["run.a", "run.b", "other", "run.c"], run: run.id)
        try await append(store, ["run.d", "run.e"])
        #expect(try await read(store, "a") == [3, 5], "the first tells of the run")
        #expect(try await status(store).lag == 0)
        await store.journal.close()
    }

    @Test("reset goes back to a position, or to the start, and lets go of what was given out")
    func reset() async throws {
        let store = try await store(events: 5)
        #expect(try await read(store, "a") == [1, 2, 3, 4, 5])
        try await store.journal.write { tx throws(JournalError) in
            try tx.streamGroupReset(Self.group, to: 3, by: "test")
        }
        #expect(try await status(store).pending == 0)
        #expect(try await read(store, "a") == [4, 5])
        let code = try await refusal {
            try await store.journal.write { tx throws(JournalError) in
                try tx.streamGroupReset(Self.group, to: 6, by: "test")
            }
        }
        #expect(code == .invalid)
        await store.journal.close()
    }

    @Test("an event knows its tree's correlation, and the event that started its run")
    func correlation() async throws {
        let store = try await TestStore()
        var first = NewRun.sample()
        first.correlation = "order-7"
        let root = try await store.insert(first)
        var second = NewRun.sample(parent: root)
        second.cause = EventCause(position: 12, chain: 2)
        let child = try await store.insert(second)
        #expect(child.cause == EventCause(position: 12, chain: 2) && root.correlation == "order-7")
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.eventAppend(NewEvent(topic: "made", run: child.id, root: root.id, body: [:]))
        }
        let events = try await store.journal.read { tx throws(JournalError) in
            try tx.eventsAndOrigins(after: 0, limit: 10)
        }
        #expect(
            events.last?.origin
                == EventOrigin(tenant: "acme", department: "research", correlation: "order-7", cause: 12))
        #expect(try await store.mismatches().isEmpty)
        await store.journal.close()
    }

    @Test(
        "random consumers that read, acknowledge, reject, die and claim lose nothing: all is acknowledged or a letter"
    )
    func nothingLost() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let store = try await store(maximumDeliveries: 3)
        var handled: Set<Int64> = []
        var hands: [Int64] = []
        var last: Int64 = 0
        for _ in 0..<300 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0: last = try await append(store, ["made"]).last ?? last
            case 1, 2: hands += try await read(store, "c\(Int.random(in: 0..<3, using: &random))", 2)
            case 3:
                guard let position = hands.popLast() else { continue }
                let count = try await store.journal.write { tx throws(JournalError) in
                    try tx.streamAcknowledge(Self.group, [position])
                }
                if count == 1 { handled.insert(position) }
            case 4:
                guard let position = hands.popLast() else { continue }
                _ = try? await store.journal.write { tx throws(JournalError) in
                    try tx.streamReject(
                        Self.group, position, reason: "no",
                        retryAt: Instant(unixMilliseconds: tx.now.unixMilliseconds + 50))
                }
            default:
                store.clock.advance(byMilliseconds: 40)
                // Whoever had them is gone.
                hands = try await store.journal.write { tx throws(JournalError) in
                    try tx.streamClaim(Self.group, consumer: "rescuer", idleMilliseconds: 100, limit: 5)
                        .map(\.event.position)
                }
            }
        }
        for _ in 0..<2_000 {
            store.clock.advance(byMilliseconds: 100)
            let left = try await store.journal.write { tx throws(JournalError) -> [Int64] in
                let claimed = try tx.streamClaim(Self.group, consumer: "last", idleMilliseconds: 100, limit: 50)
                let given = try tx.streamRead(Self.group, consumer: "last", limit: 50)
                let positions = (claimed + given).map(\.event.position)
                _ = try tx.streamAcknowledge(Self.group, positions)
                return positions
            }
            handled.formUnion(left)
            let status = try await status(store)
            if status.pending == 0, status.lag == 0 { break }
        }
        let letters = try await store.journal.read { tx throws(JournalError) in
            try tx.deadLetters(group: Self.group, after: 0, limit: 1_000)
        }
        let buried = Set(letters.map(\.event.position))
        let made = try await store.journal.read { tx throws(JournalError) in
            try tx.events(root: nil, after: 0, limit: 100_000).map(\.position)
        }
        #expect(handled.union(buried) == Set(made), "seed \(seed)")
        #expect(handled.isDisjoint(with: buried), "seed \(seed)")
        await store.journal.close()
    }
}
