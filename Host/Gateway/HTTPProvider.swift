package import Kernel
import Synchronization

/// A provider over HTTP, whatever it speaks: asks in its words, streams its answer, and reads it with its reader.
package struct HTTPProvider: ModelProvider {
    private let settings: ProviderSettings
    private let url: String
    private let wire: any WireProtocol
    private let client: any HTTPSender

    /// - Parameter client: may be shared between providers; ``close()`` closes it.
    package init(_ settings: ProviderSettings, client: any HTTPSender) throws(Failure) {
        url = try settings.checkedURL()
        self.settings = settings
        wire = settings.wire
        self.client = client
    }

    package var name: String { settings.name }
    package var isDeterministic: Bool { false }
    package var sender: (any HTTPSender)? { client }
    package var service: ServiceTier { settings.service ?? .standard }
    package var surcharge: PriceFactor { wire.surcharge }

    package func resolve(model: String) -> String? { model.isEmpty ? settings.defaultModel : model }

    package func refusal(of options: ModelOptions) -> String? { wire.refusal(of: options) }

    package func size(of call: ModelCall) -> ModelCallSize {
        ModelCallSize(
            messages: call.messages, options: call.options, instruction: wire.instruction(for: call),
            tokensPerImage: settings.tokensPerImage)
    }

    package func close() { client.close() }

    package func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let state = ReaderBox(AnswerReader(framing: wire.framing, decoder: wire.decoder(for: call)))
        let end = await client.send(outgoing(call)) { head, bytes in
            guard let pieces = state.reader.withLock({ $0.push(bytes, head: head) }) else { return false }
            pieces.forEach(onChunk)
            return true
        }
        do {
            return try state.reader.withLock { reader throws(ProviderError) in try reader.finish(end) }
        } catch {
            throw named(error)
        }
    }

    package func read(_ kept: KeptAnswer, to call: ModelCall) throws(ProviderError) -> ModelAnswer {
        var reader = AnswerReader(framing: wire.framing, decoder: wire.decoder(for: call))
        if !kept.body.isEmpty { _ = reader.push(kept.body, head: kept.end.head) }
        do {
            return try reader.finish(kept.end)
        } catch {
            throw named(error)
        }
    }

    private func named(_ error: ProviderError) -> ProviderError {
        var error = error
        error.message = "\(name): \(error.message)"
        return error
    }

    /// Without a key: only where it comes from.
    private func outgoing(_ call: ModelCall) -> OutgoingRequest {
        let request = wire.request(for: call)
        return OutgoingRequest(
            url: url + request.path, headers: [("Content-Type", "application/json")] + request.headers,
            body: request.body.bytes, connectTimeoutMilliseconds: settings.connectTimeoutMilliseconds,
            timeoutMilliseconds: Int(clamping: call.timeoutMilliseconds),
            idleTimeoutSeconds: settings.idleTimeoutSeconds, maximumResponseBytes: settings.maximumResponseBytes,
            proxy: settings.proxy, certificateFile: settings.certificateFile,
            credential: settings.credential.credential(
                for: call.attempt, header: settings.keyHeader, region: settings.region),
            attempt: call.attempt, label: CallLabel(provider: name, call).text)
    }
}

/// The reader is fed on the client's thread and finished by the caller, never at once.
private final class ReaderBox: Sendable {
    let reader: Mutex<AnswerReader>

    init(_ reader: AnswerReader) { self.reader = Mutex(reader) }
}
