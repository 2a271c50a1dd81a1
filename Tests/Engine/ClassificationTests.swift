import Audit
import Engine
import Gateway
import HostTools
import Journal
import Kernel
import Synchronization
import Testing

/// Remembers what it was told, and answers as it is set up.
private final class ListeningProvider: ModelProvider {
    let name = "listening"
    let isDeterministic = false
    let told = Mutex<[String]>([])

    func resolve(model: String) -> String? { "gpt-5" }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let texts = call.messages.flatMap(\.parts).compactMap { part in
            if case .text(let text) = part.content { text } else { nil }
        }
        told.withLock { $0.append(texts.joined(separator: " ")) }
        return ModelAnswer(
            text: "noted", model: "gpt-5", finishReason: "stop", usage: TokenUsage(input: 10, output: 1),
            reference: nil)
    }
}

/// Brings in what it is asked for.
private struct FetchingTool: HostTool {
    let name = "web.read"
    let summary = "Reads a page."
    let argumentsSchema: JSONValue = true
    let resultSchema: JSONValue = true
    var isReadOnly: Bool { true }

    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue { arguments }
}

@Suite("The class of a run's data holds in everything that it does", .timeLimit(.minutes(1)))
struct ClassificationTests {
    private let host = TestHost()
    private let provider = ListeningProvider()

