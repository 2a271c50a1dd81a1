import FoundationEssentials
import PluginKit
import PluginTesting
import Testing

@Suite("A task and its context")
struct ContextTests {
    static func everythingScripted() throws -> TaskHarness {
        let harness = try TaskHarness(Sample.self)
        harness.budgetNanodollars = 1_000
        harness.onModelReply { request in
            let fits = request.options.seed == 7 && request.system == "be brief" && request.maximumOutputTokens == 100
            return ModelReply(
                text: fits ? "answer to \(request.prompt)" : "other options", model: "small", provider: "script",
                usage: ModelUsage(inputTokens: 3, outputTokens: 2, costNanodollars: 400))
        }
        harness.onTool("git.history", taking: [String: Int].self) { arguments in
            (0..<(arguments["limit"] ?? 0)).map { "commit \($0)" }
        }
        harness.onHTTP { HTTPResponse(status: 404, body: Array("\($0.method) \($0.url) \($0.headers)".utf8)) }
        harness.onCall(department: "research", task: "market-gaps") { (input: [UInt8]) in
            Array(#"{"text":"gaps for \#(input.count) bytes"}"#.utf8)
        }
        harness.approve(by: "Ada")
        return harness
    }

    @Test("every service answers through the boundary")
    func everyService() async throws {
        let harness = try Self.everythingScripted()
        let output: Everything = try await harness.run("effects", input: Empty())
        #expect(output.reply == "answer to question")
        #expect(output.cost == 400)
        #expect(output.commits == ["commit 0", "commit 1"])
        #expect(output.page == #"GET https://example.org/x ["accept": "text/plain"]"#)
        #expect(output.pageStatus == 404)
        #expect(output.stored == "# Report")
        #expect(output.child == "gaps for 14 bytes")
        #expect(output.approvedBy == "Ada")
        #expect(output.keys == ["a/2"])
        #expect(output.slept == 1_500)
        #expect(output.randomCount == 5)
        #expect(output.left == 600)
        #expect(harness.artifacts["report.md"] == Array("# Report".utf8))
        #expect(harness.messages == [.init(department: "finance", type: "spent", content: ["text": "1"])])
        #expect(harness.auditNotes == [.init(department: "", type: "decision.made", content: ["support": 7])])
        #expect(harness.logs == [.init(level: .warning, text: "a line")])
        #expect(harness.progress == [.init(fraction: 0.25, text: "started")])
        #expect(harness.partialText == "a piece")
        #expect(harness.violations == [])
        #expect(harness.openOperationCount == 0)
    }

    @Test("a replay performs no effect twice and gives the same output")
    func replayPerformsNothing() async throws {
        let harness = try Self.everythingScripted()
        let first: Everything = try await harness.run("effects", input: Empty())
        let effects = harness.steps.count
        let again: Everything = try await harness.replay()
        #expect(again == first)
        #expect(harness.steps.count == effects)
        #expect(harness.steps.filter { !$0.isReplayed } == [])
        #expect(harness.performedEffects == 0)
        #expect(harness.messages.count == 1)
        #expect(harness.budgetNanodollars == 600)
    }

    @Test("after a crash at any step, only the effects behind it are performed", arguments: 0...19)
    func crashAnywhere(kept: Int) async throws {
        let harness = try Self.everythingScripted()
        let first: Everything = try await harness.run("effects", input: Empty())
        let effects = harness.steps.count
        #expect(effects == 19)
        let again: Everything = try await harness.replay(keepingSteps: kept)
        #expect(harness.performedEffects == effects - kept)
        #expect(again.reply == first.reply && again.digest == first.digest)
    }

    @Test("a request that differs from the recorded one is a replay failure")
    func changedShape() async throws {
        let harness = try TaskHarness(Sample.self)
        harness.onModel { $0.prompt }
        let _: Text = try await harness.run("wait", input: Text(text: "one"))
        await #expect { () async throws -> Void in
            let _: Text = try await harness.replay("wait", input: Text(text: "two"))
        } throws: {
            ($0 as? TaskFailure)?.status == .replay
        }
    }

    @Test("steps that run in parallel are told apart by name")
    func parallelSteps() async throws {
        let harness = try TaskHarness(Sample.self)
        harness.onModel { "<\($0.prompt)>" }
        harness.hold("title")
        let started = try harness.start("parallel", input: Text(text: "tea"))
        await harness.waitUntilStarted("title")
        harness.release("title")
        let output: Text = try await started.value()
        #expect(output.text == "<title of tea> / <summary of tea>")
        #expect(Set(harness.steps.map(\.name)) == ["title", "summary"])
    }

    @Test("a streamed answer comes in order and completely, past the first credit")
    func streaming() async throws {
        let harness = try TaskHarness(Sample.self)
        harness.onModel { $0.prompt }
        let long = (0..<500).map { "\($0) " }.joined()
        let output: Streamed = try await harness.run("stream", input: Text(text: long))
        #expect(output.pieces.count > 128)
        #expect(output.pieces.joined() == long)
        #expect(output.text == long)
        let again: Streamed = try await harness.replay()
        #expect(again.pieces.isEmpty && again.text == long)
    }

    @Test("state is compared and swapped by revision")
    func state() async throws {
        let harness = try TaskHarness(Sample.self)
        for expected in 1...3 {
            let output: Counted = try await harness.run("count", input: Empty())
            #expect(output.count == expected)
        }
        #expect(try harness.state("count", as: Int.self) == 3)
    }

    @Test("a plan passes a part of one output into the next input")
    func plan() async throws {
        let harness = try TaskHarness(Sample.self)
        harness.onCall(department: "research", task: "market-gaps", taking: JSONValue.self) { input in
            ["gaps": ["none", .string("cold \(input["industry"]?.stringValue ?? "")")]] as JSONValue
        }
        harness.onCall(department: "business", task: "business-plan", taking: JSONValue.self) { input in
            ["text": .string("sell \(input["gap"]?.stringValue ?? "")")] as JSONValue
        }
        let output: Text = try await harness.run("plan", input: Text(text: "tea"))
        #expect(output.text == "sell cold tea")
    }

    @Test("what the configuration refuses ends the agent with its reason")
    func configuration() async throws {
        let harness = try TaskHarness(Sample.self, configuration: Sample.Settings(word: "Ahoy"))
        let output: Greeting = try await harness.run("greet", input: GreetInput(name: "Ada", punctuation: "!"))
        #expect(output.text == "Ahoy, Ada!")
        #expect {
            _ = try TaskHarness(Sample.self, configuration: Sample.Settings(word: ""))
        } throws: {
            ($0 as? TaskFailure).map { $0.status == .invalid && $0.message.contains("the word is empty") } ?? false
        }
    }

    @Test("a host without a service makes its effect unsupported, not a crash")
    func missingExtension() async throws {
        let harness = try TaskHarness(Sample.self, withoutExtensions: ["bureau.host.step/1", "bureau.host.log/1"])
        await #expect(throws: TaskFailure.unsupported("this host does not offer bureau.host.step/1")) {
            let _: Greeting = try await harness.run("greet", input: GreetInput(name: "Ada"))
        }
    }
}
