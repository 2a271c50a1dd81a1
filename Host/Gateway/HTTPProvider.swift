package import Kernel
import Synchronization

/// A provider over HTTP, whatever it speaks: asks in its words, streams its answer, and reads it with its reader.
package struct HTTPProvider: ModelProvider {
    private let settings: ProviderSettings
    private let url: String
    private let wire: any WireProtocol
    private let client: any HTTPSender
    /// Nil: there are none to choose from.
    private let keys: KeyHealth?

    /// - Parameter client: may be shared between providers; ``close()`` closes it.
    package init(_ settings: ProviderSettings, client: any HTTPSender) throws(Failure) {
        url = try settings.checkedURL()
        self.settings = settings
        wire = settings.wire
        self.client = client
        if case .keys(let entries) = settings.credential, !entries.isEmpty {
            keys = KeyHealth(
                provider: settings.name, keys: entries.map { KeyRing.Key(id: $0.id, weight: max(0, $0.weight)) })
        } else {
            keys = nil
        }
    }

    package var name: String { settings.name }
    package var isDeterministic: Bool { false }
    package var sender: (any HTTPSender)? { client }
    package var keyStatus: [KeyStatus] { keys?.status ?? [] }
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
        let key = try keys?.choose(for: call.attempt)
        let state = ReaderBox(AnswerReader(framing: wire.framing, decoder: wire.decoder(for: call)))
        let end = await client.send(outgoing(call, key: key)) { head, bytes in
            guard let pieces = state.reader.withLock({ $0.push(bytes, head: head) }) else { return false }
            pieces.forEach(onChunk)
            return true
        }
        do {
            let answer = try state.reader.withLock { reader throws(ProviderError) in try reader.finish(end) }
            if let key { keys?.worked(key) }
            return answer
        } catch {
            let error = named(error)
            guard let key, Self.isOfKey(error, end) else { throw error }
            throw keys?.failed(key, error) ?? error
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

    /// Whether another key may fare better: this one was refused or has no more, or cannot be read.
    private static func isOfKey(_ error: ProviderError, _ end: TransferEnd) -> Bool {
        [401, 403, 429].contains(end.head.status) || !end.wasSent && error.status == .denied
    }

    /// Without a key: only where it comes from.
    private func outgoing(_ call: ModelCall, key: String?) -> OutgoingRequest {
        let request = wire.request(for: call)
        return OutgoingRequest(
            url: url + request.path, headers: [("Content-Type", "application/json")] + request.headers,
            body: request.body.bytes, connectTimeoutMilliseconds: settings.connectTimeoutMilliseconds,
            timeoutMilliseconds: Int(clamping: call.timeoutMilliseconds),
            idleTimeoutSeconds: settings.idleTimeoutSeconds, maximumResponseBytes: settings.maximumResponseBytes,
            proxy: settings.proxy, certificateFile: settings.certificateFile,
            credential: settings.credential.credential(
                key: key, header: settings.keyHeader, region: settings.region),
            attempt: call.attempt, label: CallLabel(provider: name, call).text)
    }
}

/// The reader is fed on the client's thread and finished by the caller, never at once.
private final class ReaderBox: Sendable {
    let reader: Mutex<AnswerReader>

    init(_ reader: AnswerReader) { self.reader = Mutex(reader) }
}