    private func open(policy: String = "", _ body: @escaping ScriptedPlugin.Body) async throws -> HostRuntime {
        var gateway = GatewaySettings(
            defaultProvider: "listening", pricing: ["listening": .book(provider: "openai")])
        gateway.cache = ResponseCache(CacheRule())
        return try await host.open(
            [
                ScriptedPlugin(
                    department: "dep",
                    wants: Manifest.Wants(models: ["*"], tools: ["*"], hosts: ["api.example.org"], departments: ["*"]),
                    ["job": body]),
                ScriptedPlugin(department: "legal", ["job": { _ in ["advice": "none"] }]),
            ], providers: [provider], tools: [FetchingTool()],
            gateway: gateway, policy: try GuardPolicy(json: Array(#"{"version": 1, "rules": []\#(policy)}"#.utf8)))
    }

    private static func ask(_ text: String, options: JSONValue = [:]) -> EffectRequest {
        let messages: JSONValue = [["role": "user", "content": .string(text)]]
        return .model(
            ModelRequest(model: "", messages: messages.bytes, options: options.bytes, maximumOutputTokens: 100))
    }

    private static func read(_ text: String) -> EffectRequest {
        .tool(name: "web.read", arguments: JSONValue.object(["text": .string(text)]).bytes, timeoutMilliseconds: 0)
    }

    private func record(_ runtime: HostRuntime, _ run: RunID) async throws -> RunClassRecord? {
        try await runtime.journal.read { journal throws(JournalError) in try journal.runClass(run) }
    }

    private func leaves(_ runtime: HostRuntime, _ type: String) async throws -> [JSONValue] {
        try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 10_000)
        }.compactMap { try? JSONParser.parse($0.bytes) }.filter { $0["type"]?.stringValue == type }
    }

    @Test("an input's words, a department's name and the submitter give the class at admission")
    func admission() async throws {
        let runtime = try await open { _ in [:] }
        #expect(try await runtime.run("dep/job", ["q": "hello"]).sensitivity == .internal)
        #expect(try await runtime.run("dep/job", ["q": "a secret"]).sensitivity == .confidential)
        #expect(try await runtime.run("legal/job").sensitivity == .restricted)
        var submission = RunSubmission(task: try #require(TaskReference("dep/job")), input: Array("{}".utf8))
        submission.sensitivity = .public
        let run = try await runtime.submit(submission)
        #expect(run.sensitivity == .public)
        #expect(try await runtime.outcome(of: run.id).sensitivity == .public)
        #expect(try await record(runtime, run.id)?.reasons == ["said"])
        await runtime.shutdown()
    }

    @Test("what a tool brings in raises the run before its next effect, and the run's parent with it")
    func raising() async throws {
        let runtime = try await open { context in
            if context.input["child"] == true {
                _ = try await context.effect("read", Self.read("the secret plan"))
                return [:]
            }
            let child = try #require(TaskReference("dep/job"))
            _ = try await context.effect("ask", .child(child, input: Array(#"{"child":true}"#.utf8)))
            return [:]
        }
        let run = try await runtime.run("dep/job")
        #expect(run.sensitivity == .confidential)
        let children = try await runtime.journal.read { journal throws(JournalError) in
            try journal.children(of: run.id)
        }
        #expect(children.map(\.sensitivity) == [.confidential])
        let child = try #require(children.first)
        #expect(try await record(runtime, child.id)?.reasons == ["rule seed.keywords"])
        #expect(try await record(runtime, run.id)?.reasons == ["child \(child.id)"])
        #expect(try await leaves(runtime, "run.classified").count == 2)
        #expect(try await runtime.verifyAudit().isSound)
        await runtime.shutdown()
    }

    @Test("restricted data goes to no model that is not cleared for it, and the refusal is in the log")
    func providers() async throws {
        let runtime = try await open { context in
            _ = try await context.effect(
                "legal", .child(try #require(TaskReference("legal/job")), input: Array("{}".utf8)))
            return try JSONParser.parse(try await context.effect("m", Self.ask("hello")).data)
        }
        let run = try await runtime.run("dep/job")
        #expect(run.failure?.status == .denied && run.failure?.message.contains("is restricted") == true)
        #expect(provider.told.withLock { $0.isEmpty } && run.cost == .zero && run.sensitivity == .restricted)
        #expect(try await leaves(runtime, "effect.denied").count == 1)
        await runtime.shutdown()
    }

    @Test("a provider that is cleared gets it, and nothing of it is shared with later calls")
    func cleared() async throws {
        let policy = #", "classification": {"clearances": {"providers": {"listening": "restricted"}}}"#
        let runtime = try await open(policy: policy) { context in
            try JSONParser.parse(
                try await context.effect("m", Self.ask("hello", options: ["temperature_milli": 0])).data)
        }
        // Twice restricted, twice internal, once confidential, once internal again.
        for input in [
            ["domains": ["legal"]], ["domains": ["legal"]], [:], [:], ["q": "secret"], [:],
        ] as [JSONValue] {
            #expect(try await runtime.run("dep/job", input).state == .done)
        }
        #expect(provider.told.withLock { $0.count } == 4, "only the internal calls share an answer")
        await runtime.shutdown()
    }

    @Test("a request that says more than the input raises the run before it is sent")
    func requests() async throws {
        let policy = #", "classification": {"clearances": {"providers": {"listening": "internal"}}}"#
        let runtime = try await open(policy: policy) { context in
            try JSONParser.parse(try await context.effect("m", Self.ask("about the acquisition")).data)
        }
        let run = try await runtime.run("dep/job")
        #expect(run.failure?.status == .denied && run.sensitivity == .confidential)
        #expect(provider.told.withLock { $0.isEmpty })
        await runtime.shutdown()
    }

    @Test("confidential data is fetched from no host that is not cleared for it")
    func hosts() async throws {
        let runtime = try await open { context in
            let request = HTTPRequest(
                method: "GET", url: "https://api.example.org/x", headers: [], body: [], timeoutMilliseconds: nil,
                maximumResponseBytes: nil)
            return try JSONParser.parse(try await context.effect("h", .http(request)).data)
        }
        let run = try await runtime.run("dep/job", ["q": "secret"])
        #expect(run.failure?.message.contains("host api.example.org is cleared for internal") == true)
        #expect(try await leaves(runtime, "effect.denied").count == 1)
        await runtime.shutdown()
    }

    @Test("what an input says of people reaches no model, in a plugin's own words either, nor does its root's")
    func minimisation() async throws {
        let runtime = try await open { context in
            if context.input["child"] == true {
                return try JSONParser.parse(
                    try await context.effect("m", Self.ask("Does Ada Lovelace agree with Bob at 51234?")).data)
            }
            let child = try #require(TaskReference("dep/job"))
            return try JSONParser.parse(
                try await context.effect("c", .child(child, input: Array(#"{"child":true}"#.utf8))).data)
        }
        let input: JSONValue = [
            "context": [
                "personal_data": ["name": "Ada Lovelace", "salary": 51234], "stakeholders": ["Ann", "Bob"],
            ]
        ]
        let run = try await runtime.run("dep/job", input)
        #expect(run.state == .done, "\(String(describing: run.failure))")
        #expect(
            provider.told.withLock { $0 } == ["Does [personal data] agree with stakeholder_1 at [personal data]?"])
        await runtime.shutdown()
    }

    @Test("a person's word counts at once, for a run that goes on too, and down only by a person")
    func person() async throws {
        let runtime = try await open { context in
            _ = try await context.effect("read", Self.read("a secret"))
            return [:]
        }
        let run = try await runtime.run("dep/job")
        #expect(run.sensitivity == .confidential)
        let record = try await runtime.classify(run.id, as: .internal, by: "ana", because: "published")
        #expect(record.before == .confidential)
        let lowered = try await runtime.outcome(of: run.id)
        #expect(lowered.sensitivity == .internal)
        let leaf = try #require(try await leaves(runtime, "run.classified").last)
        #expect(leaf["by"] == "ana" && leaf["before"] == "confidential" && leaf["class"] == "internal")
        await runtime.shutdown()
    }

    @Test("secrets and personal data of a plugin's log lines are in no notice")
    func notices() async throws {
        let runtime = try await open { context in
            context.log("key AKIAIOSFODNN7EXAMPLE of ada@example.org")
            return [:]
        }
        let id = runtime.newRunID()
        let notices = runtime.watch(root: id)
        var submission = RunSubmission(task: try #require(TaskReference("dep/job")), input: Array("{}".utf8))
        submission.id = id
        _ = try await runtime.submit(submission)
        var lines: [String] = []
        for await notice in notices { if case .log(_, let text) = notice.kind { lines.append(text) } }
        #expect(lines == ["key [secret] of [email]"])
        await runtime.shutdown()
    }

    @Test("scores and the record of processing are made from what this host did")
    func compliance() async throws {
        let runtime = try await open { context in
            try JSONParser.parse(try await context.effect("m", Self.ask("hello")).data)
        }
        let before = try await runtime.complianceDesk().evidence().assessment
        #expect(before["explainability"]?.milli == nil && before["human_oversight"]?.milli == nil)
        _ = try await runtime.run("dep/job")
        let evidence = try await runtime.complianceDesk().evidence()
        #expect(evidence.assessment["explainability"]?.milli == 1000)
        #expect(evidence.assessment["technical_robustness"]?.milli == 1000)
        #expect(evidence.assessment["human_oversight"]?.milli == nil)
        #expect(evidence.tally.activeDepartments == ["dep"])
        let record = try await runtime.complianceDesk().processing().json
        #expect(record["activities"]?.arrayValue?.map { $0["department"] } == ["dep", "legal"])
        #expect(record["activities"]?.arrayValue?.last?["least_class"] == "restricted")
        #expect(record["providers"] == ["listening": "confidential"])
        #expect(record["not_stated"]?.arrayValue?.count == 4)
        await runtime.shutdown()
    }
}
