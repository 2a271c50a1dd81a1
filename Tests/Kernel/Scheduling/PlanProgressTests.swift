import Kernel
import TestSupport
import Testing

@Suite("Plan progress")
struct PlanProgressTests {
    private func node(
        _ id: String, after: [JSONValue] = [], join: JSONValue? = nil, onFailure: String? = nil, input: JSONValue = [:]
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "department": "research", "task": "rank", "after": .array(after), "input": input,
        ]
        members["join"] = join
        members["on_failure"] = onFailure.map(JSONValue.string)
        return .object(members)
    }

    private func progress(_ nodes: JSONValue...) throws -> PlanProgress {
        PlanProgress(try Plan(json: ["nodes": .array(nodes)]))
    }

    private let failure = Failure(.io, "the disk is gone")

    private func ids(_ step: PlanProgress.Step) -> [String] { step.start.map(\.id) }

    @Test("a diamond starts each node when all it waits for is done, and ends when all have ended")
    func diamond() throws {
        var plan = try progress(
            node("a"), node("b", after: ["a"]), node("c", after: ["a"]), node("d", after: ["b", "c"]))
        #expect(ids(plan.advance()) == ["a"])
        #expect(ids(plan.advance()) == [], "started nodes are not started again")
        plan.end("a", .done(1))
        plan.end("a", .failed(failure))
        #expect(ids(plan.advance()) == ["b", "c"])
        plan.end("c", .done(3))
        #expect(ids(plan.advance()) == [])
        plan.end("b", .done(2))
        #expect(ids(plan.advance()) == ["d"])
        plan.end("d", .done(4))
        #expect(plan.advance().outcome == .done)
        #expect(plan.outputs == ["a": 1, "b": 2, "c": 3, "d": 4])
    }

    @Test("a condition chooses a branch, and what follows the other one is skipped in the same step")
    func conditions() throws {
        let high: JSONValue = ["node": "score", "when": ["pointer": "/score", "is": ">=", "value": .double(0.7)]]
        let low: JSONValue = ["node": "score", "when": ["pointer": "/score", "is": "<", "value": .double(0.7)]]
        var plan = try progress(
            node("score"), node("publish", after: [high]), node("review", after: [low]),
            node("redo", after: ["review"]), node("report", after: ["publish", "redo"], join: "any"))
        _ = plan.advance()
        plan.end("score", .done(["score": .double(0.7)]))
        let step = plan.advance()
        #expect(ids(step) == ["publish"] && step.skip == ["review", "redo"])
        #expect(plan.states["review"] == .skipped(reason: "the output of node score is not < at \"/score\""))
        plan.end("publish", .done([:]))
        #expect(ids(plan.advance()) == ["report"])
        plan.end("report", .done([:]))
        #expect(plan.advance().outcome == .done, "a branch not taken is no failure")
    }

    @Test(
        "comparisons are exact, and hold for nothing where the kinds differ",
        arguments: [
            ("==", 1, .double(1), true), ("!=", 1, .double(1.5), true), ("<", 1, .double(1.5), true),
            ("<=", 2, 2, true), (">", 2, 2, false),
            (">=", 9_007_199_254_740_993, .double(9_007_199_254_740_992), true), ("==", "é", "e\u{301}", false),
            ("<", "a", "b", false), ("==", [1, "x"], [1, "x"], true), ("!=", .null, 0, true), (">=", "5", 5, false),
        ] as [(String, JSONValue, JSONValue, Bool)])
    func comparisons(comparison: String, left: JSONValue, right: JSONValue, holds: Bool) throws {
        let edge: JSONValue = ["node": "a", "when": ["pointer": "/x", "is": .string(comparison), "value": right]]
        let cases: [(output: JSONValue, holds: Bool)] = [
            (.object(["x": left]), holds), (.object(["y": left]), comparison == "!="),
        ]
        for (output, expected) in cases {
            var plan = try progress(node("a"), node("b", after: [edge]))
            _ = plan.advance()
            plan.end("a", .done(output))
            #expect((ids(plan.advance()) == ["b"]) == expected, "\(output)")
        }
    }

    @Test("joins: n of m starts with the n-th, and is skipped as soon as n cannot be reached")
    func joins() throws {
        var two = try progress(
            node("a"), node("b"), node("c"), node("two", after: ["a", "b", "c"], join: ["at_least": 2]))
        _ = two.advance()
        two.end("a", .failed(failure))
        #expect(two.advance().skip == [])
        two.end("b", .done([:]))
        #expect(ids(two.advance()) == [])
        var lost = two
        two.end("c", .done([:]))
        #expect(ids(two.advance()) == ["two"])
        lost.end("c", .cancelled)
        #expect(lost.advance().skip == ["two"])
        #expect(lost.states["two"] == .skipped(reason: "node a failed; node c was cancelled"))
    }

    @Test("what joins when all is settled runs after failures and skips alike")
    func settled() throws {
        var plan = try progress(
            node("a"), node("b", after: ["a"]), node("tidy", after: ["a", "b"], join: "settled"))
        _ = plan.advance()
        plan.end("a", .failed(failure))
        let step = plan.advance()
        #expect(step.skip == ["b"] && ids(step) == ["tidy"])
        plan.end("tidy", .done([:]))
        #expect(plan.advance().outcome == .failed(["a"]))
    }

    @Test("a failure skips what depends on it, stops everything, or is passed over")
    func failures() throws {
        func plan(_ policy: String) throws -> PlanProgress {
            var plan = try progress(
                node("a", onFailure: policy), node("b"), node("c", after: ["a"]), node("d", after: ["b"]))
            _ = plan.advance()
            plan.end("a", .failed(failure))
            return plan
        }
        var skip = try plan("skip")
        #expect(skip.advance().skip == ["c"])
        skip.end("b", .done([:]))
        #expect(ids(skip.advance()) == ["d"], "the rest goes on")

        var cancel = try plan("cancel")
        let step = cancel.advance()
        #expect(step.stop == ["b"] && ids(step) == [] && step.outcome == nil)
        #expect(cancel.advance().stop == [], "told once")
        cancel.end("b", .done([:]))
        #expect(cancel.advance().outcome == .failed(["a"]))
        #expect(cancel.states["d"] == .cancelled)

        var pass = try plan("continue")
        #expect(ids(pass.advance()) == ["c"])
        for id in ["b", "c"] { pass.end(id, .done([:])) }
        _ = pass.advance()
        pass.end("d", .done([:]))
        #expect(pass.advance().outcome == .done)
    }

    @Test("a failure that something handles is none, and its handler is skipped when all went well")
    func handler() throws {
        let onFailure: JSONValue = ["node": "a", "on": "failure"]
        for fails in [true, false] {
            var plan = try progress(node("a"), node("fix", after: [onFailure]))
            _ = plan.advance()
            plan.end("a", fails ? .failed(failure) : .done([:]))
            #expect(ids(plan.advance()) == (fails ? ["fix"] : []))
            plan.end("fix", .done([:]))
            #expect(plan.advance().outcome == .done)
        }
    }

    @Test("what an input refers to must be done, whatever the join says")
    func references() throws {
        var plan = try progress(
            node("a", onFailure: "continue"), node("b"),
            node("c", after: ["b"], join: "any", input: ["x": ["$from": "a"]]))
        _ = plan.advance()
        plan.end("b", .done([:]))
        #expect(ids(plan.advance()) == [], "a is still open")
        plan.end("a", .failed(failure))
        #expect(plan.advance().skip == ["c"])
    }

    @Test("what is wrong with joins, policies and edges is said with its place")
    func problems() throws {
        let wrong: [(JSONValue, String)] = [
            (node("b", after: ["a"], join: ["at_least": 2]), "/nodes/1/join must be"),
            (node("b", join: "any"), "/nodes/1/join must be"), (node("b", join: "some"), "/nodes/1/join must be"),
            (node("b", onFailure: "explode"), "/nodes/1/on_failure must be"),
            (node("b", after: [["node": "ghost"]]), "/nodes/1/after/0/node names node"),
            (node("b", after: [["node": "a", "on": "luck"]]), "/nodes/1/after/0/on must be"),
            (node("b", after: [["node": "a", "if": 1]]), "/nodes/1/after/0/if is not known"),
            (node("b", after: [["node": "a", "when": ["pointer": "/x"]]]), "/nodes/1/after/0/when must be"),
            (
                node("b", after: [["node": "a", "on": "failure", "when": ["pointer": "", "is": "==", "value": 1]]]),
                "/nodes/1/after/0/when asks for an output"
            ),
        ]
        for (second, expected) in wrong {
            let error = try #require(throws: PlanError.self) { try progress(node("a"), second) }
            #expect(error.description.contains(expected), "\(error)")
        }
    }

    @Test("random plans under random ends: every node ends, and none runs without its right")
    func randomPlans() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let joins: [JSONValue?] = [nil, "any", "settled"]
        for _ in 0..<200 {
            let nodes = (0..<12).map { index in
                let after = (0..<index).filter { _ in random.next() % 3 == 0 }.map { JSONValue.string("n\($0)") }
                return node(
                    "n\(index)", after: after, join: after.isEmpty ? nil : joins[Int(random.next() % 3)],
                    onFailure: random.next() % 8 == 0 ? "cancel" : random.next() % 3 == 0 ? "continue" : nil)
            }
            var plan = PlanProgress(try Plan(json: ["nodes": .array(nodes)]))
            var outcome: PlanProgress.Outcome?
            for _ in 0..<40 where outcome == nil {
                let step = plan.advance()
                outcome = step.outcome
                for started in step.start {
                    let all = started.join == .all
                    for edge in started.edges where all {
                        let isDone = if case .done = plan.states[edge.node] { true } else { false }
                        #expect(isDone || plan.plan.node(edge.node)?.onFailure == .continue, "seed \(seed)")
                    }
                }
                let running = plan.states.filter { $0.value == .running }.keys.sorted()
                if let id = running.randomElement(using: &random) {
                    plan.end(id, random.next() % 3 == 0 ? .failed(failure) : .done([:]))
                }
            }
            #expect(outcome != nil, "seed \(seed)")
        }
    }
}

