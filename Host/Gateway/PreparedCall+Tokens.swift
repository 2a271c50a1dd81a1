import Kernel

extension PreparedCall {
    /// The most tokens, input and output, that one attempt can use.
    package var maximumTokens: Int64 {
        var texts = call.messages.flatMap { [$0.role, $0.content] }
        if let schema = call.options.responseSchema { texts.append(schema.serialized()) }
        let framing = FramingAllowance.standard
        let framed = framing.perRequest + framing.perMessage * Int64(call.messages.count)
        return texts.reduce(framed + Int64(call.maximumOutputTokens)) { $0 + TokenBound.tokens(in: $1) }
    }
}
