import Kernel

/// An answer as far as it came.
struct AnswerDraft: Sendable {
    static let maximumToolCalls = 128

    private(set) var text = ""
    /// Pieces of text since the last look.
    private var fresh: [String] = []
    private var calls: [Int: ToolCall] = [:]
    var model: String?
    var reference: String?
    var finishReason: String?
    var service: ServiceTier?
    /// Providers send running totals: the last report counts.
    var report: UsageReport?
    /// The end of the stream was said.
    var isDone = false
    private(set) var failure: ProviderError?

    mutating func append(_ piece: String) {
        guard !piece.isEmpty else { return }
        text += piece
        fresh.append(piece)
    }

    mutating func takePieces() -> [String] {
        defer { fresh = [] }
        return fresh
    }

    /// Adds to the tool call at a place in the answer; ids and names come whole, arguments in pieces.
    mutating func extendCall(at index: Int, id: String? = nil, name: String? = nil, arguments: String = "") {
        guard calls[index] != nil || calls.count < Self.maximumToolCalls else {
            return fail(.tooLarge, "more than \(Self.maximumToolCalls) tool calls in one answer")
        }
        var call = calls[index] ?? ToolCall(id: "", name: "", arguments: "")
        if let id, !id.isEmpty { call.id = id }
        if let name, !name.isEmpty { call.name = name }
        call.arguments += arguments
        calls[index] = call
    }

    func hasCall(at index: Int) -> Bool { calls[index] != nil }

    /// In the order of the answer. Servers that give no ids get some of the host's.
    var toolCalls: [ToolCall] {
        calls.sorted { $0.key < $1.key }.enumerated().map { position, element in
            var call = element.value
            if call.id.isEmpty { call.id = "call_\(position + 1)" }
            return call
        }
    }

    /// The first failure counts.
    mutating func fail(_ status: Status, _ message: String) {
        guard failure == nil else { return }
        failure = ProviderError(
            status, message, wasSent: true, isRetryable: status == .io || status == .busy)
    }
}
