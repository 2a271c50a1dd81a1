/// What an attempt is paid for, as known before it is sent: written with its hold.
package struct ChargeDetail: Hashable, Sendable {
    /// Who made the call. Raw values are stored.
    package enum Source: Int, CaseIterable, Sendable {
        case run = 0
        /// Outside of runs, by the compatible endpoints.
        case call

        package var name: String {
            switch self {
            case .run: "run"
            case .call: "call"
            }
        }
    }

    package var source: Source
    package var provider: String
    /// As it was asked for and is priced; an answer may name it more exactly.
    package var model: String
    package var prices: PriceBasis

    package static let maximumModelBytes = 200

    /// - Parameter model: comes from outside; a longer name than ``maximumModelBytes`` is kept as its digest.
    package init(source: Source, provider: String, model: String, prices: PriceBasis) {
        self.source = source
        self.provider = provider
        self.model =
            model.utf8.count <= Self.maximumModelBytes ? model : "sha256:" + Digest.sha256(model.utf8).hex
        self.prices = prices
    }
}

/// Where the price of a charge came from, so that it can be computed again years later.
package enum PriceBasis: Hashable, Sendable, CustomStringConvertible {
    /// The operator says that the provider costs nothing.
    case free
    /// The price book with this digest.
    case book(Digest)
    /// No price was known, and the operator's policy gave this one.
    case assumed(AssumedPrice)

    package var name: String {
        switch self {
        case .free: "free"
        case .book: "book"
        case .assumed: "assumed"
        }
    }

    /// The stable name used in storage and leaves: `free`, `book:<sha256>`, `assumed:<input>/<output>` in
    /// picodollars per token.
    package var description: String {
        switch self {
        case .free: "free"
        case .book(let digest): "book:\(digest.hex)"
        case .assumed(let price): "assumed:\(price.input.value)/\(price.output.value)"
        }
    }

    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        switch (parts[0], parts.count) {
        case ("free", 1): self = .free
        case ("book", 2):
            guard let digest = Digest(hex: String(parts[1])) else { return nil }
            self = .book(digest)
        case ("assumed", 2):
            let rates = parts[1].split(separator: "/", omittingEmptySubsequences: false).map { UInt64($0) }
            guard rates.count == 2, let input = rates[0], let output = rates[1] else { return nil }
            self = .assumed(
                AssumedPrice(input: PicodollarsPerToken(input), output: PicodollarsPerToken(output)))
        default: return nil
        }
    }
}

/// What the operator takes a token of a model to cost that no price book knows.
package struct AssumedPrice: Hashable, Sendable {
    package var input: PicodollarsPerToken
    package var output: PicodollarsPerToken

    package init(input: PicodollarsPerToken, output: PicodollarsPerToken) {
        self.input = input
        self.output = output
    }

    /// Every class of input at the input's price, and reasoning at the output's.
    package func price(provider: String, model: String) -> ModelPrice {
        ModelPrice(provider: provider, model: model, standard: TokenRates(input: input, output: output))
    }
}

/// What an attempt used, as the provider said: written with the end of its hold.
package struct ChargeUsage: Hashable, Sendable {
    /// How the call was processed, by the answer where it says so.
    package var service: ServiceTier
    /// Nil counts are what the provider did not say. Its cost is not read.
    package var tokens: TokenUsage
    package var webSearches: Int64
    /// The part of the cost that is not for tokens.
    package var fees: Nanodollars

    package init(
        service: ServiceTier = .standard, tokens: TokenUsage, webSearches: Int64 = 0, fees: Nanodollars = .zero
    ) {
        self.service = service
        self.tokens = tokens
        self.tokens.cost = .zero
        self.webSearches = webSearches
        self.fees = fees
    }
}
