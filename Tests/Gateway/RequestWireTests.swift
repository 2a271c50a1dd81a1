import Gateway
import Kernel
import Testing

/// Own server, because it looks at the last request.
@Suite("What a provider is sent")
struct RequestWireTests {
    @Test("a request carries the model, messages, options, limit, service and attempt, and the key as a bearer token")
    func request() async throws {
        let server = try await PythonServer.start("scripted_server.py")
        let provider = try HTTPProvider(
            ProviderSettings(
                name: "scripted", api: .openAIChat(.maximumCompletionTokens), baseURL: server.baseURL + "/",
                credential: .keys([ProviderKeyEntry(id: "one", key: .closure { "sk-1" })]), service: .standard),
            client: CurlClient())
        let options = ModelOptions(
            temperatureMilli: 700, stop: ["END"], seed: 7, responseSchema: try JSONSchema(["type": "object"]))
        _ = try await provider.send(
            ModelCall(
                model: "streamed",
                messages: [
                    ChatMessage(role: .system, content: "Be \"brief\""), ChatMessage(role: .tool, content: "2"),
                ],
                options: options, maximumOutputTokens: 50, timeoutMilliseconds: 60_000, attempt: "run/3/1")
        ) { _ in }
        let last = try await server.notes("last")
        #expect(last["path"] == "/v1/chat/completions")
        #expect(last["headers"]?["authorization"] == "Bearer sk-1")
        #expect(last["headers"]?["idempotency-key"] == "run/3/1")
        #expect(last["headers"]?["content-type"] == "application/json")
        #expect(
            last["body"] == [
                "model": "streamed", "stream": true, "stream_options": ["include_usage": true],
                "messages": [
                    ["role": "system", "content": "Be \"brief\""], ["role": "user", "content": "2"],
                ],
                "max_completion_tokens": 50, "temperature": .double(0.7), "stop": ["END"], "seed": 7,
                "service_tier": "default",
                "response_format": [
                    "type": "json_schema",
                    "json_schema": ["name": "answer", "strict": false, "schema": ["type": "object"]],
                ],
            ])
    }
}
