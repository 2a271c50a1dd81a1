import Foundation
import Gateway
import Kernel
import TestSupport
import Testing

/// What servers in use have sent, with the oddities of each; `Recorded/README.md` says where it is from.
@Suite("Recorded answers")
struct RecordedAnswerTests {
    private static let server = Task {
        try await ScriptServer.start(
            Built.checkout.appendingPathComponent("Tests/Gateway/replay_server.py"),
            Built.checkout.appendingPathComponent("Tests/Gateway/Recorded").path)
    }

    private func call(_ name: String, api: ProviderSettings.API = .openAIChat()) async throws -> ProxiedCall {
        let port = try await Self.server.value.port
        return try ProxiedCall(name, api: api, baseURL: "http://127.0.0.1:\(port)/v1")
    }

    private struct Expected: Sendable {
        var name: String
        var api = ProviderSettings.API.openAIChat()
        var text: String
        var finish = "stop"
        var input: Int64
        var cached: Int64 = 0
        var output: Int64
    }

    private static let recordings = [
        Expected(name: "litellm-chat", text: "Grüße aus dem Test", input: 100, cached: 20, output: 9),
        Expected(
            name: "litellm-messages", api: .anthropic(), text: "Grüße aus dem Test", input: 100, cached: 20, output: 9),
        Expected(
            name: "litellm-chat-of-messages", text: "", finish: "tool_calls", input: 100, output: 9),
        Expected(
            name: "llama", text: "1. Red: This is the most obvious colour, but", finish: "length", input: 34,
            output: 12),
        Expected(name: "usage-without-details", text: "plain bill", input: 12, output: 3),
        Expected(name: "nulls", text: "nulls", input: 12, output: 3),
    ]

    @Test("are read whole, and cost exactly what they say", arguments: recordings.indices)
    func whole(index: Int) async throws {
        let expected = Self.recordings[index]
        let proxied = try await call(expected.name, api: expected.api)
        let answer = try await proxied.answer()
        #expect(answer.text == expected.text, "\(expected.name)")
        #expect(answer.finishReason == expected.finish, "\(expected.name)")
        #expect(answer.usage.input == expected.input, "\(expected.name)")
        #expect(answer.usage.cachedRead ?? 0 == expected.cached, "\(expected.name)")
        #expect(answer.usage.output == expected.output, "\(expected.name)")
        let cost = ProxiedCall.cost(input: expected.input, cached: expected.cached, output: expected.output)
        #expect(proxied.gateway.cost(of: answer, for: proxied.call) == cost, "\(expected.name)")
    }

    @Test("tool calls beside an empty text are put together")
    func tools() async throws {
        let answer = try await call("litellm-chat-of-messages").answer()
        #expect(answer.toolCalls.map(\.name) == ["weather", "time"])
        #expect(answer.toolCalls.map(\.id) == ["call-0", "call-1"])
        #expect(answer.toolCalls.first?.argumentObject == ["city": "Zürich"])
    }

    @Test("an answer without usage is charged at its bound")
    func absent() async throws {
        let proxied = try await call("usage-absent")
        let answer = try await proxied.answer()
        #expect(answer.text == "no bill")
        #expect(answer.usage.input == nil && answer.usage.output == nil)
        #expect(proxied.gateway.cost(of: answer, for: proxied.call) == proxied.call.upperBound)
    }

    @Test("an input of zero tokens at the beginning is no bill: cut before the end, the bound is charged")
    func cut() async throws {
        let proxied = try await call("litellm-messages-cut", api: .anthropic())
        let failure = try #require(await proxied.failure())
        #expect(failure.status == .io && failure.isRetryable && failure.wasSent)
        #expect(failure.usage?.input == nil)
        #expect(proxied.gateway.cost(of: failure, for: proxied.call) == proxied.call.upperBound)
    }

    @Test("a failure that is sent as a success is one, and may have cost something")
    func failed() async throws {
        let proxied = try await call("litellm-messages-error", api: .anthropic())
        let failure = try #require(await proxied.failure())
        #expect(failure.status == .io && failure.isRetryable)
        #expect(failure.message.contains("litellm.APIError"))
        #expect(proxied.gateway.cost(of: failure, for: proxied.call) == proxied.call.upperBound)
    }
}
