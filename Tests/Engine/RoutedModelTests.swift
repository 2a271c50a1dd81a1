import Engine
import Gateway
import Journal
import Kernel
import Testing

/// Bills like gpt-5, and fails as often as it is told to.
final class FlakyProvider: ModelProvider {
    let name: String
    let isDeterministic = false
    let calls = Counter()
    private let failures: Int

    init(_ name: String, failures: Int = 0) {
        self.name = name
        self.failures = failures
    }

    func resolve(model: String) -> String? { model }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        guard calls.add("sent") > failures else {
            throw ProviderError(
                .io, "HTTP 503", wasSent: true, usage: TokenUsage(input: 1000, output: 0), isRetryable: true)
        }
        return ModelAnswer(
            text: "from \(name)", model: call.model, finishReason: "stop",
            usage: TokenUsage(input: 1000, output: 500), reference: nil)
    }
}

@Suite("A run's calls on their routes")
struct RoutedModelTests {
    private static let request: EffectRequest = {
        let text = String(repeating: "word ", count: 300)
        let messages: JSONValue = [["role": "user", "content": .string(text)]]
        return .model(
            ModelRequest(
                model: "careful", messages: messages.bytes, options: Array(#"{"seed":1}"#.utf8),
                maximumOutputTokens: 500))
    }()

    private static var plugin: ScriptedPlugin {
        ScriptedPlugin(
            department: "dep",
            [
                "job": {
                    _ = try await $0.effect("m", request)
                    return 1
                }
            ])
    }

    private func settings(cache: ResponseCache? = nil) -> GatewaySettings {
        var route = Route(name: "careful", targets: [.init(model: "one/gpt-5")], fallbacks: ["two/gpt-5"])
        route.retry.backoff = Backoff(initialMilliseconds: 1, maximumMilliseconds: 2, maximumAttempts: 2)
        var settings = GatewaySettings(
            defaultProvider: "one", pricing: ["one": .book(provider: "openai"), "two": .book(provider: "openai")])
        settings.routing = RoutingSettings(routes: ["careful": route])
        settings.cache = cache
        return settings
    }

    private func reply(_ run: RunRecord, _ runtime: HostRuntime) async throws -> (JSONValue, TokenUsage?) {
        let step = try #require(try await runtime.steps(of: run.id).first { $0.kind == .model })
        return (try JSONParser.parse(step.result?.data ?? []), step.result?.usage)
    }

    @Test("each attempt has its own hold, cost and leaf, also at the target that steps in")
    func fallsOver() async throws {
        let (one, two) = (FlakyProvider("one", failures: 2), FlakyProvider("two"))
        let plugin = Self.plugin
        let host = TestHost()
        let runtime = try await host.open([plugin], providers: [one, two], gateway: settings())
        let run = try await runtime.run("dep/job")
        #expect(run.state == .done)
        #expect(try await reply(run, runtime).0["provider"] == "two")
        #expect(one.calls["sent"] == 2 && two.calls["sent"] == 1)
        // 1,000 tokens of input each time, and once 500 of output.
        #expect(run.cost == Nanodollars(2 * 1_250_000 + 6_250_000))
        let leaves = try await runtime.journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 1000)
        }
        let routed = leaves.compactMap { try? JSONParser.parse($0.bytes) }.filter { $0["type"] == "model.routed" }
        #expect(routed.map { $0["target"]?.stringValue } == ["one/gpt-5", "one/gpt-5", "two/gpt-5"])
        #expect(routed.last?["why"] == "fallback after server_error")
        #expect(routed.last?["attempt"]?.stringValue?.hasSuffix("/3") == true)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("an answer from the cache is sent to nobody, costs nothing, and is recorded as what it is")
    func cached() async throws {
        let one = FlakyProvider("one")
        let plugin = Self.plugin
        let host = TestHost()
        let runtime = try await host.open(
            [plugin], providers: [one, FlakyProvider("two")], gateway: settings(cache: ResponseCache(CacheRule())))
        let first = try await runtime.run("dep/job")
        let second = try await runtime.run("dep/job")
        #expect(first.cost == Nanodollars(6_250_000) && second.cost == .zero)
        #expect(one.calls["sent"] == 1)
        let (reply, usage) = try await reply(second, runtime)
        #expect(reply["cached"] == true && reply["text"] == "from one")
        #expect(usage == TokenUsage(input: 0, output: 0))
        #expect(try await self.reply(first, runtime).0["cached"] == nil)
        let status = try await runtime.status().models
        #expect(status["cache"]?["hits"] == 1 && status["cache"]?["misses"] == 1)
        #expect(status["routing"]?["targets"]?.arrayValue?.first?["name"] == "one/gpt-5")
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }
}
