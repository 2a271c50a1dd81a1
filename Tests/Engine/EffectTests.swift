import Engine
import Gateway
import HostTools
import Journal
import Kernel
import Placement
import Testing

@Suite("Effects pass one pipeline")
struct EffectTests {
    private func open(
        wants: Manifest.Wants = Manifest.Wants(models: ["*"], tools: ["*"], departments: ["*"]),
        tools: [any HostTool] = [], _ bodies: [String: ScriptedPlugin.Body]
    ) async throws -> (TestHost, HostRuntime) {
        let host = TestHost()
        return (host, try await host.open([ScriptedPlugin(department: "dep", wants: wants, bodies)], tools: tools))
    }

    @Test("a child's output and run id reach the parent; its failure does with department and reason")
    func children() async throws {
        let (host, runtime) = try await open([
            "parent": { context in
                let good = try #require(TaskReference("dep/good"))
                let bad = try #require(TaskReference("dep/bad"))
                let first = try await context.effect("first", .child(good, input: Array("{\"n\":2}".utf8)))
                do {
                    _ = try await context.effect("second", .child(bad, input: Array("{}".utf8)))
                    return "no failure"
                } catch let failure as Failure {
                    return [
                        "output": try JSONParser.parse(first.data), "run": .string(first.text),
                        "failure": .string(failure.description),
                    ]
                }
            },
            "good": { $0.input },
            "bad": { _ in throw Failure(.io, "the well is dry") },
        ])
        let run = try await runtime.run("dep/parent")
        let output = try #require(run.outputJSON)
        #expect(output["output"] == ["n": 2])
        #expect(output["run"]?.stringValue.flatMap(RunID.init) != nil)
        let text = try #require(output["failure"]?.stringValue)
        #expect(text.hasPrefix("io:") && text.contains("dep/bad") && text.contains("the well is dry"))
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a plan runs its nodes after what they depend on and hands outputs on")
    func plan() async throws {
        let (host, runtime) = try await open([
            "double": { context in
                guard case .integer(let number)? = context.input["n"] else { throw Failure(.invalid, "n") }
                return ["n": .integer(number * 2)]
            }
        ])
        let plan = """
            {"nodes":[
             {"id":"c","department":"dep","task":"double","input":{"n":{"$from":"b","pointer":"/n"}}},
             {"id":"a","department":"dep","task":"double","input":{"n":1}},
             {"id":"b","department":"dep","task":"double","input":{"n":{"$from":"a","pointer":"/n"}}}]}
            """
        let submitted = try await runtime.submitPlan(Array(plan.utf8), budget: nil)
        let run = try await runtime.outcome(of: submitted.id)
        #expect(run.state == .done)
        #expect(run.outputJSON?["outputs"] == ["a": ["n": 2], "b": ["n": 4], "c": ["n": 8]])
        let names = try await runtime.steps(of: run.id).map(\.name)
        #expect(names == ["a", "b", "c"])
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a plan takes the branch whose condition holds, goes past a failure that it may, and names another")
    func planFlow() async throws {
        let (host, runtime) = try await open([
            "double": { context in
                ["n": .integer((context.input["n"]?.integerValue ?? 0) * 2)]
            },
            "fail": { _ in throw Failure(.io, "the disk is gone") },
        ])
        let flow = """
            {"nodes":[
             {"id":"a","department":"dep","task":"double","input":{"n":3}},
             {"id":"high","department":"dep","task":"double","input":{"n":10},
              "after":[{"node":"a","when":{"pointer":"/n","is":">=","value":6}}]},
             {"id":"low","department":"dep","task":"double","input":{"n":20},
              "after":[{"node":"a","when":{"pointer":"/n","is":"<","value":6}}]},
             {"id":"shaky","department":"dep","task":"fail","on_failure":"continue"},
             {"id":"end","department":"dep","task":"double","input":{"n":1},"after":["high","low","shaky"],
              "join":{"at_least":2}}]}
            """
        let run = try await runtime.outcome(of: try await runtime.submitPlan(Array(flow.utf8), budget: nil).id)
        #expect(run.state == .done, "\(String(describing: run.failure))")
        #expect(run.outputJSON?["outputs"] == ["a": ["n": 6], "high": ["n": 20], "end": ["n": 2]])
        #expect(run.outputJSON?["skipped"]?["low"]?.stringValue?.contains("/n") == true)

        let broken = """
            {"nodes":[
             {"id":"bad","department":"dep","task":"fail"},
             {"id":"next","department":"dep","task":"double","input":{"n":1},"after":["bad"]},
             {"id":"other","department":"dep","task":"double","input":{"n":1}}]}
            """
        let failed = try await runtime.outcome(of: try await runtime.submitPlan(Array(broken.utf8), budget: nil).id)
        #expect(failed.state == .failed && failed.failure?.status == .io)
        #expect(failed.failure?.message.contains("node \"bad\"") == true)
        let children = try await runtime.journal.read { journal throws(JournalError) in
            try journal.children(of: failed.id)
        }
        #expect(children.map(\.task.task).sorted() == ["double", "fail"], "independent nodes go on")
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("what the manifest does not ask for is denied by name, does not happen, and is in the audit log")
    func denial() async throws {
        let (host, runtime) = try await open(
            wants: Manifest.Wants(models: ["offline/*"]),
            [
                "job": { context in
                    do {
                        _ = try await context.effect(
                            "x", .tool(name: "shell", arguments: Array("{}".utf8), timeoutMilliseconds: 0))
                        return "allowed"
                    } catch let failure as Failure {
                        return .string(failure.description)
                    }
                }
            ])
        let run = try await runtime.run("dep/job")
        let text = try #require(run.outputJSON?.stringValue)
        #expect(text.hasPrefix("denied:") && text.contains("\"shell\"") && text.contains("wants.tools"))
        #expect(try await runtime.steps(of: run.id).isEmpty)
        let leaves = try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 1000)
        }
        let texts = leaves.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts.contains { $0.contains("effect.denied") && $0.contains("shell") })
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("state is compare-and-swap, and a conflict tells the current revision")
    func state() async throws {
        let (host, runtime) = try await open([
            "job": { context in
                let first = try await context.effect("", .statePut(key: "k", value: [1], expectedRevision: 0))
                do {
                    _ = try await context.effect("", .statePut(key: "k", value: [2], expectedRevision: 0))
                    return "no conflict"
                } catch let failure as Failure {
                    let read = try await context.effect("", .stateGet(key: "k"))
                    return [
                        .integer(Int64(first.value)), .string(failure.status.name), .integer(Int64(read.value)),
                        .integer(Int64(read.data[0])),
                    ]
                }
            }
        ])
        #expect(try await runtime.run("dep/job").outputJSON == [1, "conflict", 1, 1])
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("artifacts are addressed by content and found by their digest")
    func artifacts() async throws {
        let bytes = Array("# Report".utf8)
        let (host, runtime) = try await open([
            "job": { context in
                let put = try await context.effect(
                    "", .artifactPut(name: "report.md", mediaType: "text/markdown", bytes: bytes))
                let digest = String(decoding: put.data, as: UTF8.self)
                let got = try await context.effect("", .artifactGet(digest: digest))
                return [.string(digest), .string(got.text), .bool(got.data == bytes)]
            }
        ])
        let run = try await runtime.run("dep/job")
        #expect(run.outputJSON == [.string(Digest.sha256(bytes).hex), "text/markdown", true])
        let kept = try await runtime.journal.read { journal throws(JournalError) in try journal.artifacts(of: run.id) }
        #expect(kept.map(\.name) == ["report.md"])
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a model call is answered by the offline provider, recorded with its usage, and free")
    func model() async throws {
        let messages = JSONValue.array([
            ["role": "user", "content": "Summarise in one sentence: The pump failed. The pump was old. Rain fell."]
        ])
        let (host, runtime) = try await open([
            "job": { context in
                let answer = try await context.effect(
                    "prose", .model(ModelRequest(model: "", messages: messages.bytes)))
                return try JSONParser.parse(answer.data)
            }
        ])
        let run = try await runtime.run("dep/job")
        #expect(run.state == .done, "\(run.failure?.description ?? "")")
        #expect(run.outputJSON?["text"]?.stringValue?.isEmpty == false)
        #expect(run.outputJSON?["provider"] == "offline")
        let step = try #require(try await runtime.steps(of: run.id).first)
        #expect(step.state == .done && step.cost == .zero)
        #expect((step.result?.usage?.output ?? 0) > 0)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a tool's arguments are checked before it is called, and its result is journaled")
    func tools() async throws {
        let tool = CountingTool()
        let (host, runtime) = try await open(
            tools: [tool],
            [
                "job": { context in
                    let good = try await context.effect(
                        "good", .tool(name: "count", arguments: Array("{\"by\":2}".utf8), timeoutMilliseconds: 0))
                    do {
                        _ = try await context.effect(
                            "bad", .tool(name: "count", arguments: Array("{\"by\":\"x\"}".utf8), timeoutMilliseconds: 0)
                        )
                        return "accepted"
                    } catch let failure as Failure {
                        return [try JSONParser.parse(good.data), .string(failure.status.name)]
                    }
                }
            ])
        let run = try await runtime.run("dep/job")
        #expect(run.outputJSON == [["total": 2], "invalid"])
        #expect(tool.calls["count"] == 1)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    private final class CountingTool: HostTool {
        let name = "count"
        let summary = "Counts."
        let argumentsSchema: JSONValue = [
            "type": "object", "required": ["by"], "properties": ["by": ["type": "integer"]],
        ]
        let isReadOnly = false
        let resultSchema: JSONValue = ["type": "object"]
        let calls = Counter()

        func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
            calls.add("count")
            return ["total": arguments["by"] ?? .null]
        }
    }
}

@Suite("People decide")
struct ApprovalTests {
    private func decide(_ runtime: HostRuntime, _ run: RunID, _ decision: ApprovalDecision) async throws {
        while true {
            let open = try await runtime.journal.read { journal throws(JournalError) in
                try journal.approvals(open: true)
            }
            if let approval = open.first(where: { $0.run == run }) {
                try await runtime.decide(run: run, sequence: approval.sequence, decision)
                return
            }
            await Task.yield()
        }
    }

    private let asking: ScriptedPlugin.Body = { context in
        let request = ApprovalRequest(
            title: "Send?", body: "It goes out.", content: Array("{\"text\":\"hi\"}".utf8), expiresMilliseconds: nil)
        let answer = try await context.effect("ask", .approval(request))
        return try JSONParser.parse(answer.data)
    }

    @Test("an edited approval releases the edited content, also when the host was restarted in between")
    func approve() async throws {
        let host = TestHost()
        let first = try await host.open([ScriptedPlugin(department: "dep", ["ask": asking])])
        let run = try await first.submit(
            RunSubmission(task: try #require(TaskReference("dep/ask")), input: Array("{}".utf8)))
        while try await first.journal.read({ journal throws(JournalError) in try journal.approvals(open: true) })
            .isEmpty
        {
            await Task.yield()
        }
        await first.shutdown()
        let second = try await host.open([ScriptedPlugin(department: "dep", ["ask": asking])])
        let edited = ApprovalDecision(
            approved: true, by: "ada", reason: "fine", content: Array("{\"text\":\"hello\"}".utf8))
        try await decide(second, run.id, edited)
        let ended = try await second.outcome(of: run.id)
        #expect(
            ended.outputJSON == [
                "approved": true, "by": "ada", "reason": "fine", "content": ["text": "hello"],
            ])
        await #expect(throws: EngineError.self) {
            try await second.decide(run: run.id, sequence: 0, edited)
        }
        await second.shutdown()
    }

    @Test("a review that waits when the host closes waits again at the next start", arguments: 0..<10)
    func reviewSurvives(round: Int) async throws {
        let host = TestHost()
        func plugin() -> ScriptedPlugin {
            ScriptedPlugin(department: "dep", requiresApproval: true, ["job": { _ in ["secret": 1] }])
        }
        let first = try await host.open([plugin()])
        let task = try #require(TaskReference("dep/job"))
        let run = try await first.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        while try await first.journal.read({ journal throws(JournalError) in try journal.approvals(open: true) })
            .isEmpty
        { await Task.yield() }
        await first.shutdown()
        let second = try await host.open([plugin()])
        try await decide(second, run.id, ApprovalDecision(approved: false, by: "bob", reason: "no"))
        let ended = try await second.outcome(of: run.id)
        #expect(ended.failure?.status == .denied, "round \(round)")
        await second.shutdown()
    }

    @Test("a task that requires review is not released until somebody approves")
    func review() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(department: "dep", requiresApproval: true, ["job": { _ in ["secret": 1] }])
        let runtime = try await host.open([plugin])
        let task = try #require(TaskReference("dep/job"))
        let approved = try await runtime.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        try await decide(runtime, approved.id, ApprovalDecision(approved: true, by: "ada", reason: ""))
        #expect(try await runtime.outcome(of: approved.id).outputJSON == ["secret": 1])
        let rejected = try await runtime.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        try await decide(runtime, rejected.id, ApprovalDecision(approved: false, by: "bob", reason: "too early"))
        let ended = try await runtime.outcome(of: rejected.id)
        #expect(ended.state == .failed && ended.output == nil)
        #expect(ended.failure?.message.contains("bob") == true && ended.failure?.message.contains("too early") == true)
        await runtime.shutdown()
    }
}
