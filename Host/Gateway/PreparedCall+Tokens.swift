import Kernel

extension PreparedCall {
    /// The most tokens, input and output, that one attempt can use.
    package var maximumTokens: Int64 {
        CallBound.inputTokens(of: provider.size(of: call)) + Int64(call.maximumOutputTokens)
    }
}
