import Kernel

/// Puts an answer together from a response as it comes: a stream of events, or one JSON document from servers that do
/// not stream, or an error. Performs no I/O.
struct AnswerReader: Sendable {
    private static let maximumErrorBytes = 64 << 10
    private static let successStatuses = 200..<300

    private enum Events: Sendable {
        case serverSent(EventStreamParser)
        case amazon(EventFrameParser)
    }

    private var events: Events
    private var decoder: any AnswerDecoder
    private var draft = AnswerDraft()
    private var document: [UInt8] = []

    init(framing: AnswerFraming, decoder: any AnswerDecoder) {
        events =
            switch framing {
            case .serverSentEvents: .serverSent(EventStreamParser())
            case .amazonEventStream: .amazon(EventFrameParser())
            }
        self.decoder = decoder
    }

    /// - Returns: the pieces of text in these bytes; nil when the rest is not wanted.
    mutating func push(_ bytes: [UInt8], head: ResponseHead) -> [String]? {
        guard Self.successStatuses.contains(head.status) else {
            document += bytes.prefix(Self.maximumErrorBytes - min(Self.maximumErrorBytes, document.count))
            return []
        }
        guard !head.contentType.contains("json") else {
            document += bytes
            return []
        }
        switch events {
        case .serverSent(var parser):
            // Moved out and back, so that its buffers are not copied.
            events = .serverSent(EventStreamParser())
            if let complete = parser.push(bytes) {
                for event in complete where !draft.isDone && draft.failure == nil { read(event) }
            } else {
                draft.fail(.tooLarge, "an event of the stream is too large")
            }
            events = .serverSent(parser)
        case .amazon where !head.contentType.contains("eventstream"):
            draft.fail(.io, "the answer was sent as \"\(head.contentType.prefix(64))\", not as an event stream")
        case .amazon(var parser):
            events = .amazon(EventFrameParser())
            do {
                for frame in try parser.push(bytes) where draft.failure == nil { read(frame) }
            } catch {
                draft.fail(error.status, error.message)
            }
            events = .amazon(parser)
        }
        let pieces = draft.takePieces()
        return draft.failure == nil ? pieces : nil
    }

    private mutating func read(_ event: EventStreamParser.Event) {
        guard event.data != "[DONE]" else {
            draft.isDone = true
            return
        }
        do {
            decoder.read(
                AnswerEvent(type: event.type, body: try JSONParser.parse(event.data)), into: &draft)
        } catch {
            draft.fail(.io, "the stream holds what is not JSON: \(error)")
        }
    }

    private mutating func read(_ frame: EventFrame) {
        do {
            let body: JSONValue = frame.payload.isEmpty ? [:] : try JSONParser.parse(frame.payload)
            decoder.read(AnswerEvent(type: frame.type, body: body), into: &draft)
        } catch {
            draft.fail(.io, "the stream holds what is not JSON: \(error)")
        }
    }

    /// The answer, or why there is none.
    mutating func finish(_ end: TransferEnd) throws(ProviderError) -> ModelAnswer {
        if let failure = draft.failure { throw placed(failure, end) }
        let isSuccess = Self.successStatuses.contains(end.head.status)
        // What comes after the end of an answer does not matter: a connection that breaks then takes the usage with it
        // at most, and that is charged at the bound.
        let isComplete = isSuccess && (draft.isDone || draft.finishReason != nil)
        if !isComplete || end.outcome == .cancelled { try checkOutcome(end) }
        guard isSuccess else { throw ProviderRefusal.error(end, document: document) }
        if !document.isEmpty { try readDocument(end) }
        guard draft.isDone || draft.finishReason != nil else {
            let kind = end.head.contentType
            let isExpected = kind.contains("stream") || kind.contains("json")
            let reason = isExpected ? "" : " (it was sent as \"\(kind.prefix(64))\")"
            throw error(.io, "the stream ended before the answer did\(reason)", end, isRetryable: true)
        }
        let calls = draft.toolCalls
        return ModelAnswer(
            text: draft.text, toolCalls: calls, model: draft.model ?? "",
            finishReason: draft.finishReason ?? (calls.isEmpty ? "stop" : "tool_calls"),
            usage: draft.report?.tokens ?? TokenUsage(), reference: draft.reference,
            service: draft.service ?? draft.report?.service, webSearches: draft.report?.webSearches ?? 0,
            region: draft.report?.region)
    }

    private mutating func readDocument(_ end: TransferEnd) throws(ProviderError) {
        do {
            decoder.read(document: try JSONParser.parse(document), into: &draft)
        } catch let problem {
            throw error(.io, "the answer is not JSON: \(problem)", end, isRetryable: true)
        }
        if let failure = draft.failure { throw placed(failure, end) }
    }

    private func checkOutcome(_ end: TransferEnd) throws(ProviderError) {
        guard let failure = end.failure else { return }
        throw error(failure.status, failure.message, end, isRetryable: end.isRetryable)
    }

    private func placed(_ failure: ProviderError, _ end: TransferEnd) -> ProviderError {
        error(failure.status, failure.message, end, isRetryable: failure.isRetryable)
    }

    private func error(
        _ status: Status, _ message: String, _ end: TransferEnd, isRetryable: Bool
    ) -> ProviderError {
        ProviderError(
            status, message, wasSent: end.wasSent, usage: decoder.usageSoFar(draft), isRetryable: isRetryable,
            standing: ProviderError.Standing(end))
    }
}
