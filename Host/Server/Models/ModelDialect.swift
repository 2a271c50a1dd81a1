import Engine
import Kernel

/// A protocol that clients speak to models: how it is read, and how answers and errors are said in it. Pure.
protocol ModelDialect: SendableMetatype {
    associatedtype Stream: DialectStream

    /// The header by which its clients name a request.
    static var requestIDHeader: String { get }

    static func read(_ body: JSONValue) throws(CallProblem) -> DialectRequest
    static func answer(_ receipt: CallReceipt) -> JSONValue
    static func error(_ problem: CallProblem) -> JSONValue
}

struct DialectRequest {
    var call: ModelRequest
    var isStreamed: Bool
    /// Whether a stream ends with what the call used.
    var includesUsage: Bool
}

/// Says one answer as server-sent events, piece by piece.
protocol DialectStream: Sendable {
    init(id: RunID, request: DialectRequest)

    /// Before the first piece.
    func begin() -> String
    mutating func piece(_ text: String) -> String
    /// - Parameter receipt: its text was said in pieces; its tool calls are said here.
    mutating func end(_ receipt: CallReceipt) -> String
    /// After the beginning; the status was sent already.
    func failed(_ problem: CallProblem) -> String
}

enum Wire {
    static func event(_ value: JSONValue, named name: String? = nil) -> String {
        (name.map { "event: \($0)\n" } ?? "") + "data: \(value.serialized())\n\n"
    }

    /// What the call cost, beside the protocol's own members, for streams: their headers are sent before it is known.
    static func bureau(_ receipt: CallReceipt) -> JSONValue {
        [
            "call_id": .string(receipt.id.description), "cost_nanodollars": .integer(receipt.usage.cost.value),
            "budget_left_nanodollars": receipt.budgetLeft.map { .integer($0.value) } ?? .null,
        ]
    }
}
