import Gateway
import Kernel
import Synchronization
import Testing

/// What providers speak, as the scripted provider does.
enum Adapter: String, CaseIterable, Sendable {
    case chat, responses, anthropic, bedrock, azure

    func settings(port: Int, credential: ProviderCredential, idleSeconds: Int = 60) -> ProviderSettings {
        let (api, path): (ProviderSettings.API, String) =
            switch self {
            case .chat: (.openAIChat(), "/v1")
            case .responses: (.openAIResponses, "/v1")
            case .anthropic: (.anthropic(), "/v1")
            case .bedrock: (.bedrock(region: "eu-central-1"), "")
            case .azure: (.azure(version: "2024-10-21"), "")
            }
        return ProviderSettings(
            name: "scripted", api: api, baseURL: "http://127.0.0.1:\(port)\(path)", credential: credential,
            idleTimeoutSeconds: idleSeconds, maximumResponseBytes: 1 << 20)
    }

    /// Bedrock's ids have a colon, which has to be encoded.
    func model(_ behaviour: String) -> String { self == .bedrock ? behaviour + ":0" : behaviour }
}

@Suite("Every kind of provider")
struct ProviderContractTests {
    private static let server = Task { try await PythonServer.start("provider_server.py") }
    /// 100 tokens of input, 20 from a cache and 9 of output, as the server bills each whole answer.
    private static let usage = TokenUsage(input: 100, cachedRead: 20, output: 9)
    private static let cost = Nanodollars(100 * 1000 + 20 * 100 + 9 * 2000)

    private static let weather: JSONValue = [
        [
            "name": "weather", "description": "The weather in a city.",
            "parameters": [
                "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
                "additionalProperties": false,
            ],
        ], ["name": "time"],
    ]

    private struct Case {
        var gateway: Gateway
        var call: PreparedCall

        func answer(_ pieces: @escaping @Sendable (String) -> Void = { _ in }) async throws -> ModelAnswer {
            try await gateway.perform(call, onChunk: pieces)
        }

        func failure() async throws -> ProviderError {
            do throws(ProviderError) {
                let answer = try await gateway.perform(call) { _ in }
                Issue.record("answered: \(answer)")
                throw ProviderError(.internal, "answered", wasSent: true, isRetryable: false)
            } catch {
                return error
            }
        }
    }

    private func start(
        _ adapter: Adapter, _ behaviour: String, options: JSONValue = [:], credential: ProviderCredential = .none,
        idleSeconds: Int = 60
    ) async throws -> Case {
        let port = try await Self.server.value.port
        let provider = try HTTPProvider(
            adapter.settings(port: port, credential: credential, idleSeconds: idleSeconds), client: CurlClient())
        let model = adapter.model(behaviour)
        let book = try PriceBook(
            csv: "model,provider,input,cached_read,output\n\(model),scripted,1000000,100000,2000000\n")
        let gateway = Gateway(
            providers: [provider], priceBook: book, settings: GatewaySettings(defaultProvider: "scripted"))
        let messages: JSONValue = [["role": "user", "content": "Grüße?"]]
        let call = try gateway.prepare(
            ModelRequest(
                model: "scripted/\(model)", messages: messages.bytes,
                options: options == [:] ? [] : options.bytes, maximumOutputTokens: 50),
            attempt: "run/3/1", at: Instant(unixMilliseconds: 1_795_000_000_000))
        return Case(gateway: gateway, call: call)
    }

    @Test("streams pieces that add up, with the exact cost", arguments: Adapter.allCases)
    func stream(adapter: Adapter) async throws {
        let scene = try await start(adapter, "stream")
        let pieces = Mutex<[String]>([])
        let answer = try await scene.answer { piece in pieces.withLock { $0.append(piece) } }
        #expect(pieces.withLock { $0 } == ["Grüße", " aus", " dem Test"])
        #expect(answer.text == "Grüße aus dem Test")
        #expect(answer.finishReason == "stop")
        #expect(answer.toolCalls.isEmpty)
        expectBilled(answer, scene)
        if adapter != .bedrock {
            #expect(answer.model == "scripted-1")
            #expect(answer.reference == "ref-1")
        }
    }

    @Test("a whole document is understood too", arguments: Adapter.allCases)
    func plain(adapter: Adapter) async throws {
        let scene = try await start(adapter, "plain")
        let answer = try await scene.answer()
        #expect(answer.text == "all at once")
        #expect(answer.finishReason == "stop")
        expectBilled(answer, scene)
    }

