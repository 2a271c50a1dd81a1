import Kernel

/// Events of ConverseStream, or the answer of Converse. Usage comes in the last event alone.
struct BedrockDecoder: AnswerDecoder {
    mutating func read(_ event: AnswerEvent, into draft: inout AnswerDraft) {
        let body = event.body
        let index = body["contentBlockIndex"]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
        switch event.type {
        case "contentBlockStart":
            if let call = body["start"]?["toolUse"] {
                draft.extendCall(at: index, id: call["toolUseId"]?.stringValue, name: call["name"]?.stringValue)
            }
        case "contentBlockDelta":
            draft.append(body["delta"]?["text"]?.stringValue ?? "")
            if let input = body["delta"]?["toolUse"]?["input"]?.stringValue, draft.hasCall(at: index) {
                draft.extendCall(at: index, arguments: input)
            }
        case "messageStop": finish(body["stopReason"], into: &draft)
        case "metadata":
            readUsage(body, into: &draft)
            draft.isDone = draft.finishReason != nil
        case let type where type.hasSuffix("Exception"): fail(type, body, into: &draft)
        default: break
        }
    }

    mutating func read(document: JSONValue, into draft: inout AnswerDraft) {
        for (index, block) in (document["output"]?["message"]?["content"]?.arrayValue ?? []).enumerated() {
            draft.append(block["text"]?.stringValue ?? "")
            if let call = block["toolUse"] {
                draft.extendCall(
                    at: index, id: call["toolUseId"]?.stringValue, name: call["name"]?.stringValue,
                    arguments: call["input"]?.serialized() ?? "")
            }
        }
        finish(document["stopReason"], into: &draft)
        readUsage(document, into: &draft)
    }

    private func readUsage(_ body: JSONValue, into draft: inout AnswerDraft) {
        if let usage = body["usage"], usage.objectValue != nil {
            draft.report = UsageReport(usage, format: .bedrock)
        }
        draft.service =
            body["serviceTier"]?["type"]?.stringValue.flatMap(ServiceTier.init(providerName:)) ?? draft.service
    }

    private func finish(_ reason: JSONValue?, into draft: inout AnswerDraft) {
        guard let reason = reason?.stringValue else { return }
        draft.finishReason =
            switch reason {
            case "end_turn", "stop_sequence": "stop"
            case "max_tokens", "model_context_window_exceeded": "length"
            case "tool_use": "tool_calls"
            default: reason
            }
    }

    private func fail(_ type: String, _ body: JSONValue, into draft: inout AnswerDraft) {
        let message = "the provider failed: \(type): \(ProviderRefusal.message(of: body))"
        switch type {
        case "throttlingException", "serviceUnavailableException": draft.fail(.busy, message)
        case "validationException": draft.fail(.invalid, message)
        default: draft.fail(.io, message)
        }
    }
}
