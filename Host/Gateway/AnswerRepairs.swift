package import Kernel

/// Judges the answers of one call, and says how a broken one is asked for again. Bounded by ``ModelOptions/repairs``.
package struct AnswerRepairs: Sendable {
    /// What is added to the conversation for the next attempt.
    package private(set) var messages: [ChatMessage] = []
    /// Attempts that were used up by broken answers.
    package private(set) var count = 0
    /// Whether the last answer is to be asked for again.
    package private(set) var isPending = false

    package init() {}

    /// - Parameter answer: gets the text without what models put around JSON.
    /// - Returns: nil for an answer that may be used. Else what is wrong with it, to be closed as an attempt that was
    ///   sent and is paid.
    package mutating func judge(_ answer: inout ModelAnswer, of call: PreparedCall) -> ProviderError? {
        let options = call.call.options
        let check = AnswerCheck(text: answer.text, toolCalls: answer.toolCalls, options: options)
        answer.text = check.text
        isPending = false
        guard !check.isSound else { return nil }
        let isCut = answer.finishReason == "length"
        isPending = count < options.repairs && !isCut
        if isPending {
            count += 1
            messages += check.repair
        }
        let told = check.violations.joined(separator: "; ")
        let more = isCut ? "; it was cut at \(call.call.maximumOutputTokens) tokens of output" : ""
        var error = ProviderError(
            .invalid, "the model's answer cannot be used: \(told)\(more)", wasSent: true, usage: answer.usage,
            isRetryable: isPending)
        error.brokenAnswer = answer
        return error
    }
}
