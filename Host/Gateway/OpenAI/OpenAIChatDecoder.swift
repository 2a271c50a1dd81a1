import Kernel

/// Chunks of chat completions. Usage may come in a chunk with choices or without, members may be missing or null.
struct OpenAIChatDecoder: AnswerDecoder {
    mutating func read(_ event: AnswerEvent, into draft: inout AnswerDraft) {
        read(event.body, choice: "delta", into: &draft)
    }

    mutating func read(document: JSONValue, into draft: inout AnswerDraft) {
        read(document, choice: "message", into: &draft)
    }

    /// Chunks and whole answers differ in where the text stands.
    private func read(_ object: JSONValue, choice name: String, into draft: inout AnswerDraft) {
        if let error = object["error"], error != .null {
            return draft.fail(.io, "the provider failed: \(ProviderRefusal.message(of: object))")
        }
        draft.model = object["model"]?.stringValue ?? draft.model
        draft.reference = object["id"]?.stringValue ?? draft.reference
        draft.service = object["service_tier"]?.stringValue.flatMap(ServiceTier.init(providerName:)) ?? draft.service
        if let usage = object["usage"], usage.objectValue != nil {
            draft.report = UsageReport(usage, format: .openAI)
        }
        guard let choice = object["choices"]?.arrayValue?.first else { return }
        draft.finishReason = choice["finish_reason"]?.stringValue ?? draft.finishReason
        guard let piece = choice[name] else { return }
        draft.append(Self.text(piece["content"]))
        if let refusal = piece["refusal"]?.stringValue, !refusal.isEmpty {
            draft.append(refusal)
            draft.finishReason = "refusal"
        }
        for (position, call) in (piece["tool_calls"]?.arrayValue ?? []).enumerated() {
            let function = call["function"]
            // Some servers send the object itself.
            let object = function?["arguments"].flatMap { $0.objectValue == nil ? nil : $0.serialized() }
            draft.extendCall(
                at: call["index"]?.integerValue.flatMap { Int(exactly: $0) } ?? position,
                id: call["id"]?.stringValue, name: function?["name"]?.stringValue,
                arguments: function?["arguments"]?.stringValue ?? object ?? "")
        }
    }

    /// A string, or parts of text (Mistral).
    private static func text(_ content: JSONValue?) -> String {
        content?.stringValue ?? content?.arrayValue?.compactMap { $0["text"]?.stringValue }.joined() ?? ""
    }
}
