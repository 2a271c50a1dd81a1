/// What one token of each class costs. A class without a price of its own costs as much as the class it is a part of:
/// a missing price is never free, an explicit zero is.
package struct TokenRates: Hashable, Sendable {
    package var input: PicodollarsPerToken
    package var cachedRead: PicodollarsPerToken
    /// Kept for 5 minutes, or the provider's only kind.
    package var cacheWrite: PicodollarsPerToken
    package var cacheWriteOneHour: PicodollarsPerToken
    package var output: PicodollarsPerToken
    package var reasoning: PicodollarsPerToken

    package init(
        input: PicodollarsPerToken, cachedRead: PicodollarsPerToken? = nil, cacheWrite: PicodollarsPerToken? = nil,
        cacheWriteOneHour: PicodollarsPerToken? = nil, output: PicodollarsPerToken,
        reasoning: PicodollarsPerToken? = nil
    ) {
        self.input = input
        self.cachedRead = cachedRead ?? input
        self.cacheWrite = cacheWrite ?? input
        self.cacheWriteOneHour = cacheWriteOneHour ?? self.cacheWrite
        self.output = output
        self.reasoning = reasoning ?? output
    }

    /// The dearest class that an input token can fall in when the caller asked for no one-hour cache.
    package var dearestInput: PicodollarsPerToken { max(input, cachedRead, cacheWrite) }
    package var dearestOutput: PicodollarsPerToken { max(output, reasoning) }

    /// The exact sum over the classes. Reasoning is part of output, so only the rest of output has output's price.
    package func cost(of usage: TokenUsage) -> Picodollars {
        let output = max(0, usage.output ?? 0)
        let reasoning = min(max(0, usage.reasoning ?? 0), output)
        return Picodollars.cost(of: usage.input ?? 0, at: input)
            + .cost(of: usage.cachedRead ?? 0, at: cachedRead)
            + .cost(of: usage.cacheWrite ?? 0, at: cacheWrite)
            + .cost(of: usage.cacheWriteOneHour ?? 0, at: cacheWriteOneHour)
            + .cost(of: output - reasoning, at: self.output)
            + .cost(of: reasoning, at: self.reasoning)
    }

    /// These prices moved as `base` moves to `tier`: the price of a long batch request is its batch price times the
    /// rise of long requests, where the provider lists no price for both together.
    func moved(from base: TokenRates, to tier: TokenRates) -> TokenRates {
        func move(_ path: KeyPath<TokenRates, PicodollarsPerToken>) -> PicodollarsPerToken {
            base[keyPath: path].value == 0
                ? max(self[keyPath: path], tier[keyPath: path])
                : self[keyPath: path].scaled(by: tier[keyPath: path].value, over: base[keyPath: path].value)
        }
        return TokenRates(
            input: move(\.input), cachedRead: move(\.cachedRead), cacheWrite: move(\.cacheWrite),
            cacheWriteOneHour: move(\.cacheWriteOneHour), output: move(\.output), reasoning: move(\.reasoning))
    }
}

/// How a provider was asked to process a call, and in its answer how it did.
package enum ServiceTier: String, Hashable, Sendable, CaseIterable {
    case standard, batch, flex, priority

    /// As providers spell it in requests and answers. Nil for a word that this host does not know.
    package init?(providerName: String) {
        switch providerName {
        case "default", "standard", "on_demand", "auto": self = .standard
        default: self.init(rawValue: providerName)
        }
    }

    package var providerName: String { self == .standard ? "default" : rawValue }
}
