import Journal
import Kernel
import TestSupport
import Testing

@Suite("Messages between agents")
struct MessageTests {
    private static let scout = AgentAddress(department: "research", name: "scout")
    private static let visibility: Int64 = 1_000

    private func store(_ profile: AgentProfile = .all) async throws -> TestStore {
        let store = try await TestStore()
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.agentCreate(
                AgentRecord(
                    name: "scout", department: "research", configuration: Array("{}".utf8), createdAt: tx.now,
                    profile: profile), by: "ana")
        }
        return store
    }

    @discardableResult
    private func send(
        _ store: TestStore, _ id: String, from sender: String = "desk:a", type: String = "note", body: String = "1"
    ) async throws -> MessageRecord {
        try await store.journal.write { tx throws(JournalError) in
            try tx.messageSend(
                NewMessage(
                    tenant: "acme", receiver: Self.scout, sender: sender, type: type, payload: Array(body.utf8),
                    key: "\(sender)/\(id)"))
        }
    }

    private func receive(_ store: TestStore, limit: Int = 10) async throws -> [Int64] {
        try await store.journal.write { tx throws(JournalError) in
            try tx.messageReceive(Self.scout, limit: limit, visibilityMilliseconds: Self.visibility).map(\.number)
        }
    }

    private func acknowledge(_ store: TestStore, _ number: Int64) async throws -> Bool {
        try await store.journal.write { tx throws(JournalError) in
            try tx.messageAcknowledge(number, by: Self.scout)
        }
    }

    private func apply(_ store: TestStore, _ transition: AgentTransition) async throws {
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.agentApply(transition, to: Self.scout, by: "ana")
        }
    }

    @Test("a message sent twice is one; another under its key is refused")
    func dedupe() async throws {
        let store = try await store()
        let first = try await send(store, "1"), again = try await send(store, "1")
        #expect(first.number == again.number)
        #expect(try await refusal { try await send(store, "1", body: "2") } == .conflict(current: 1))
        #expect(try await send(store, "1", from: "desk:b").number == 2)
        #expect(try await store.leafTypes().count { $0 == "message.sent" } == 2)
        let topics = try await store.journal.read { tx throws(JournalError) in
            try tx.events(root: nil, after: 0, limit: 99).map(\.event.topic)
        }
        #expect(topics == ["agent.created", "message.sent", "message.sent"])
    }

    @Test("messages of one sender come in order, each after the one before has ended; senders do not wait for another")
    func order() async throws {
        let store = try await store()
        for id in ["1", "2", "3"] { try await send(store, id) }
        try await send(store, "1", from: "desk:b")
        #expect(try await receive(store) == [1, 4])
        #expect(try await receive(store) == [])
        #expect(try await acknowledge(store, 1))
        #expect(try await !acknowledge(store, 1))
        #expect(try await receive(store) == [2])
        store.clock.advance(byMilliseconds: Self.visibility)
        // Given again, and before what came later.
        #expect(try await receive(store) == [2, 4])
        #expect(try await acknowledge(store, 2))
        #expect(try await receive(store) == [3])
    }

    @Test("whatever the receivers do, each sender's messages end in their order and none is lost", arguments: 1...20)
    func random(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let store = try await store()
        var sent: [String: [Int64]] = [:], ended: [String: [Int64]] = [:], senders: [Int64: String] = [:]
        var hands: [Int64] = []
        for step in 0..<120 {
            switch Int.random(in: 0..<5, using: &random) {
            case 0,
                1 where step < 60:
                let sender = "desk:\(Int.random(in: 0..<3, using: &random))"
                let number = try await send(store, "\(step)", from: sender).number
                sent[sender, default: []].append(number)
                senders[number] = sender
            case 2: hands += try await receive(store, limit: Int.random(in: 1...4, using: &random))
            case 3: store.clock.advance(byMilliseconds: Int64.random(in: 0...400, using: &random))
            default:
                guard let number = hands.randomElement(using: &random) else { continue }
                if try await acknowledge(store, number) { ended[senders[number] ?? "", default: []].append(number) }
            }
        }
        while true {
            store.clock.advance(byMilliseconds: Self.visibility)
            let given = try await receive(store)
            if given.isEmpty { break }
            for number in given where try await acknowledge(store, number) {
                ended[senders[number] ?? "", default: []].append(number)
            }
        }
        let dead = try await store.journal.read { tx throws(JournalError) in
            try tx.messages(Self.scout, .dead, after: 0, limit: 999).map(\.number)
        }
        for (sender, numbers) in sent {
            #expect(ended[sender, default: []] == numbers.filter { !dead.contains($0) }, "seed \(seed), \(sender)")
        }
        #expect(try await store.mismatches() == [], "seed \(seed)")
    }

    @Test("after its last delivery a message is a dead letter, and the next one comes; requeued it is as new")
    func dead() async throws {
        let store = try await store()
        try await send(store, "1")
        try await send(store, "2")
        for _ in 0..<AgentMessage.maximumDeliveries {
            #expect(try await receive(store) == [1])
            store.clock.advance(byMilliseconds: Self.visibility)
        }
        // The look that finds it given out too often buries it; the next gives what follows.
        #expect(try await receive(store) == [])
        #expect(try await receive(store) == [2])
        let record = try await store.journal.write { tx throws(JournalError) in
            try tx.messageRequeue(1, by: "ana")
        }
        #expect(record.state == .open && record.deliveries == 0)
        #expect(try await receive(store) == [1])
        #expect(try await store.mismatches() == [])
    }

    @Test("a message is given back for later, or for ever; nobody ends what nobody received")
    func rejected() async throws {
        let store = try await store()
        try await send(store, "1")
        #expect(try await refusal { _ = try await acknowledge(store, 1) } == .conflict(current: 1))
        #expect(try await receive(store) == [1])
        let later = store.clock.now.advanced(byMilliseconds: 5_000)
        func reject(_ at: Instant?) async throws -> MessageRecord {
            try await store.journal.write { tx throws(JournalError) in
                try tx.messageReject(1, by: Self.scout, reason: "busy", retryAt: at)
            }
        }
        #expect(try await reject(later).dueAt == later)
        store.clock.advance(byMilliseconds: 4_999)
        #expect(try await receive(store) == [])
        store.clock.advance(byMilliseconds: 1)
        #expect(try await receive(store) == [1])
        #expect(try await reject(nil).state == .dead)
        #expect(try await refusal { _ = try await reject(nil) } == .conflict(current: 1))
        let other = AgentAddress(department: "research", name: "else")
        let code = try await refusal {
            try await store.journal.write { tx throws(JournalError) in _ = try tx.messageAcknowledge(1, by: other) }
        }
        #expect(code == .notFound)
    }

    @Test(
        "a message starts one run in the commit that acknowledges it; a paused receiver's wait; a failure comes again")
    func starts() async throws {
        let profile = AgentProfile(reactions: ["order": AgentReaction(task: "rank")])
        let store = try await store(profile)
        try await send(store, "1", type: "order")
        try await send(store, "2", type: "note")
        try await apply(store, .pause)
        func due() async throws -> [Int64] {
            try await store.journal.read { tx throws(JournalError) in try tx.messagesToStart(limit: 9).map(\.number) }
        }
        #expect(try await due() == [])
        // What it was sent before it drained is its queue.
        try await apply(store, .drain)
        #expect(try await due() == [1])
        try await store.journal.write { tx throws(JournalError) in
            try tx.messageNotStarted(1, reason: "full", retryAt: tx.now.advanced(byMilliseconds: 10))
        }
        #expect(try await due() == [])
        #expect(try await store.journal.read { tx throws(JournalError) in try tx.messageNextDue() } != nil)
        store.clock.advance(byMilliseconds: 10)
        #expect(try await due() == [1])
        var run = NewRun.sample()
        run.agent = "scout"
        let started = try await store.journal.write { [run] tx throws(JournalError) in
            (try tx.messageStart(1, run), try tx.messageStart(1, run))
        }
        #expect(started.0?.id == run.id && started.1 == nil)
        let message = try await store.journal.read { tx throws(JournalError) in try tx.message(1) }
        #expect(message?.state == .acknowledged && message?.started == run.id)
        #expect(try await refusal { try await send(store, "3") } == .conflict(current: 0))
        #expect(try await store.mismatches() == [])
    }

    @Test("what starts runs follows the receiver's profile, for messages that wait too")
    func routes() async throws {
        let store = try await store()
        try await send(store, "1", type: "order")
        func due(_ reactions: [String: AgentReaction]) async throws -> Int {
            try await store.journal.write { tx throws(JournalError) in
                _ = try tx.agentConfigure(
                    Self.scout, configuration: nil, profile: AgentProfile(reactions: reactions), expected: nil,
                    by: "ana", note: "n")
                return try tx.messagesToStart(limit: 9).count
            }
        }
        #expect(try await due([:]) == 0)
        #expect(try await due(["order": AgentReaction(task: "rank")]) == 1)
        #expect(try await due(["other": AgentReaction(task: "rank")]) == 0)
    }

    @Test("a retired agent's open messages are dead letters, and it takes no more; bodies and types are bounded")
    func bounds() async throws {
        let store = try await store()
        try await send(store, "1")
        try await apply(store, .retire)
        let dead = try await store.journal.read { tx throws(JournalError) in
            try tx.messages(Self.scout, .dead, after: 0, limit: 9)
        }
        #expect(dead.first?.reason?.contains("retired") == true)
        #expect(try await refusal { try await send(store, "2") } == .conflict(current: 0))
        let open = try await self.store()
        #expect(try await refusal { try await send(open, "1", type: "Bad Type") } == .invalid)
        let long = String(repeating: "1", count: AgentMessage.maximumBodyBytes + 1)
        #expect(try await refusal { try await send(open, "1", body: long) } == .invalid)
    }
}
