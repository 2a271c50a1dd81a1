import Kernel

/// How one kind of provider is asked and how it answers. Performs no I/O: a call becomes a request, and events of the
/// answer become pieces of a draft.
protocol WireProtocol: Sendable {
    /// Under the base URL, and the body. Says nothing of keys.
    func request(for call: ModelCall) -> WireRequest
    var framing: AnswerFraming { get }
    func decoder(for call: ModelCall) -> any AnswerDecoder
    /// What this kind adds to a call in words, beside the messages; counted in the bound.
    func instruction(for call: ModelCall) -> String?
    /// Names the option that this kind cannot obey, though an answer would depend on it.
    func refusal(of options: ModelOptions) -> String?
    /// A surcharge on all tokens that every call of this provider asks for.
    var surcharge: PriceFactor { get }
}

extension WireProtocol {
    func instruction(for call: ModelCall) -> String? { nil }
    func refusal(of options: ModelOptions) -> String? { nil }
    var surcharge: PriceFactor { .one }
}

/// What is sent, without the key.
struct WireRequest: Sendable {
    /// Begins with a slash; may have a query.
    var path: String
    var headers: [(name: String, value: String)] = []
    var body: JSONValue
}

/// How a streamed answer is cut into events.
enum AnswerFraming: Sendable {
    case serverSentEvents
    case amazonEventStream
}

/// One event of a streamed answer.
struct AnswerEvent: Sendable {
    /// What the stream calls it; empty where streams have no names.
    var type: String
    var body: JSONValue
}

/// Reads what one kind of provider says into a draft.
protocol AnswerDecoder: Sendable {
    mutating func read(_ event: AnswerEvent, into draft: inout AnswerDraft)
    /// The whole answer of a server that does not stream.
    mutating func read(document: JSONValue, into draft: inout AnswerDraft)
    /// What a provider bills for an answer that broke off here, where its rules allow to tell. Nil: unknown.
    func usageSoFar(_ draft: AnswerDraft) -> TokenUsage?
}

extension AnswerDecoder {
    func usageSoFar(_ draft: AnswerDraft) -> TokenUsage? { draft.report?.tokens }
}

enum SchemaInstruction {
    /// For providers that cannot be held to a schema otherwise.
    static func text(_ schema: JSONSchema) -> String {
        "Answer with one JSON document and nothing else. It must fit this JSON Schema: \(schema.document.serialized())"
    }
}
