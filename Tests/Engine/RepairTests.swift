import Engine
import Gateway
import Journal
import Kernel
import Placement
import Synchronization
import Testing

/// Bills like gpt-5, and answers one text after the other.
private final class SayingProvider: ModelProvider {
    let name = "paid"
    let isDeterministic = false
    let conversations = Mutex<[[ChatMessage]]>([])
    private let texts: [String]

    init(_ texts: String...) { self.texts = texts }

    func resolve(model: String) -> String? { model.isEmpty ? "gpt-5" : model }

    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let index = conversations.withLock { asked in
            asked.append(call.messages)
            return asked.count - 1
        }
        return ModelAnswer(
            text: texts[min(index, texts.count - 1)], model: "gpt-5", finishReason: "stop",
            usage: TokenUsage(input: 1000, output: 500), reference: nil)
    }
}

@Suite("Answers that cannot be used")
struct RepairTests {
    private static let cost = Nanodollars(6_250_000)

    private static func request(repairs: Int64) -> EffectRequest {
        let messages: JSONValue = [["role": "user", "content": .string(String(repeating: "word ", count: 300))]]
        let options: JSONValue = [
            "response_schema": ["type": "object", "required": ["n"]], "repairs": .integer(repairs),
        ]
        return .model(
            ModelRequest(model: "", messages: messages.bytes, options: options.bytes, maximumOutputTokens: 500))
    }

    private func run(_ provider: SayingProvider, repairs: Int64) async throws -> RunRecord {
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    _ = try await context.effect("m", Self.request(repairs: repairs))
                    return 1
                }
            ])
        let settings = GatewaySettings(defaultProvider: "paid", pricing: ["paid": .book(provider: "openai")])
        let host = TestHost()
        let runtime = try await host.open([plugin], providers: [provider], gateway: settings)
        let run = try await runtime.run("dep/job", budget: Nanodollars(1_000_000_000))
        let node = try await runtime.journal.read { journal throws(JournalError) in
            try journal.budget(.department(tenant: "default", "dep"))
        }
        #expect(node?.held == .zero)
        #expect(node?.spent == run.cost)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
        return run
    }

    @Test("a broken answer is paid, the model is told what is wrong, and the second answer counts")
    func repaired() async throws {
        let provider = SayingProvider("no JSON", #"{"n":1}"#)
        let run = try await run(provider, repairs: 1)
        #expect(run.state == .done)
        #expect(run.cost == Self.cost + Self.cost)
        let asked = provider.conversations.withLock { $0 }
        #expect(asked.map(\.count) == [1, 3])
        #expect(asked.last?[1].text == "no JSON")
        #expect(asked.last?[2].text.contains("not one JSON document") == true)
    }

    @Test("after as many repairs as were asked for the step fails with what is wrong, and all of it is paid")
    func bounded() async throws {
        for repairs in [Int64(0), 2] {
            let provider = SayingProvider("no JSON")
            let run = try await run(provider, repairs: repairs)
            #expect(run.state == .failed && run.failure?.status == .invalid)
            #expect(run.failure?.message.contains("cannot be used") == true)
            #expect(run.cost == Nanodollars(Self.cost.value * (repairs + 1)))
            #expect(provider.conversations.withLock { $0.count } == Int(repairs) + 1)
        }
    }
}
