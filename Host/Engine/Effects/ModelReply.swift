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

extension ModelReply {
    /// Back from what was kept: an answer that cost nothing. Nil for what ``json(_:provider:)`` did not make.
    static func answer(_ reply: [UInt8]) -> (answer: ModelAnswer, provider: String)? {
        guard let document = try? JSONParser.parse(reply), let text = document["text"]?.stringValue,
            let model = document["model"]?.stringValue, let provider = document["provider"]?.stringValue,
            let finishReason = document["finish_reason"]?.stringValue
        else { return nil }
        let calls = (document["tool_calls"]?.arrayValue ?? []).map { call in
            ToolCall(
                id: call["id"]?.stringValue ?? "", name: call["name"]?.stringValue ?? "",
                arguments: (call["arguments"] ?? [:]).serialized())
        }
        let answer = ModelAnswer(
            text: text, toolCalls: calls, model: model, finishReason: finishReason,
            usage: TokenUsage(input: 0, output: 0), reference: nil)
        return (answer, provider)
    }
}
