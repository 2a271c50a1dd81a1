import Audit
import Engine
import Foundation
import Gateway
import Journal
import Kernel
import Placement
import TestSupport
import Testing

/// What the audit log says of decisions and effects: who, what, on whose behalf, at which prices, by which rule.
@Suite("Audit leaves of decisions and effects", .timeLimit(.minutes(1)))
struct AuditLeafTests {
    private let host = TestHost()

    private func leaves(_ type: String, _ runtime: HostRuntime) async throws -> [JSONValue] {
        try await runtime.expectSchemas()
        return try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 10_000)
        }.compactMap { try? JSONParser.parse($0.bytes) }.filter { $0["type"] == .string(type) }
    }

    private static let ask = ask("")

    private static func ask(_ model: String) -> EffectRequest {
        let messages: JSONValue = [["role": "user", "content": "Write to ana@example.org."]]
        return .model(ModelRequest(model: model, messages: messages.bytes, maximumOutputTokens: 1_000))
    }

    @Test("a model call's leaf names provider, model, prices and tokens, answered or failed")
    func calls() async throws {
        func plugin(_ model: String) -> ScriptedPlugin {
            ScriptedPlugin(
                department: "dep",
                [
                    "ask": { context in
                        _ = try await context.effect("ask", Self.ask(model))
                        return "done"
                    }
                ])
        }
        let one = FlakyProvider("one"), two = FlakyProvider("two", failures: 100)
        let settings = GatewaySettings(defaultProvider: "one", pricing: ["one": .book(provider: "openai")])
        let runtime = try await host.open([plugin("one/gpt-5")], providers: [one], gateway: settings)
        _ = try await runtime.run("dep/ask")
        let call = try #require(try await leaves("step.finished", runtime).first { $0["kind"] == "model" }?["call"])
        #expect(call["provider"] == "one" && call["model"] == "gpt-5")
        #expect(call["prices"]?.stringValue?.hasPrefix("book:") == true)
        #expect(call["input"] == 1000 && call["output"] == 500)
        #expect(try await runtime.verifyAudit().problems == [])
        await runtime.shutdown()

        let failing = GatewaySettings(defaultProvider: "two", pricing: ["two": .book(provider: "openai")])
        let again = try await host.open([plugin("two/gpt-5")], providers: [two], gateway: failing)
        _ = try await again.run("dep/ask")
        let failed = try await leaves("step.finished", again).last { $0["kind"] == "model" }
        #expect(failed?["state"] == "failed" && failed?["call"]?["provider"] == "two")
        #expect(failed?["call"]?["input"] == nil)
        await again.shutdown()
    }

    @Test("a host says who started it, from what, and which plugin serves each department")
    func started() async throws {
        let plugin = ScriptedPlugin(department: "dep", ["go": { _ in "done" }])
        let file = Digest.sha256([7])
        let runtime = try await host.open([plugin]) { settings in
            settings.startedBy = "ana"
            settings.files[.policy] = file
        }
        let start = try #require(try await leaves("host.started", runtime).first)
        #expect(start["by"] == "ana" && start["policy"] == .string(file.hex) && start["gateway"] == nil)
        #expect(start["prices"] == .string(PriceBook.builtIn.digest.hex))
        let serving = try #require(try await leaves("department.serving", runtime).first)
        #expect(serving["department"] == "dep" && serving["plugin"] == "org.example.dep")
        #expect(serving["digest"] == .string(plugin.descriptor.digest.hex) && serving["generation"] == 1)
        await runtime.shutdown()
        // The same settings have the same digest, others another.
        let same = try await host.open([plugin])
        await same.shutdown()
        let other = try await host.open([plugin]) { $0.defaultTimeoutSeconds = 5 }
        let digests = try await leaves("host.started", other).map { $0["settings"] }
        #expect(digests.count == 3 && digests[0] == digests[1] && digests[1] != digests[2])
        await other.shutdown()
    }

    @Test("a denied effect is an access decision too: who, what, and that it failed")
    func denied() async throws {
        let plugin = ScriptedPlugin(
            department: "dep", wants: Manifest.Wants(),
            [
                "go": { context in
                    _ = try? await context.effect("ask", Self.ask)
                    return "done"
                }
            ])
        let runtime = try await host.open([plugin])
        let run = try await runtime.run("dep/go")
        let denied = try #require(try await leaves("effect.denied", runtime).first)
        #expect(denied["run"] == .string(run.id.description) && denied["kind"] == "model")
        let access = try #require(try await leaves("access.decided", runtime).first)
        #expect(access["event_type"] == "access" && access["success"] == false && access["action"] == "model")
        #expect(access["user_id"] == "agent:dep/default" && access["resource_id"] == "model:default")
        #expect(access["timestamp"] == access["ts"] && access["plugin"] == .string(plugin.descriptor.digest.hex))
        await runtime.shutdown()
    }

    @Test("what the policy decides is a leaf with its rules and verdict, and nothing of the text")
    func policy() async throws {
        let policy = """
            {"version": 1, "rules": [
              {"id": "mask", "on": "model.request", "when": {"personal_data": ["email"]}, "then": "mask"},
              {"id": "tried", "on": "model.request", "when": {"personal_data": ["email"]}, "then": "forbid",
               "mode": "log"}]}
            """
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "go": { context in
                    _ = try await context.effect("ask", Self.ask)
                    return "done"
                }
            ])
        let runtime = try await host.open([plugin], policy: try GuardPolicy(json: Array(policy.utf8)))
        let run = try await runtime.run("dep/go")
        let decided = try #require(try await leaves("policy.decided", runtime).first)
        #expect(decided["run"] == .string(run.id.description) && decided["on"] == "model.request")
        #expect(decided["verdict"] == "mask" && decided["masked"] == ["email"])
        #expect(decided["rules"] == ["mask:mask", "tried:forbid:dry"])
        #expect(!decided.serialized().contains("example.org"))
        await runtime.shutdown()
    }

    private static let decision: JSONValue = [
        "decision_id": "d-1", "query": "Shall we hire Ana Muster?", "participating_executives": ["cfo", "cto"],
        "selected_framework": "mcda", "consensus_level": "strong", "support_percentage": .double(0.75),
        "escalated_to_human": false, "other": "member",
    ]

    private static var decisionSchema: JSONValue {
        ["type": "object", "required": .array(decision.objectValue?.keys.sorted().map { .string($0) } ?? [])]
    }

    @Test("a run whose task declares a decision is recorded as one, by what the host knows of it")
    func decided() async throws {
        let council = ScriptedPlugin(
            department: "council", outputSchema: Self.decisionSchema, ["decide": { _ in Self.decision }])
        // Another department that gives out the same, and never said that it decides anything.
        let other = ScriptedPlugin(department: "other", ["decide": { _ in Self.decision }])
        let runtime = try await host.open([council, other])
        let run = try await runtime.run("council/decide")
        _ = try await runtime.run("other/decide")
        let recorded = try await leaves("decision.recorded", runtime)
        try #require(recorded.count == 1)
        let leaf = recorded[0]
        #expect(leaf["event_type"] == "decision" && leaf["decision_id"] == "d-1" && leaf["user_id"] == .null)
        #expect(leaf["executives"] == ["cfo", "cto"] && leaf["framework"] == "mcda")
        #expect(leaf["consensus_level"] == "strong" && leaf["support_percentage"] == "0.75")
        #expect(leaf["escalated_to_human"] == false && leaf["timestamp"] == leaf["ts"])
        #expect(leaf["department"] == "council" && leaf["plugin"] == .string(council.descriptor.digest.hex))
        #expect(!leaf.serialized().contains("Ana"), "the question is personal: it stands in the event")
        let event = try #require(
            try await runtime.journal.read { journal throws(JournalError) in
                try journal.events(root: run.id, after: 0, limit: 100)
            }.map(\.event).first { $0.topic == "decision.recorded" })
        let fields = Set(event.body.objectValue?.keys.map { $0 } ?? [])
        #expect(
            fields.subtracting(["query_salt"]) == [
                "event_id", "timestamp", "event_type", "user_id", "decision_id", "query", "executives", "framework",
                "consensus_level", "support_percentage", "escalated_to_human",
            ])
        #expect(event.body["query"] == "Shall we hire Ana Muster?" && event.body["event_id"] == leaf["event_id"])
        await runtime.shutdown()
    }

    @Test("who may decide and who may not is told, each time")
    func approvals() async throws {
        let plugin = ScriptedPlugin(department: "dep", requiresApproval: true, ["go": { _ in "done" }])
        let runtime = try await host.open([plugin])
        let policy = try ApprovalPolicy(json: ["approvers": ["ana"], "quorum": 1])
        try await runtime.setApprovalRule(
            ApprovalRuleRecord(department: "dep", task: nil, policy: policy, createdAt: runtime.now), by: "op")
        let reference = try #require(TaskReference("dep/go"))
        let run = try await runtime.submit(RunSubmission(task: reference, input: Array("{}".utf8)))
        var open: [ApprovalRecord] = []
        while open.isEmpty {
            open = try await runtime.journal.read { journal throws(JournalError) in try journal.approvals(open: true) }
            if open.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        }
        let sequence = open[0].sequence
        _ = try? await runtime.act(run: run.id, sequence: sequence, .approve(revision: nil, content: nil), by: "bob")
        try await runtime.act(run: run.id, sequence: sequence, .approve(revision: nil, content: nil), by: "ana")
        #expect(try await runtime.outcome(of: run.id).state == .done)
        let access = try await leaves("access.decided", runtime)
        #expect(access.map { $0["user_id"] } == ["bob", "ana"])
        #expect(access.map { $0["success"] } == [false, true])
        #expect(access.allSatisfy { $0["resource_id"] == .string("approval:\(run.id):\(sequence)") })
        #expect(access.allSatisfy { $0["action"] == "approve" })
        #expect(try await runtime.verifyAudit().problems == [])
        await runtime.shutdown()
    }

    @Test("keys that are set and removed while the host serves are told by name, never by content")
    func keys() async throws {
        let vault = KeyVault(path: host.folder + "-keys", keyPath: host.folder + "-keys.key")
        defer { for path in [vault.path, vault.keyPath] { try? FileManager.default.removeItem(atPath: path) } }
        try vault.set("old", to: "sk-old-secret")
        let runtime = try await host.open([]) { $0.vault = vault }
        #expect(try await leaves("host.started", runtime).first?["keys"] != nil)
        try vault.set("openai", to: "sk-new-secret")
        try vault.remove("old")
        var told: [JSONValue] = []
        while told.isEmpty {
            told = try await leaves("key.removed", runtime)
            if told.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        }
        let set = try await leaves("key.set", runtime)
        #expect(told.map { $0["key"] } == ["old"] && set.map { $0["key"] } == ["openai"])
        #expect(set.first?["entry"]?.stringValue == (try vault.fingerprints()["openai"]?.hex))
        #expect(!set.map { $0.serialized() }.joined().contains("secret"))
        await runtime.shutdown()
    }
}
