import Kernel
import Testing

@Suite("The life of an agent, what it takes, and pools of them")
struct AgentTests {
    private func next(_ state: AgentState, _ transition: AgentTransition, open: Int = 0) -> AgentState? {
        try? state.applying(transition, openRuns: open)
    }

    @Test("every transition from every state is as the table says, and retired is final")
    func table() {
        let table: [AgentState: [AgentTransition: AgentState]] = [
            .created: [.start: .active, .drain: .draining, .retire: .retired],
            .active: [.start: .active, .resume: .active, .pause: .paused, .drain: .draining, .retire: .retired],
            .paused: [.resume: .active, .pause: .paused, .drain: .draining, .retire: .retired],
            .draining: [.drain: .draining, .retire: .retired],
            .retired: [.retire: .retired],
        ]
        for state in AgentState.allCases {
            for transition in AgentTransition.allCases {
                #expect(next(state, transition) == table[state]?[transition], "\(state) \(transition)")
            }
        }
    }

    @Test("an agent with open runs does not retire, and the refusal says what to do")
    func busy() {
        for state in AgentState.allCases where state != .retired {
            let refusal = #expect(throws: Failure.self) { try state.applying(.retire, openRuns: 2) }
            #expect(refusal?.message.contains("2 runs are open: drain") == true)
        }
        #expect(next(.retired, .retire, open: 1) == .retired)
    }

    @Test("what an agent takes goes by task or tag, with * at the end; the refusal names what is missing")
    func capabilities() throws {
        let agent = AgentAddress(department: "research", name: "scout")
        let profile = AgentProfile(capabilities: ["rank", "tag:summary", "market-*"])
        #expect(profile.takes("rank") && profile.takes("market-gaps") && profile.takes("any", tags: ["summary"]))
        #expect(!profile.takes("ranking") && !profile.takes("any", tags: ["sum"]) && !profile.takes("mark"))
        let refusal = try #require(profile.refusal(of: "sell", tags: ["money"], by: agent))
        #expect(refusal.message.contains("\"sell\" or \"tag:money\"") && refusal.message.contains("market-*"))
        #expect(AgentProfile.all.refusal(of: "sell", tags: [], by: agent) == nil)
        #expect(AgentProfile(capabilities: []).refusal(of: "sell", tags: [], by: agent) != nil)
    }

    @Test("capabilities are added and removed; taking one away from all leaves the others")
    func changes() {
        let tasks = ["rank", "sell", "buy"]
        let fewer = AgentProfile.all.changing(add: [], remove: ["sell"], of: tasks)
        #expect(fewer.capabilities == ["buy", "rank"])
        #expect(fewer.changing(add: ["sell", "sell"], remove: [], of: tasks).capabilities == ["buy", "rank", "sell"])
        #expect(fewer.changing(add: ["buy"], remove: ["buy"], of: tasks).capabilities == ["buy", "rank"])
        #expect(AgentProfile.all.changing(add: ["rank"], remove: [], of: tasks).capabilities == ["rank"])
    }

    @Test("a profile survives its JSON, and what is wrong in one is refused by its place")
    func json() throws {
        let text =
            #"{"capabilities":["a","tag:b*"],"on":{"x.y":{"input":{"k":{"$message":"/body/0"}},"#
            + #""priority":3,"task":"t"}}}"#
        let profile = try AgentProfile(json: try JSONParser.parse(text))
        #expect(profile.json.serialized() == text)
        let wrong: [(JSONValue, String)] = [
            ([], "object"), (["other": 1], "other"), (["capabilities": ["A b"]], "/capabilities"),
            (["on": ["x": ["task": "t", "priority": 9]]], "/on/x/priority"), (["on": ["X Y": ["task": "t"]]], "X Y"),
            (["on": ["x": [:]]], "/on/x"), (["on": ["x": ["task": "t", "no": 1]]], "no"),
        ]
        for (document, part) in wrong {
            let refusal = #expect(throws: Failure.self) { try AgentProfile(json: document) }
            #expect(refusal?.message.contains(part) == true, "\(document): \(refusal?.message ?? "")")
        }
    }