@Suite("Critical path")
struct PlanTimingTests {
    /// Activities of the Reliable Construction Co. in weeks, with what they follow (Hillier and Lieberman,
    /// "Introduction to Operations Research", chapter on project management with PERT/CPM).
    private static let construction: [(id: String, weeks: Int64, after: [String])] = [
        ("a", 2, []), ("b", 4, ["a"]), ("c", 10, ["b"]), ("d", 6, ["c"]), ("e", 4, ["c"]), ("f", 5, ["e"]),
        ("g", 7, ["d"]), ("h", 9, ["e", "g"]), ("i", 7, ["c"]), ("j", 8, ["f", "i"]), ("k", 4, ["j"]),
        ("l", 5, ["j"]), ("m", 2, ["h"]), ("n", 6, ["k", "l"]),
    ]

    @Test("the textbook's project takes 44 weeks along A-B-C-E-F-J-L-N")
    func textbook() throws {
        let plan = try Plan(json: [
            "nodes": .array(Self.construction.map { PlanTests.node($0.id, after: $0.after) })
        ])
        let weeks = Dictionary(uniqueKeysWithValues: Self.construction.map { ($0.id, $0.weeks) })
        let timing = plan.timing(weeks)
        #expect(timing.totalMilliseconds == 44)
        #expect(timing.criticalPath == ["a", "b", "c", "e", "f", "j", "l", "n"])
        let slack = timing.nodes.mapValues(\.slack).filter { $0.value > 0 }
        #expect(slack == ["d": 4, "g": 4, "h": 4, "i": 2, "k": 1, "m": 4])
        #expect(timing.nodes["h"]?.earliestStart == 29 && timing.nodes["h"]?.latestStart == 33)
    }

    @Test("the critical path is as long as the whole, and delaying any node by its slack delays nothing")
    func properties() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let nodes = (0..<15).map { index in
                PlanTests.node("n\(index)", after: (0..<index).filter { _ in random.next() % 4 == 0 }.map { "n\($0)" })
            }
            let plan = try Plan(json: ["nodes": .array(nodes)])
            var durations: [String: Int64] = [:]
            for index in 0..<15 { durations["n\(index)"] = Int64.random(in: 0...20, using: &random) }
            let timing = plan.timing(durations)
            #expect(timing.criticalPath.reduce(0) { $0 + (durations[$1] ?? 0) } == timing.totalMilliseconds)
            #expect(timing.criticalPath.allSatisfy { timing.nodes[$0]?.slack == 0 }, "seed \(seed)")
            for (id, node) in timing.nodes {
                var longer = durations
                longer[id, default: 0] += node.slack
                #expect(plan.timing(longer).totalMilliseconds == timing.totalMilliseconds, "seed \(seed)")
                longer[id, default: 0] += 1
                #expect(plan.timing(longer).totalMilliseconds == timing.totalMilliseconds + 1, "seed \(seed)")
            }
        }
    }
}
