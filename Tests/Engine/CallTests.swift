import Engine
import Gateway
import Journal
import Kernel
import Synchronization
import Testing

/// Bills like gpt-5, and answers as its script says for each attempt in order; the last line holds for all that follow.
private final class ScriptedProvider: ModelProvider {
    struct Line: Sendable {
        var text = ""
        var arguments: String?
        /// After the text, if any.
        var fails = false
    }

    let name = "paid"
    let isDeterministic = false
    let conversations = Mutex<[[ChatMessage]]>([])
    private let lines: [Line]

    init(_ lines: Line...) { self.lines = lines }

    var count: Int { conversations.withLock { $0.count } }

    func resolve(model: String) -> String? { model.isEmpty ? "gpt-5" : model }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let index = conversations.withLock { asked in
            asked.append(call.messages)
            return asked.count - 1
        }
        let line = lines[min(index, lines.count - 1)]
        if !line.text.isEmpty { onChunk(line.text) }
        if line.fails {
            throw ProviderError(
                .io, "HTTP 503", wasSent: true, usage: TokenUsage(input: 1000, output: 0), isRetryable: true)
        }
        let calls = line.arguments.map { [ToolCall(id: "1", name: "mail", arguments: $0)] } ?? []
        return ModelAnswer(
            text: line.text, toolCalls: calls, model: "gpt-5", finishReason: "stop",
            usage: TokenUsage(input: 1000, output: 500), reference: nil)
    }
}

/// Why the host refused; nil when it answered.
private func refusal(
    of request: ModelRequest, for origin: CallOrigin, at runtime: HostRuntime,
    onText: (@Sendable (String) -> Void)? = nil
) async -> CallRefusal? {
    do {
        _ = try await runtime.calls.perform(request, id: runtime.calls.newID(), for: origin, onText: onText)
        return nil
    } catch {
        return error
    }
}

@Suite("Calls of clients, and what they share with runs", .timeLimit(.minutes(1)))
struct CallTests {
    private static let schema: JSONValue = ["response_schema": ["type": "object", "required": ["n"]]]
    private let host = TestHost()

    private func open(
        _ provider: ScriptedProvider, plugins: [ScriptedPlugin] = [], policy: GuardPolicy = .none
    ) async throws -> HostRuntime {
        var settings = GatewaySettings(defaultProvider: "paid", pricing: ["paid": .book(provider: "openai")])
        settings.routing.retry.backoff = Backoff(initialMilliseconds: 1, maximumMilliseconds: 2, maximumAttempts: 2)
        settings.cache = ResponseCache(CacheRule())
        return try await host.open(plugins, providers: [provider], gateway: settings, policy: policy)
    }

    private static func request(_ messages: JSONValue, _ options: JSONValue = [:]) -> ModelRequest {
        ModelRequest(model: "", messages: messages.bytes, options: options.bytes, maximumOutputTokens: 500)
    }

    private static func ask(_ text: String, _ options: JSONValue = [:]) -> ModelRequest {
        request([["role": "user", "content": .string(text)]], options)
    }

