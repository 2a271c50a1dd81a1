import Kernel
import TestSupport
import Testing

@Suite("Plan")
struct PlanTests {
    static func node(_ id: String, after: [String] = [], input: JSONValue = [:]) -> JSONValue {
        [
            "id": .string(id), "department": "research", "task": "rank", "input": input,
            "after": .array(after.map(JSONValue.string)),
        ]
    }

    @Test("references and after become dependencies, each once")
    func dependencies() throws {
        let input: JSONValue = ["x": [["$from": "b", "pointer": "/p"]], "y": ["$from": "a"], "z": ["$from": "b"]]
        let plan = try Plan(json: [
            "nodes": [Self.node("c", after: ["a"], input: input), Self.node("b"), Self.node("a")]
        ])
        #expect(plan.node("c")?.dependencies == ["a", "b"])
        #expect(plan.node("c")?.task == TaskReference(department: "research", task: "rank"))
        #expect(plan.node("d") == nil)
        #expect(plan.topologicalOrder == ["b", "a", "c"])
    }

    @Test("inputs are resolved from outputs, whole or in part, at any depth")
    func resolution() throws {
        let input: JSONValue = [
            "all": ["$from": "a"], "part": [["deep": ["$from": "a", "pointer": "/list/1"]]], "kept": "as is",
        ]
        let plan = try Plan(json: ["nodes": [Self.node("a"), Self.node("b", input: input)]])
        let node = try #require(plan.node("b"))
        let output: JSONValue = ["list": [1, ["$from": "not a reference any more"]]]
        let resolved = try plan.resolvedInput(node, outputs: ["a": output])
        #expect(resolved["all"] == output)
        #expect(resolved["part"] == [["deep": ["$from": "not a reference any more"]]])
        #expect(resolved["kept"] == "as is")
    }

    @Test("a missing output or place is a failure that names both")
    func unresolved() throws {
        let input: JSONValue = ["x": ["$from": "a", "pointer": "/p/0"]]
        let plan = try Plan(json: ["nodes": [Self.node("a"), Self.node("b", input: input)]])
        let node = try #require(plan.node("b"))
        for outputs: [String: JSONValue] in [[:], ["a": ["p": []]]] {
            let failure = try #require(throws: Failure.self) { try plan.resolvedInput(node, outputs: outputs) }
            #expect(failure.status == .notFound)
            #expect(failure.message == "node b needs /p/0 of node a, which has no such value")
        }
    }

    @Test("everything that is wrong is said at once, each with its place")
    func allProblems() throws {
        let json: JSONValue = [
            "nodes": [
                ["id": "Bad Id", "department": "research", "task": "rank"],
                ["id": "a", "department": "research", "task": 5, "after": ["a", "nobody", 3]],
                ["id": "a", "task": "rank", "after": "b"],
                [
                    "id": "b", "department": "x", "task": "y",
                    "input": [["$from": "ghost"], ["$from": "a", "extra": 1]],
                ],
                ["id": "c", "department": "x", "task": "y", "input": ["p": ["$from": "a", "pointer": "p"]]],
                7,
            ]
        ]
        let error = try #require(throws: PlanError.self) { try Plan(json: json) }
        #expect(
            error.problems.map(\.description) == [
                "/nodes/0/id must be 1 to 64 of a-z, 0-9, '.', '_' and '-'",
                "/nodes/2/id repeats the id \"a\"",
                "/nodes/5 must be an object",
                "/nodes/1/task must be a string",
                "/nodes/1/after/0 makes node \"a\" depend on itself",
                "/nodes/1/after/1 names node \"nobody\", which is not in the plan",
                "/nodes/1/after/2 must be a node id, or {\"node\": a node id, \"on\": …, \"when\": …}",
                "/nodes/2/department must be a string",
                "/nodes/2/after must be an array of node ids",
                "/nodes/3/input/0/$from names node \"ghost\", which is not in the plan",
                "/nodes/3/input/1 must be {\"$from\": a node id, \"pointer\": a JSON pointer} and nothing else",
                "/nodes/4/input/p must be {\"$from\": a node id, \"pointer\": a JSON pointer} and nothing else",
            ])
    }

    @Test("a circle is found and its nodes are named, through after and references alike")
    func circle() throws {
        let json: JSONValue = [
            "nodes": [
                Self.node("free"), Self.node("a", after: ["c", "free"]), Self.node("b", input: ["x": ["$from": "a"]]),
                Self.node("c", after: ["b"]),
            ]
        ]
        let error = try #require(throws: PlanError.self) { try Plan(json: json) }
        #expect(error.description == "/nodes form a circle, in which each depends on the next: a → c → b → a")
    }

    @Test(
        "no nodes, and documents of another form, are refused",
        arguments: [[], ["nodes": 1], ["nodes": []]] as [JSONValue])
    func form(json: JSONValue) { #expect(throws: PlanError.self) { try Plan(json: json) } }

    @Test("more than 1,000 nodes are refused by their number")
    func tooMany() throws {
        let nodes = (0...Plan.maximumNodes).map { Self.node("n\($0)") }
        let error = try #require(throws: PlanError.self) { try Plan(json: ["nodes": .array(nodes)]) }
        #expect(error.description == "/nodes must have 1 to 1000 nodes, not 1001")
    }

    @Test("the order of any random plan respects every dependency and does not depend on chance")
    func randomPlans() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let count = Int.random(in: 1...40, using: &random)
            let ranks = Array(0..<count).shuffled(using: &random)
            let nodes = ranks.map { rank in
                Self.node("n\(rank)", after: (0..<rank).filter { _ in random.next() % 4 == 0 }.map { "n\($0)" })
            }
            let plan = try Plan(json: ["nodes": .array(nodes)])
            var done = Set<String>()
            for id in plan.topologicalOrder {
                #expect(plan.node(id)?.dependencies.allSatisfy(done.contains) == true, "seed \(seed)")
                done.insert(id)
            }
            #expect(done.count == count, "seed \(seed)")
        }
    }

    @Test("a chain of 1,000 nodes is accepted")
    func longest() throws {
        let nodes = (0..<1_000).map { Self.node("n\($0)", after: $0 == 0 ? [] : ["n\($0 - 1)"]) }
        #expect(try Plan(json: ["nodes": .array(nodes.reversed())]).topologicalOrder.last == "n999")
    }
}
