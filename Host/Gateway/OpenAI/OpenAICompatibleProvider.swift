package import Kernel
import Synchronization

/// Chat completions with streaming, of any server that speaks OpenAI's protocol.
package struct OpenAICompatibleProvider: ModelProvider {
    private let settings: OpenAICompatibleSettings
    private let url: String
    private let client: CurlClient

    /// - Parameter client: may be shared between providers; ``close()`` closes it.
    package init(_ settings: OpenAICompatibleSettings, client: CurlClient) throws(Failure) {
        url = try settings.checked() + "/chat/completions"
        self.settings = settings
        self.client = client
    }

    package var name: String { settings.name }
    package var isDeterministic: Bool { false }
    package var supportsResponseSchema: Bool { true }
    package var service: ServiceTier { settings.service ?? .standard }

    package func resolve(model: String) -> String? { model.isEmpty ? settings.defaultModel : model }

    package func close() { client.close() }

    package func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let key: String?
        do {
            key = try settings.key.read()
        } catch {
            throw ProviderError(error.status, "\(name): \(error.message)", wasSent: false, isRetryable: false)
        }
        let state = ReaderBox()
        let end = await client.send(request(for: call, key: key)) { head, bytes in
            guard let pieces = state.reader.withLock({ $0.push(bytes, head: head) }) else { return false }
            pieces.forEach(onChunk)
            return true
        }
        do {
            // Providers quote a wrong key in their refusals.
            return try state.reader.withLock { reader throws(ProviderError) in
                try reader.finish(end) { text in key.map { text.replacing($0, with: "(key)") } ?? text }
            }
        } catch {
            var named = error
            named.message = "\(name): \(error.message)"
            throw named
        }
    }

    private func request(for call: ModelCall, key: String?) -> OutgoingRequest {
        var headers = [
            (name: "Content-Type", value: "application/json"), (name: "Accept", value: "text/event-stream"),
            (name: "Idempotency-Key", value: call.attempt),
        ]
        if let key { headers.append((name: "Authorization", value: "Bearer \(key)")) }
        return OutgoingRequest(
            url: url, headers: headers, body: OpenAIRequest.body(for: call, settings: settings),
            connectTimeoutMilliseconds: settings.connectTimeoutMilliseconds,
            timeoutMilliseconds: Int(clamping: call.timeoutMilliseconds),
            idleTimeoutSeconds: settings.idleTimeoutSeconds, maximumResponseBytes: settings.maximumResponseBytes,
            proxy: settings.proxy, certificateFile: settings.certificateFile)
    }
}

/// The reader is fed on the client's thread and finished by the caller, never at once.
private final class ReaderBox: Sendable {
    let reader = Mutex(OpenAIAnswerReader())
}
