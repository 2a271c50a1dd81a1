import Foundation
import Gateway
import Kernel
import TestSupport
import Testing

/// LiteLLM's proxy from the Python index. The first run on a machine installs it, which takes a minute or two.
enum LiteLLM {
    static let server = Task { try await PythonServer.start("litellm_server.py") }
    /// As in litellm_server.py.
    static let key = "sk-of-the-proxy-0123456789abcdef"

    /// False only where it cannot be had: whatever else goes wrong fails the tests.
    static func canBeHad() async throws -> Bool {
        do {
            _ = try await server.value
        } catch let error as ScriptServer.NotReady where error.output.contains("index cannot be reached") {
            FileHandle.standardError.write(Data("LiteLLM is not tested: \(error.output)".utf8))
            return false
        }
        return true
    }
}

/// A second upstream that others wrote, asked in two protocols, which asks a provider in two.
@Suite(
    "Providers, against LiteLLM's proxy",
    .enabled("the package index cannot be reached") { try await LiteLLM.canBeHad() })
struct LiteLLMTests {
    /// Asked how, and asking how.
    enum Path: String, CaseIterable, Sendable {
        case chat = "chat/chat", chatOfMessages = "chat/messages"
        case messages = "messages/messages", messagesOfChat = "messages/chat"

        var api: ProviderSettings.API { self == .chat || self == .chatOfMessages ? .openAIChat() : .anthropic() }

        func model(_ behaviour: String) -> String {
            "\(self == .chat || self == .messagesOfChat ? "chat" : "messages")/\(behaviour)"
        }

        /// The scripted provider repeats cached tokens as null at its end, where the proxy forgets them.
        var cached: Int64 { self == .chatOfMessages ? 0 : 20 }
    }

    private static let tools: JSONValue = [
        "tools": [
            [
                "name": "weather", "description": "The weather in a city.",
                "parameters": [
                    "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
                    "additionalProperties": false,
                ],
            ], ["name": "time"],
        ]
    ]

    private func call(
        _ path: Path, _ behaviour: String, options: JSONValue = [:], isOwn: Bool = false
    ) async throws -> ProxiedCall {
        try ProxiedCall(
            isOwn ? behaviour : path.model(behaviour), api: path.api, baseURL: try await LiteLLM.server.value.baseURL,
            key: LiteLLM.key, options: options)
    }

    private func expectBilled(_ answer: ModelAnswer, _ proxied: ProxiedCall, _ path: Path) {
        #expect(answer.usage.input == 100 && answer.usage.output == 9, "\(answer.usage)")
        #expect(answer.usage.cachedRead == path.cached)
        let cost = ProxiedCall.cost(input: 100, cached: path.cached, output: 9)
        #expect(proxied.gateway.cost(of: answer, for: proxied.call) == cost)
    }

    @Test("a stream is read whole, with usage and exact cost", arguments: Path.allCases)
    func stream(path: Path) async throws {
        let proxied = try await call(path, "stream")
        let answer = try await proxied.answer()
        #expect(answer.text == "Grüße aus dem Test")
        #expect(answer.finishReason == "stop")
        expectBilled(answer, proxied, path)
    }

    @Test("an answer cut at its limit says so", arguments: Path.allCases)
    func length(path: Path) async throws {
        let proxied = try await call(path, "length")
        let answer = try await proxied.answer()
        #expect(answer.text == "cut sh" && answer.finishReason == "length")
        expectBilled(answer, proxied, path)
    }

    @Test("tool calls arrive whole and in order", arguments: Path.allCases)
    func tools(path: Path) async throws {
        let proxied = try await call(path, "tools", options: Self.tools)
        var answer = try await proxied.answer()
        #expect(answer.toolCalls.map(\.name) == ["weather", "time"])
        #expect(answer.toolCalls.map(\.argumentObject) == [["city": "Zürich"], [:]])
        #expect(answer.finishReason == "tool_calls")
        expectBilled(answer, proxied, path)
        var repairs = AnswerRepairs()
        #expect(repairs.judge(&answer, of: proxied.call) == nil)
    }

    @Test("refusals keep their class and cost nothing", arguments: Path.allCases)
    func refusals(path: Path) async throws {
        let expected: [(String, Kernel.Status, Bool)] = [
            ("bad-request", .invalid, false), ("wrong-key", .denied, false), ("limited", .busy, true),
        ]
        for (behaviour, status, isRetryable) in expected {
            let proxied = try await call(path, behaviour)
            let failure = try #require(await proxied.failure())
            #expect(failure.status == status && failure.isRetryable == isRetryable, "\(behaviour): \(failure)")
            #expect(failure.usage == TokenUsage(input: 0, output: 0), "\(behaviour)")
            #expect(proxied.gateway.cost(of: failure, for: proxied.call) == .zero)
        }
    }

    @Test("a request that is too long for its model is refused by the proxy, and says why", arguments: Path.allCases)
    func tooLong(path: Path) async throws {
        let failure = try #require(await call(path, "long", isOwn: true).failure())
        #expect(failure.status == .invalid && !failure.isRetryable)
        #expect(failure.message.contains("ContextWindowExceededError"))
    }

    @Test("a failure of the provider may be billed, and is tried again", arguments: Path.allCases)
    func broken(path: Path) async throws {
        let proxied = try await call(path, "broken")
        let failure = try #require(await proxied.failure())
        #expect(failure.status == .io && failure.isRetryable, "\(failure)")
        #expect(proxied.gateway.cost(of: failure, for: proxied.call) == proxied.call.upperBound)
    }

    @Test("the proxy's own limit is one, though it does not say how long it holds")
    func limited() async throws {
        _ = try await call(.chat, "few", isOwn: true).answer()
        let failure = try #require(await call(.chat, "few", isOwn: true).failure())
        #expect(failure.status == .busy && failure.isRetryable)
        #expect(failure.retryAfterMilliseconds == nil, "LiteLLM sends no Retry-After here")
        #expect(failure.message.contains("RPM limit"))
    }
}