    @Test("tool calls arrive whole, in order, with arguments put together", arguments: Adapter.allCases)
    func tools(adapter: Adapter) async throws {
        let scene = try await start(adapter, "tools", options: ["tools": Self.weather])
        var answer = try await scene.answer()
        #expect(
            answer.toolCalls.map(\.argumentObject) == [["city": "Zürich"], [:]])
        #expect(answer.toolCalls.map(\.name) == ["weather", "time"])
        #expect(answer.toolCalls.map(\.id) == ["call-0", "call-1"])
        #expect(answer.finishReason == "tool_calls")
        expectBilled(answer, scene)
        var repairs = AnswerRepairs()
        #expect(repairs.judge(&answer, of: scene.call) == nil)
    }

    @Test("an answer that was cut at its limit says so", arguments: Adapter.allCases)
    func length(adapter: Adapter) async throws {
        let scene = try await start(adapter, "length")
        let answer = try await scene.answer()
        #expect(answer.finishReason == "length")
        expectBilled(answer, scene)
    }

    @Test("what is unknown or null is passed over", arguments: Adapter.allCases)
    func unknown(adapter: Adapter) async throws {
        let scene = try await start(adapter, "unknown")
        let answer = try await scene.answer()
        #expect(answer.text == "kept")
        expectBilled(answer, scene)
    }

    @Test("a connection that breaks after the bill loses nothing", arguments: Adapter.allCases)
    func cutAfterUsage(adapter: Adapter) async throws {
        let scene = try await start(adapter, "cut-after-usage")
        let answer = try await scene.answer()
        #expect(answer.text == "whole")
        expectBilled(answer, scene)
    }

    /// Anthropic says the input first; the others say nothing before the end, so the bound stays charged.
    @Test("a stream cut in the middle is charged for what is known of it", arguments: Adapter.allCases)
    func cutBeforeUsage(adapter: Adapter) async throws {
        let scene = try await start(adapter, "cut-before-usage")
        let failure = try await scene.failure()
        #expect(failure.status == .io)
        #expect(failure.isRetryable)
        #expect(failure.wasSent)
        let cost = scene.gateway.cost(of: failure, for: scene.call)
        if adapter == .anthropic {
            #expect(failure.usage?.input == 100)
            #expect(failure.usage?.output == 11, "the bytes of \"half an ans\"")
            #expect(cost == Nanodollars(100 * 1000 + 20 * 100 + 11 * 2000))
        } else {
            #expect(failure.usage == nil)
            #expect(cost == scene.call.upperBound)
        }
    }

    @Test(
        "an answer that goes wrong is told from a refusal, and may have cost something",
        arguments: Adapter.allCases, ["failing", "garbage", "garbage-document", "wrong-type", "broken"])
    func breakdowns(adapter: Adapter, behaviour: String) async throws {
        let failure = try await start(adapter, behaviour).failure()
        #expect(failure.status == .io, "\(failure)")
        #expect(failure.isRetryable)
        #expect(failure.wasSent)
        // What Anthropic said before it broke is known.
        if adapter != .anthropic || behaviour != "failing" { #expect(failure.usage == nil) }
        if behaviour == "failing" { #expect(failure.message.contains("broke in the middle")) }
        if behaviour == "wrong-type" { #expect(failure.message.contains("text/html")) }
    }

    @Test("a refusal before any work costs nothing and says why", arguments: Adapter.allCases)
    func refusals(adapter: Adapter) async throws {
        let bad = try await start(adapter, "bad-request").failure()
        #expect(bad.status == .invalid && !bad.isRetryable)
        #expect(bad.message == "scripted: HTTP 400: messages: too odd")
        let limited = try await start(adapter, "limited").failure()
        #expect(limited.status == .busy && limited.isRetryable)
        #expect(limited.retryAfterMilliseconds == 7000)
        for failure in [bad, limited] {
            #expect(failure.wasSent)
            #expect(failure.usage == TokenUsage(input: 0, output: 0))
        }
    }

    @Test("a key goes where the provider looks, and is cut out of what it quotes", arguments: Adapter.allCases)
    func keys(adapter: Adapter) async throws {
        let key = ProviderKeyEntry(id: "one", key: .closure { "sk-secret-123" })
        let failure = try await start(adapter, "wrong-key", credential: .keys([key])).failure()
        #expect(failure.status == .denied && !failure.isRetryable)
        #expect(!failure.message.contains("sk-secret-123"))
        #expect(failure.message.contains("(key)"))
    }

    @Test("an endless answer ends at the limit, a silent one at its own", arguments: Adapter.allCases)
    func bounds(adapter: Adapter) async throws {
        let endless = try await start(adapter, "huge").failure()
        #expect(endless.status == .tooLarge && !endless.isRetryable)
        let silent = try await start(adapter, "slow", idleSeconds: 1).failure()
        #expect(silent.status == .io && silent.message.contains("silent"))
    }

    private func expectBilled(_ answer: ModelAnswer, _ scene: Case) {
        #expect(answer.usage.input == Self.usage.input)
        #expect(answer.usage.cachedRead == Self.usage.cachedRead)
        #expect(answer.usage.output == Self.usage.output)
        #expect(scene.gateway.cost(of: answer, for: scene.call) == Self.cost)
        #expect(Self.cost <= scene.call.upperBound)
    }
}
