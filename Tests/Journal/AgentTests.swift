import Journal
import Kernel
import TestSupport
import Testing

@Suite("Agents and pools in the journal")
struct AgentTests {
    private static let scout = AgentAddress(department: "research", name: "scout")
    private static let crew = AgentAddress(department: "research", name: "crew")

    private func store() async throws -> TestStore {
        let store = try await TestStore()
        try await create(store, "scout")
        return store
    }

    private func create(_ store: TestStore, _ name: String) async throws {
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.agentCreate(
                AgentRecord(
                    name: name, department: "research", configuration: Array("{}".utf8), createdAt: tx.now),
                by: "ana")
        }
    }

    private func run(_ agent: String) -> NewRun {
        var run = NewRun.sample()
        run.agent = agent
        return run
    }

    private func apply(_ store: TestStore, _ transition: AgentTransition) async throws -> AgentState {
        try await store.journal.write { tx throws(JournalError) in
            try tx.agentApply(transition, to: Self.scout, by: "ana").state
        }
    }

    private func configure(_ store: TestStore, _ text: String, expected: Int? = nil) async throws -> AgentRecord {
        try await store.journal.write { tx throws(JournalError) in
            try tx.agentConfigure(
                Self.scout, configuration: Array(text.utf8), profile: nil, expected: expected, by: "ana", note: "n")
        }
    }

    private func claim(_ store: TestStore) async throws -> [RunRecord] {
        try await store.journal.write { tx throws(JournalError) in
            let held = Set(try tx.agentsHeld().map(\.name))
            let ready = try tx.runsReady(after: 0, limit: 10).filter { !held.contains($0.group.agent) }
            let claimed = try tx.runClaim(ready.map(\.number))
            try tx.agentPin(claimed)
            return claimed
        }
    }

    private func configuration(_ store: TestStore, of run: RunID) async throws -> String {
        let agent = try await store.journal.read { tx throws(JournalError) in
            guard let record = try tx.run(run) else { return AgentRecord?.none }
            return try tx.agent(of: record)
        }
        return String(decoding: try agent.orFail("no agent").configuration, as: UTF8.self)
    }

    @Test("runs of a paused or unstarted agent stay queued while others are claimed, and begin when it goes on")
    func paused() async throws {
        let store = try await store()
        let mine = try await store.insert(run("scout")), other = try await store.insert(.sample())
        #expect(try await apply(store, .pause) == .paused)
        #expect(try await claim(store).map(\.id) == [other.id])
        #expect(try await apply(store, .resume) == .active)
        #expect(try await claim(store).map(\.id) == [mine.id])
        #expect(try await store.mismatches() == [])
    }

    @Test("a draining agent finishes its queue and refuses what is new, whoever starts it; then it retires for good")
    func drained() async throws {
        let store = try await store()
        let queued = try await store.insert(run("scout"))
        #expect(try await apply(store, .pause) == .paused)
        #expect(try await apply(store, .drain) == .draining)
        #expect(try await refusal { _ = try await store.insert(run("scout")) } == .conflict(current: 0))
        #expect(try await refusal { _ = try await apply(store, .retire) } == .conflict(current: 1))
        let claimed = try await claim(store)
        #expect(claimed.map(\.id) == [queued.id])
        let fence = claimed[0].fence
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.runFinish(queued.id, fence: fence, outcome: .done([]))
        }
        #expect(try await apply(store, .retire) == .retired)
        #expect(try await refusal { _ = try await apply(store, .resume) } == .conflict(current: 1))
        #expect(try await refusal { _ = try await configure(store, "[]") } == .conflict(current: 1))
        #expect(try await store.reopened().mismatches() == [])
    }

    @Test("a run keeps the version that it began with, over a retry and a restart; a new one takes the newest")
    func versions() async throws {
        var store = try await store()
        let old = try await store.insert(run("scout")), waiting = try await store.insert(run("scout"))
        try await store.journal.write { tx throws(JournalError) in
            try tx.agentPin(try tx.runClaim(departments: ["research"], limit: 1))
        }
        // In the same millisecond: it is the order that counts.
        #expect(try await configure(store, #"{"a":1}"#).version == 2)
        #expect(try await claim(store).map(\.id) == [waiting.id])
        store = try await store.reopened()
        try await store.journal.write { tx throws(JournalError) in _ = try tx.runRecover(limit: 10_000) }
        #expect(try await configure(store, #"{"a":2}"#, expected: 2).version == 3)
        #expect(try await claim(store).count == 2)
        #expect(try await configuration(store, of: old.id) == "{}")
        #expect(try await configuration(store, of: waiting.id) == #"{"a":1}"#)
        let new = try await store.insert(run("scout"))
        _ = try await claim(store)
        #expect(try await configuration(store, of: new.id) == #"{"a":2}"#)
        let history = try await store.journal.read { tx throws(JournalError) in try tx.agentVersions(Self.scout) }
        #expect(history.map(\.version) == [1, 2, 3] && history.map(\.note) == ["created", "n", "n"])
        #expect(try await store.mismatches() == [])
    }

    @Test("a change against an older version is refused; a change that changes nothing makes no version")
    func conflicts() async throws {
        let store = try await store()
        #expect(try await configure(store, #"{"a":1}"#, expected: 1).version == 2)
        #expect(try await refusal { _ = try await configure(store, "{}", expected: 1) } == .conflict(current: 2))
        #expect(try await configure(store, #"{"a":1}"#).version == 2)
        #expect(try await refusal { try await create(store, "scout") } == .conflict(current: 2))
        #expect(try await refusal { try await create(store, "default") } == .invalid)
        #expect(try await refusal { try await create(store, "A") } == .invalid)
    }

    @Test("statistics are read from the runs: states, cost, times, and nothing of other agents")
    func statistics() async throws {
        let store = try await store()
        try await create(store, "other")
        for (number, agent) in ["scout", "scout", "scout", "other"].enumerated() {
            _ = try await store.insert(run(agent))
            let claimed = try await claim(store)
            store.clock.advance(byMilliseconds: Int64(number + 1) * 1_000)
            try await store.journal.write { tx throws(JournalError) in
                for run in claimed {
                    try tx.runAddCost(run.id, fence: run.fence, cost: Nanodollars(5))
                    _ = try tx.runFinish(
                        run.id, fence: run.fence, outcome: number == 2 ? .failed(Failure(.io, "x")) : .done([]))
                }
            }
        }
        let ended = store.clock.now
        _ = try await store.insert(run("scout"))
        let statistics = try await store.journal.read { tx throws(JournalError) in
            try tx.agentStatistics(Self.scout)
        }
        #expect(statistics.runs == [.done: 2, .failed: 1, .ready: 1] && statistics.openRuns == 1)
        #expect(statistics.cost == Nanodollars(15))
        #expect(statistics.meanMilliseconds == 1_500 && statistics.medianMilliseconds == 1_000)
        #expect(statistics.lastActive == ended)
    }

    @Test("an agent and a message of an older store go on: active, version 1, delivered to the department's own agent")
    func older() async throws {
        let store = try await TestStore()
        await store.journal.close()
        let rows = [
            "INSERT INTO agent VALUES ('research', 'scout', x'7b7d', 5)",
            "INSERT INTO message (at_ms, tenant, department, type, key, payload) "
                + "VALUES (1, 't', 'research', 'note', 'k', x'31')",
        ]
        for statement in OldSchema.beforeAgents + rows { try Tampering.run(store.folder.path, statement) }
        let newer = try await store.reopened()
        #expect(try await configure(newer, #"{"a":1}"#).version == 2)
        let (history, open) = try await newer.journal.read { tx throws(JournalError) in
            (
                try tx.agentVersions(Self.scout),
                try tx.messages(AgentAddress(department: "research"), .open, after: 0, limit: 9)
            )
        }
        #expect(history.map(\.note) == ["as found", "n"])
        #expect(open.map(\.message.key) == ["k"] && open.first?.message.sender == nil)
    }

    // MARK: Pools

    private func pool(_ store: TestStore, _ policy: AgentPool) async throws {
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.poolSet(
                AgentPoolRecord(
                    name: "crew", department: "research", configuration: Array("{}".utf8), policy: policy,
                    createdAt: tx.now), by: "ana")
        }
    }

    private func submitted(_ store: TestStore) async throws -> String {
        try await store.journal.write { tx throws(JournalError) in
            var run = NewRun.sample()
            run.agent = Self.crew.name
            return try tx.runInsert(run).agent
        }
    }

    @Test("a pool is made with its smallest size, spreads runs over its agents, and gives all a new configuration")
    func pools() async throws {
        let store = try await store()
        try await pool(store, AgentPool(minimum: 3, maximum: 5))
        var counts: [String: Int] = [:]
        for _ in 0..<9 { counts[try await submitted(store), default: 0] += 1 }
        #expect(counts == ["crew-1": 3, "crew-2": 3, "crew-3": 3])
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.agentApply(.pause, to: AgentAddress(department: "research", name: "crew-2"), by: "ana")
            _ = try tx.poolSet(
                AgentPoolRecord(
                    name: "crew", department: "research", configuration: Array(#"{"a":1}"#.utf8),
                    policy: AgentPool(minimum: 3, maximum: 5), createdAt: tx.now), by: "ana")
        }
        for _ in 0..<4 { #expect(try await submitted(store) != "crew-2") }
        let members = try await store.journal.read { tx throws(JournalError) in try tx.agents(of: Self.crew) }
        #expect(members.map(\.version) == [2, 2, 2])
        #expect(try await refusal { try await create(store, "crew") } == .conflict(current: 1))
        #expect(try await store.mismatches() == [])
    }

    @Test("a pool that grows never uses a name again; a removed one drains its agents, which then retire")
    func growing() async throws {
        let store = try await store()
        try await pool(store, AgentPool(minimum: 1, maximum: 5))
        let first = AgentAddress(department: "research", name: "crew-1")
        let names = try await store.journal.write { tx throws(JournalError) in
            _ = try tx.agentApply(.retire, to: first, by: "ana")
            return try tx.poolGrow(Self.crew, by: 2, reason: "r", by: "host").map(\.name)
        }
        #expect(names == ["crew-2", "crew-3"])
        let busy = try await submitted(store)
        try await store.journal.write { tx throws(JournalError) in try tx.poolRemove(Self.crew, by: "ana") }
        let orphans = try await store.journal.read { tx throws(JournalError) in try tx.poolOrphans() }
        #expect(orphans.map(\.name) == ["crew-2", "crew-3"] && names.contains(busy))
        #expect(try await store.mismatches() == [])
    }
}
