import Engine
import Kernel

/// Blocks one after the other: the text, then each tool call whole, for its input is judged before anyone acts on it.
struct MessageStream: DialectStream {
    private let id: RunID
    private let model: String
    private var blocks = 0
    private var isTextOpen = false

    init(id: RunID, request: DialectRequest) {
        self.id = id
        model = request.call.model
    }

    /// What went in is said at the end: not every provider knows it before.
    func begin() -> String {
        var message = Messages.head(id, model: model)
        message["usage"] = Messages.usage(TokenUsage())
        return event("message_start", ["message": .object(message)])
    }

    mutating func piece(_ text: String) -> String {
        let start = isTextOpen ? "" : open(["type": "text", "text": ""])
        isTextOpen = true
        return start + delta(["type": "text_delta", "text": .string(text)])
    }

    mutating func end(_ receipt: CallReceipt) -> String {
        var text = isTextOpen ? close() : ""
        isTextOpen = false
        for call in receipt.toolCalls {
            let input = (call.argumentObject ?? [:]).serialized()
            text += open(Messages.toolUse(call, input: [:]))
            text += delta(["type": "input_json_delta", "partial_json": .string(input)])
            text += close()
        }
        return text
            + event(
                "message_delta",
                [
                    "delta": ["stop_reason": Messages.stopReason(receipt), "stop_sequence": nil],
                    "usage": Messages.usage(receipt.usage), "bureau": Wire.bureau(receipt),
                ])
            + event("message_stop", [:])
    }

    func failed(_ problem: CallProblem) -> String { Wire.event(Messages.error(problem), named: "error") }

    private var index: JSONValue { .integer(Int64(blocks)) }

    private func open(_ block: JSONValue) -> String {
        event("content_block_start", ["index": index, "content_block": block])
    }

    private func delta(_ delta: JSONValue) -> String {
        event("content_block_delta", ["index": index, "delta": delta])
    }

    private mutating func close() -> String {
        defer { blocks += 1 }
        return event("content_block_stop", ["index": index])
    }

    private func event(_ name: String, _ members: [String: JSONValue]) -> String {
        Wire.event(.object(members.merging(["type": .string(name)]) { $1 }), named: name)
    }
}
