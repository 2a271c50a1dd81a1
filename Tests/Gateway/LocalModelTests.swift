import Gateway
import Kernel
import Synchronization
import Testing

/// An independent implementation of the protocol with a real model: llama.cpp's server and SmolLM2-135M-Instruct. The
/// first run on a machine compiles it, which takes minutes.
@Suite("The OpenAI-compatible provider, against an independent server")
struct LocalModelTests {
    @Test("a real model streams real tokens and reports usage that keeps the bound")
    func realModel() async throws {
        let server = try await PythonServer.start("local_model_server.py")
        let provider = try HTTPProvider(
            ProviderSettings(name: "local", baseURL: server.baseURL, defaultModel: "smollm2"),
            client: CurlClient())
        let book = try PriceBook(csv: "model,provider,input,output\nsmollm2,local,1000000,2000000\n")
        let gateway = Gateway(
            providers: [provider], priceBook: book, settings: GatewaySettings(defaultProvider: "local"))
        defer { gateway.close() }
        let messages: JSONValue = [["role": "user", "content": "Name three colours – in plain words, “½” is none."]]
        let call = try gateway.prepare(
            ModelRequest(
                model: "", messages: messages.bytes, options: Array(#"{"seed":1,"temperature_milli":0}"#.utf8),
                maximumOutputTokens: 24),
            attempt: "run/0/1", at: Instant(unixMilliseconds: 0))
        let pieces = Mutex<[String]>([])
        let answer = try await gateway.perform(call) { piece in pieces.withLock { $0.append(piece) } }
        #expect(pieces.withLock { $0.count } > 3)
        #expect(pieces.withLock { $0.joined() } == answer.text)
        #expect(!answer.text.isEmpty)
        let (input, output) = (try #require(answer.usage.input), try #require(answer.usage.output))
        #expect(input > 0)
        #expect((1...24).contains(output))
        let cost = gateway.cost(of: answer, for: call)
        #expect(cost == Nanodollars(input * 1000 + output * 2000))
        #expect(cost <= call.upperBound)
    }
}
