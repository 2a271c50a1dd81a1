import Kernel

/// The embedded default: deterministic, free, without network. What it does stands at ``OfflineAnswer``.
package struct OfflineProvider: ModelProvider {
    package static let name = "offline"

    package init() {}

    package var name: String { Self.name }
    package var isDeterministic: Bool { true }

    package func resolve(model: String) -> String? {
        model.isEmpty || model == OfflineAnswer.model ? OfflineAnswer.model : nil
    }

    package func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer {
        let answer = OfflineAnswer(
            messages: call.messages.map { ($0.role, $0.content) }, stop: call.options.stop,
            maximumOutputTokens: call.maximumOutputTokens)
        for piece in answer.pieces {
            guard !Task.isCancelled else {
                throw ProviderError(.cancelled, "cancelled", wasSent: false, isRetryable: false)
            }
            onChunk(piece)
        }
        let input = call.messages.reduce(Int64(0)) { $0 + OfflineTokens.estimate($1.content) }
        return ModelAnswer(
            text: answer.text, model: "\(name)/\(OfflineAnswer.model)", finishReason: answer.finishReason,
            usage: TokenUsage(input: input, output: OfflineTokens.estimate(answer.text)), reference: nil)
    }
}