    @Test("the input of what a message starts is its body, or is made of parts of it")
    func reactions() throws {
        let message: JSONValue = ["type": "x", "from": "a:b", "body": ["order": [1, 2]]]
        #expect(try AgentReaction(task: "t").input(for: message) == ["order": [1, 2]])
        let reaction = AgentReaction(
            task: "t", input: ["first": ["$message": "/body/order/0"], "who": ["$message": "/from"]])
        #expect(try reaction.input(for: message) == ["first": 1, "who": "a:b"])
        #expect(throws: Failure.self) { try reaction.input(for: ["body": [:]]) }
    }

    @Test("addresses are a department with or without a name")
    func addresses() {
        #expect(AgentAddress("research") == AgentAddress(department: "research"))
        #expect(AgentAddress("research:a")?.description == "research:a")
        for text in ["", ":", "a:", ":a", "A:b", "a:b:c", "a b"] { #expect(AgentAddress(text) == nil, "\(text)") }
    }

    @Test("what was not acknowledged comes again until it came too often")
    func verdicts() {
        let at = Instant(unixMilliseconds: 9)
        for count in 0..<AgentMessage.maximumDeliveries {
            #expect(AgentMessage.verdict(deliveries: count, retryAt: at) == .again(at))
        }
        #expect(AgentMessage.verdict(deliveries: AgentMessage.maximumDeliveries, retryAt: at) == .dead)
        #expect(AgentMessage.verdict(deliveries: 0, retryAt: nil) == .dead)
    }
}

@Suite("Pools of agents")
struct AgentPoolTests {
    private func load(_ name: String, _ open: Int, _ used: Int64) -> AgentPool.Load {
        AgentPool.Load(name: name, openRuns: open, lastUsed: used)
    }

    private func member(
        _ name: String, _ state: AgentState = .active, queued: Int = 0, open: Int = 0, idleSince: Int64 = 0
    ) -> PoolScaling.Member {
        PoolScaling.Member(
            name: name, state: state, queued: queued, open: max(open, queued),
            lastActive: Instant(unixMilliseconds: idleSince))
    }

    private func at(_ seconds: Int64) -> Instant { Instant(unixMilliseconds: seconds * 1000) }

    @Test("least busy goes by open runs and then by the longest rest; round robin by the rest alone")
    func choice() {
        let members = [load("a", 1, 9), load("b", 0, 8), load("c", 0, 3), load("d", 5, 1)]
        #expect(AgentPool(strategy: .leastBusy).choose(among: members) == "c")
        #expect(AgentPool(strategy: .roundRobin).choose(among: members) == "d")
        #expect(AgentPool().choose(among: []) == nil)
        // All equal: the order does not depend on the list's.
        #expect(AgentPool().choose(among: [load("b", 0, 0), load("a", 0, 0)]) == "a")
    }

    @Test("round robin visits every member in turn, and least busy keeps loads within one of each other")
    func fair() {
        for strategy in AgentPool.Strategy.allCases {
            var loads = ["a", "b", "c"].map { load($0, 0, 0) }
            for number in 1...30 {
                let name = AgentPool(strategy: strategy).choose(among: loads)
                for index in loads.indices where loads[index].name == name {
                    loads[index].openRuns += 1
                    loads[index].lastUsed = Int64(number)
                }
            }
            #expect(loads.map(\.openRuns) == [10, 10, 10], "\(strategy)")
        }
    }