    private static let masking = #"""
        {"version": 1, "rules": [
          {"id": "mask", "on": "model.request", "when": {"personal_data": ["email"]}, "then": "mask"}]}
        """#

    @Test("what fails after a repair is a failure, not a broken answer again: attempts have an end")
    func failsAfterRepair() async throws {
        let inRun = ScriptedProvider(.init(text: "no JSON"), .init(fails: true))
        let request = Self.ask("a", Self.schema)
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": {
                    _ = try await $0.effect("m", .model(request))
                    return 1
                }
            ])
        let runtime = try await open(inRun, plugins: [plugin])
        #expect(try await runtime.run("dep/job").state == .failed)
        #expect(inRun.count == 3)
        await runtime.shutdown()

        let inCall = ScriptedProvider(.init(text: "no JSON"), .init(fails: true))
        let second = try await open(inCall)
        let refusal = await refusal(of: request, for: try CallOrigin(), at: second)
        #expect(refusal?.reason == .provider(retryAfterMilliseconds: nil))
        #expect(inCall.count == 3)
        // 1,000 tokens of input each time, and once 500 of output.
        #expect(refusal?.cost == Nanodollars(6_250_000 + 2 * 1_250_000))
        await second.shutdown()
    }

    @Test("what was masked stays masked: in arguments of earlier tool calls, and where an answer is quoted for repair")
    func staysMasked() async throws {
        let provider = ScriptedProvider(
            .init(text: "[EMAIL_1] is no JSON"), .init(text: #"{"n": "[EMAIL_1]"}"#),
            .init(arguments: #"{"to": "[EMAIL_1]"}"#))
        let runtime = try await open(provider, policy: try GuardPolicy(json: Array(Self.masking.utf8)))
        let repaired = try await runtime.calls.perform(
            Self.ask("ada@example.org", Self.schema), id: runtime.calls.newID(), for: CallOrigin())
        #expect(repaired.text == #"{"n": "ada@example.org"}"#)
        let messages: JSONValue = [
            ["role": "user", "content": "write"],
            [
                "role": "assistant", "content": nil,
                "tool_calls": [["id": "0", "name": "mail", "arguments": ["to": ["ada@example.org"]]]],
            ],
            ["role": "tool", "tool_call_id": "0", "content": "sent to ada@example.org"],
        ]
        let called = try await runtime.calls.perform(
            Self.request(messages, ["tools": [["name": "mail", "parameters": ["type": "object"]]]]),
            id: runtime.calls.newID(), for: CallOrigin())
        #expect(called.toolCalls.first?.arguments == #"{"to": "ada@example.org"}"#)
        let asked = provider.conversations.withLock { "\($0)" }
        #expect(provider.count == 3 && asked.contains("[EMAIL_1]") && !asked.contains("ada@"))
        await runtime.shutdown()
    }

    @Test("a cached answer costs nothing, has its record, and is not for a tenant that was stopped")
    func cached() async throws {
        let provider = ScriptedProvider(.init(text: "once"))
        let runtime = try await open(provider)
        let request = Self.ask("a", ["seed": 1])
        let origin = try CallOrigin(user: "ada@example.org")
        let first = try await runtime.calls.perform(request, id: runtime.calls.newID(), for: origin)
        let id = runtime.calls.newID()
        let second = try await runtime.calls.perform(request, id: id, for: origin)
        #expect(!first.isCached && second.isCached && second.text == "once" && second.usage.cost == .zero)
        let leaves = try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 1000)
        }.compactMap { try? JSONParser.parse($0.bytes) }
        let leaf = leaves.first { $0["call"]?.stringValue == "\(id)" }
        #expect(leaf?["cached"] == true && leaf?["cost"] == 0 && leaf?["user"] == "ada@example.org")
        let user = try await runtime.journal.read { journal throws(JournalError) in
            try journal.budget(.user(tenant: "default", "ada@example.org"))
        }
        #expect(user?.spent == first.usage.cost && user?.held == .zero)

        _ = try await runtime.stopBudget(.tenant("default"), by: "ops", reason: "test")
        let refusal = await refusal(of: request, for: origin, at: runtime)
        #expect(refusal?.reason == .budget(final: true, largestOutput: nil))
        #expect(provider.count == 1)
        await runtime.shutdown()
    }

    @Test("an attempt of which the client has seen a piece is not made again")
    func seen() async throws {
        let provider = ScriptedProvider(.init(text: "half", fails: true), .init(text: "whole"))
        let runtime = try await open(provider)
        let pieces = Mutex<[String]>([])
        let refusal = await refusal(of: Self.ask("a"), for: try CallOrigin(), at: runtime) { text in
            pieces.withLock { $0.append(text) }
        }
        #expect(refusal != nil && provider.count == 1 && pieces.withLock { $0 } == ["half"])
        let whole = try await runtime.calls.perform(Self.ask("b"), id: runtime.calls.newID(), for: CallOrigin())
        #expect(whole.text == "whole")
        await runtime.shutdown()
    }

    @Test("one tool at a time, where the client wants that, is asked for again when the model calls two")
    func single() {
        let tool = try? ToolDefinition(name: "mail", description: "", parameters: JSONSchema(["type": "object"]))
        let options = ModelOptions(tools: [tool].compactMap(\.self), allowsParallelCalls: false)
        let calls = ["1", "2"].map { ToolCall(id: $0, name: "mail", arguments: "{}") }
        let check = AnswerCheck(text: "", toolCalls: calls, options: options)
        #expect(check.violations == ["tool call 2 (mail): only one tool may be called at a time"])
        #expect(check.repair.count == 3)
        #expect(AnswerCheck(text: "", toolCalls: [calls[0]], options: options).isSound)
    }
}
