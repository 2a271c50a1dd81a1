import Kernel

/// Answers that are no answers: HTTP statuses, and what providers say with them.
enum ProviderRefusal {
    private static let maximumMessageLength = 500
    /// Anthropic's "overloaded": turned away before any work, as with 429.
    private static let overloaded = 529

    /// A request that was refused with 3xx or 4xx was not worked on, but for two: a model that took too long (408) or
    /// failed at its work (424, Bedrock). What those and 5xx cost is unknown.
    static func error(_ end: TransferEnd, document: [UInt8]) -> ProviderError {
        let status = end.head.status
        let object = try? JSONParser.parse(document)
        let detail = object.map(message) ?? ""
        let text = "HTTP \(status)" + (detail.isEmpty ? "" : ": \(detail)")
        let (kind, isRetryable): (Status, Bool) =
            switch status {
            case 401, 403: (.denied, false)
            case 404: (.notFound, false)
            case 408, 424: (.io, true)
            case 413: (.tooLarge, false)
            case 429: (.busy, object?["error"]?["code"]?.stringValue != "insufficient_quota")
            case overloaded: (.busy, true)
            case 500...: (.io, true)
            default: (.invalid, false)
            }
        let isUnbilled = status < 500 && kind != .io || status == overloaded
        return ProviderError(
            kind, text, wasSent: end.wasSent, usage: isUnbilled ? TokenUsage(input: 0, output: 0) : nil,
            isRetryable: isRetryable,
            retryAfterMilliseconds: end.retryAfterSeconds > 0 ? UInt64(end.retryAfterSeconds) * 1000 : nil)
    }

    /// The words in any of the shapes that providers put them in.
    static func message(of object: JSONValue) -> String {
        let error = object["error"]
        let text =
            error?["message"]?.stringValue ?? error?.stringValue ?? object["message"]?.stringValue
            ?? object["Message"]?.stringValue ?? ""
        return String(text.prefix(maximumMessageLength))
    }
}