    @Test("a pool grows when its queue stays long, not at once, never beyond its largest size, and at most doubles")
    func growth() {
        let pool = AgentPool(minimum: 1, maximum: 5, growAbove: 2, growAfterSeconds: 10)
        var scaling = PoolScaling()
        let pressed = [member("a", queued: 20)]
        #expect(scaling.decide(pool, pressed, now: at(0)) == [])
        #expect(scaling.decide(pool, pressed, now: at(9)) == [])
        #expect(scaling.decide(pool, pressed, now: at(10)) == [.grow(by: 1)])
        // The clock of the next growth starts anew.
        let two = [member("a", queued: 10), member("b", queued: 10)]
        #expect(scaling.decide(pool, two, now: at(11)) == [])
        #expect(scaling.decide(pool, two, now: at(21)) == [.grow(by: 2)])
        let four = ["a", "b", "c", "d"].map { member($0, queued: 5) }
        #expect(scaling.decide(pool, four, now: at(22)) == [])
        #expect(scaling.decide(pool, four, now: at(40)) == [.grow(by: 1)])
        let five = ["a", "b", "c", "d", "e"].map { member($0, queued: 5) }
        #expect(scaling.decide(pool, five, now: at(41)) == [] && scaling.decide(pool, five, now: at(99)) == [])
    }

    @Test("pressure that eases, and a clock that goes back, start the wait anew")
    func eased() {
        let pool = AgentPool(minimum: 1, maximum: 5, growAbove: 2, growAfterSeconds: 10)
        var scaling = PoolScaling()
        _ = scaling.decide(pool, [member("a", queued: 9)], now: at(0))
        _ = scaling.decide(pool, [member("a", queued: 2)], now: at(5))
        #expect(scaling.decide(pool, [member("a", queued: 9)], now: at(11)) == [])
        #expect(scaling.decide(pool, [member("a", queued: 9)], now: at(-3_600)) == [])
        #expect(scaling.decide(pool, [member("a", queued: 9)], now: at(-3_591)) == [])
        #expect(scaling.decide(pool, [member("a", queued: 9)], now: at(-3_590)) == [.grow(by: 1)])
    }

    @Test("idle agents beyond the smallest size drain, longest idle first; drained ones without runs retire")
    func shrinking() {
        let pool = AgentPool(minimum: 2, maximum: 5, shrinkAfterSeconds: 60)
        var scaling = PoolScaling()
        let members = [
            member("a", idleSince: 5_000), member("b", idleSince: 1_000), member("c", open: 1),
            member("d", idleSince: 50_000),
        ]
        #expect(scaling.decide(pool, members, now: at(59)) == [])
        #expect(scaling.decide(pool, members, now: at(70)) == [.drain("b"), .drain("a")])
        let left = [member("c", open: 1), member("d", idleSince: 50_000), member("b", .draining)]
        #expect(scaling.decide(pool, left, now: at(999)) == [.retire("b")])
        #expect(scaling.decide(pool, [member("a"), member("b"), member("c", .draining, open: 1)], now: at(9)) == [])
    }

    @Test("a pool that is too small grows at once; one that is too large lets the least busy go")
    func resized() {
        var scaling = PoolScaling()
        #expect(scaling.decide(AgentPool(minimum: 3, maximum: 5), [member("a")], now: at(0)) == [.grow(by: 2)])
        let members = [member("a", open: 3, idleSince: 0), member("b", open: 1), member("c", open: 2)]
        #expect(
            scaling.decide(AgentPool(minimum: 1, maximum: 1), members, now: at(0)) == [.drain("b"), .drain("c")])
        // Those that an operator paused keep their places, and are left alone.
        let paused = [member("a", .paused), member("b", .paused)]
        #expect(scaling.decide(AgentPool(minimum: 2, maximum: 2), paused, now: at(9_999)) == [])
    }

    @Test("a policy survives its JSON, and what is wrong in one is refused by its name")
    func json() throws {
        let policy = AgentPool(minimum: 2, maximum: 9, strategy: .roundRobin, growAbove: 7, growAfterSeconds: 1)
        #expect(try AgentPool(json: policy.json) == policy)
        #expect(try AgentPool(json: [:]) == AgentPool())
        for (document, part): (JSONValue, String) in [
            (["min": 0], "/min"), (["min": 5, "max": 2], "more than"), (["strategy": "best"], "least_busy"),
            (["max": 1_001], "/max"), (["no": 1], "no"),
        ] {
            let refusal = #expect(throws: Failure.self) { try AgentPool(json: document) }
            #expect(refusal?.message.contains(part) == true, "\(refusal?.message ?? "")")
        }
    }
}
