package import Kernel

extension PreparedCall {
    /// What its hold is for.
    package func charge(_ source: ChargeDetail.Source) -> ChargeDetail {
        ChargeDetail(source: source, provider: provider.name, model: call.model, prices: prices)
    }

    /// What an answer used.
    package func usage(of answer: ModelAnswer) -> ChargeUsage {
        usage(answer.usage, answer.service ?? provider.service, webSearches: answer.webSearches)
    }

    /// What a failed attempt used; nil where the provider did not say.
    package func usage(of error: ProviderError) -> ChargeUsage? {
        if let answer = error.brokenAnswer { return usage(of: answer) }
        return error.usage.map { usage($0, provider.service, webSearches: 0) }
    }

    private func usage(_ tokens: TokenUsage, _ service: ServiceTier, webSearches: Int64) -> ChargeUsage {
        ChargeUsage(
            service: service, tokens: tokens, webSearches: webSearches,
            fees: price?.fees(of: tokens, webSearches: webSearches).roundedUp ?? .zero)
    }
}
