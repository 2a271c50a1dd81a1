import Kernel

/// Puts an answer together from a response as it comes: an event stream, or one JSON document from servers that do not
/// stream, or an error. Performs no I/O.
struct OpenAIAnswerReader: Sendable {
    private static let maximumErrorBytes = 64 << 10
    private static let successStatuses = 200..<300

    private var events = EventStreamParser()
    private var document: [UInt8] = []
    private var text = ""
    private var model: String?
    private var reference: String?
    private var finishReason: String?
    private var report: UsageReport?
    private var service: ServiceTier?
    private var isDone = false
    private var failure: (status: Status, message: String)?

    /// - Returns: the pieces of text in these bytes; nil when the rest is not wanted.
    mutating func push(_ bytes: [UInt8], head: ResponseHead) -> [String]? {
        guard Self.successStatuses.contains(head.status), !head.contentType.contains("json") else {
            let isError = !Self.successStatuses.contains(head.status)
            document +=
                isError
                ? bytes.prefix(Self.maximumErrorBytes - min(Self.maximumErrorBytes, document.count)) : bytes[...]
            return []
        }
        guard let complete = events.push(bytes) else {
            failure = (.tooLarge, "an event of the stream is too large")
            return nil
        }
        var pieces = [String]()
        for event in complete where !isDone {
            if event.data == "[DONE]" {
                isDone = true
            } else if let piece = read(event.data) {
                pieces.append(piece)
            }
            if failure != nil { return nil }
        }
        return pieces
    }

    private mutating func read(_ data: String) -> String? {
        do {
            return take(try JSONParser.parse(data), content: "delta")
        } catch {
            failure = (.io, "the stream holds what is not JSON: \(error)")
            return nil
        }
    }

    /// Chunks and whole answers differ in where the text stands.
    private mutating func take(_ object: JSONValue, content: String) -> String? {
        if let error = object["error"], error != .null {
            failure = (.io, "the provider failed: \(Self.message(of: object))")
            return nil
        }
        model = object["model"]?.stringValue ?? model
        reference = object["id"]?.stringValue ?? reference
        service = object["service_tier"]?.stringValue.flatMap(ServiceTier.init(providerName:)) ?? service
        if let usage = object["usage"], usage.objectValue != nil {
            // Some servers send running totals: the last one counts.
            report = UsageReport(usage, format: .openAI)
        }
        guard let choice = object["choices"]?.arrayValue?.first else { return nil }
        finishReason = choice["finish_reason"]?.stringValue ?? finishReason
        guard let piece = choice[content]?["content"]?.stringValue, !piece.isEmpty else { return nil }
        text += piece
        return piece
    }

    /// The answer, or why there is none.
    ///
    /// - Parameter redact: takes out of a provider's text what must not be shown.
    mutating func finish(_ end: TransferEnd, redact: (String) -> String) throws(ProviderError) -> ModelAnswer {
        if let failure {
            throw error(failure.status, redact(failure.message), end, isRetryable: failure.status == .io)
        }
        // What came after the end of the answer does not matter any more.
        if !(isDone && Self.successStatuses.contains(end.head.status)) { try checkOutcome(end, redact) }
        guard Self.successStatuses.contains(end.head.status) else { throw refusal(end, redact) }
        if !document.isEmpty { try readDocument(end, redact) }
        guard isDone || finishReason != nil else {
            throw error(.io, "the stream ended before the answer did", end, isRetryable: true)
        }
        return ModelAnswer(
            text: text, model: model ?? "", finishReason: finishReason ?? "stop",
            usage: report?.tokens ?? TokenUsage(), reference: reference, service: service ?? report?.service)
    }

    private mutating func readDocument(
        _ end: TransferEnd, _ redact: (String) -> String
    ) throws(ProviderError) {
        let object: JSONValue
        do {
            object = try JSONParser.parse(document)
        } catch let problem {
            throw error(.io, "the answer is not JSON: \(problem)", end, isRetryable: true)
        }
        _ = take(object, content: "message")
        if let failure { throw error(failure.status, redact(failure.message), end, isRetryable: true) }
    }

    private func checkOutcome(_ end: TransferEnd, _ redact: (String) -> String) throws(ProviderError) {
        switch end.outcome {
        case .finished, .stopped: return
        case .cancelled: throw error(.cancelled, "cancelled", end, isRetryable: false)
        case .responseTooLarge, .headersTooLarge:
            throw error(.tooLarge, "the answer is too large", end, isRetryable: false)
        case .connectTimedOut: throw error(.io, "no connection in time", end, isRetryable: true)
        case .idleTimedOut: throw error(.io, "the provider fell silent", end, isRetryable: true)
        case .timedOut: throw error(.deadline, "the call took longer than it may", end, isRetryable: false)
        case .failed(let reason): throw error(.io, redact(reason), end, isRetryable: true)
        }
    }

    /// A request that was refused with 3xx or 4xx was not worked on; what 5xx cost is unknown.
    private func refusal(_ end: TransferEnd, _ redact: (String) -> String) -> ProviderError {
        let status = end.head.status
        let object = try? JSONParser.parse(document)
        let detail = redact(object.map(Self.message) ?? "")
        let message = "HTTP \(status)" + (detail.isEmpty ? "" : ": \(detail)")
        let (kind, isRetryable): (Status, Bool) =
            switch status {
            case 401, 403: (.denied, false)
            case 404: (.notFound, false)
            case 408: (.io, true)
            case 413: (.tooLarge, false)
            case 429: (.busy, object?["error"]?["code"]?.stringValue != "insufficient_quota")
            case 500...: (.io, true)
            default: (.invalid, false)
            }
        return ProviderError(
            kind, message, wasSent: end.wasSent, usage: status < 500 ? TokenUsage(input: 0, output: 0) : nil,
            isRetryable: isRetryable,
            retryAfterMilliseconds: end.retryAfterSeconds > 0 ? UInt64(end.retryAfterSeconds) * 1000 : nil)
    }

    private func error(
        _ status: Status, _ message: String, _ end: TransferEnd, isRetryable: Bool
    ) -> ProviderError {
        ProviderError(status, message, wasSent: end.wasSent, usage: report?.tokens, isRetryable: isRetryable)
    }

    private static func message(of object: JSONValue) -> String {
        let error = object["error"]
        let text = error?["message"]?.stringValue ?? error?.stringValue ?? object["message"]?.stringValue ?? ""
        return String(text.prefix(500))
    }
}
