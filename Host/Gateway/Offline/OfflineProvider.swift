package import Kernel

/// The embedded default: deterministic, free, without network. What it does stands at ``OfflineAnswer``.
package struct OfflineProvider: ModelProvider {
    package static let name = "offline"

    package init() {}

    package var name: String { Self.name }
    package var isDeterministic: Bool { true }

    package func resolve(model: String) -> String? {
        model.isEmpty || model == OfflineAnswer.model ? OfflineAnswer.model : nil
    }

    /// It never calls a tool, which is an answer where it may choose.
    package func refusal(of options: ModelOptions) -> String? {
        if options.responseSchema != nil { return "options /response_schema: extracted sentences fit no schema" }
        switch options.toolChoice {
        case .auto, .none: return nil
        case .required, .tool: return "options /tool_choice: the offline model calls no tools"
        }
    }

    package func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let answer = OfflineAnswer(
            messages: call.messages.map { ($0.role.rawValue, $0.text) }, stop: call.options.stop,
            maximumOutputTokens: call.maximumOutputTokens)
        for piece in answer.pieces {
            guard !Task.isCancelled else {
                throw ProviderError(.cancelled, "cancelled", wasSent: false, isRetryable: false)
            }
            onChunk(piece)
        }
        let input = call.messages.reduce(Int64(0)) { $0 + OfflineTokens.estimate($1.text) }
        return ModelAnswer(
            text: answer.text, model: "\(name)/\(OfflineAnswer.model)", finishReason: answer.finishReason,
            usage: TokenUsage(input: input, output: OfflineTokens.estimate(answer.text)), reference: nil)
    }
}
