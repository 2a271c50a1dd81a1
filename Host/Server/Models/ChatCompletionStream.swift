import Engine
import Kernel

/// Tool calls are said whole, after the text: their arguments are judged before anyone acts on them.
struct ChatCompletionStream: DialectStream {
    private let id: RunID
    private let model: String
    private let includesUsage: Bool

    init(id: RunID, request: DialectRequest) {
        self.id = id
        model = request.call.model
        includesUsage = request.includesUsage
    }

    func begin() -> String { Wire.event(chunk(delta: ["role": "assistant", "content": ""])) }

    func piece(_ text: String) -> String { Wire.event(chunk(delta: ["content": .string(text)])) }

    func end(_ receipt: CallReceipt) -> String {
        var text = ""
        for (index, call) in receipt.toolCalls.enumerated() {
            let function: JSONValue = ["name": .string(call.name), "arguments": ""]
            text += tool(index, ["id": .string(call.id), "type": "function", "function": function])
            text += tool(index, ["function": ["arguments": .string(ChatCompletions.arguments(of: call))]])
        }
        text += Wire.event(chunk(delta: [:], finishReason: ChatCompletions.finishReason(receipt)))
        if includesUsage {
            var last = head(model: receipt.model)
            last["choices"] = []
            last["usage"] = ChatCompletions.usage(receipt.usage)
            last["bureau"] = Wire.bureau(receipt)
            text += Wire.event(.object(last))
        }
        return text + "data: [DONE]\n\n"
    }

    func failed(_ problem: CallProblem) -> String { Wire.event(ChatCompletions.error(problem)) }

    private func tool(_ index: Int, _ members: [String: JSONValue]) -> String {
        let call = members.merging(["index": .integer(Int64(index))]) { $1 }
        return Wire.event(chunk(delta: ["tool_calls": [.object(call)]]))
    }

    private func chunk(delta: JSONValue, finishReason: JSONValue = nil) -> JSONValue {
        var members = head(model: model)
        members["choices"] = [["index": 0, "delta": delta, "logprobs": nil, "finish_reason": finishReason]]
        if includesUsage { members["usage"] = .null }
        return .object(members)
    }

    private func head(model: String) -> [String: JSONValue] {
        [
            "id": .string(ChatCompletions.identifier(id)), "object": "chat.completion.chunk",
            "created": .integer(id.seconds), "model": .string(model),
        ]
    }
}
