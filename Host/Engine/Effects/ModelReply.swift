import Gateway
import Kernel

/// What a plugin gets of a model's answer (`bureau/model.h`).
enum ModelReply {
    /// - Parameter answer: judged: the arguments of its tool calls fit their schemas.
    static func json(_ answer: ModelAnswer, provider: String) -> JSONValue {
        var members: [String: JSONValue] = [
            "text": .string(answer.text), "model": .string(answer.model), "provider": .string(provider),
            "finish_reason": .string(answer.finishReason),
        ]
        if !answer.toolCalls.isEmpty {
            members["tool_calls"] = .array(
                answer.toolCalls.map { call in
                    [
                        "id": .string(call.id), "name": .string(call.name), "arguments": call.argumentObject ?? [:],
                    ]
                })
        }
        return .object(members)
    }
}
