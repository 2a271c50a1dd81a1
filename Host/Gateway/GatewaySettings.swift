package import Kernel

/// What an operator decides about model calls. Every bound has a default.
package struct GatewaySettings: Sendable {
    /// For models without `provider/`, and for requests that name none.
    package var defaultProvider: String
    /// For requests that name none: `provider/model` or a class. Nil: what the default provider has for them.
    package var defaultModel: String?
    /// What a class that plugins ask for (`fast`, `careful`) stands for: `provider/model`.
    package var classes: [String: String]
    /// Where prices of a provider's models are found. A provider that is not listed is in the price book under its
    /// own name.
    package var pricing: [String: ProviderPricing]
    /// Injected when a request sets no limit of its own; never above what the model can do.
    package var defaultMaximumOutputTokens: Int
    /// No request gets more.
    package var largestMaximumOutputTokens: Int
    package var defaultTimeoutMilliseconds: UInt64
    package var largestTimeoutMilliseconds: UInt64
    package var maximumMessages: Int
    /// Of messages and options together, as JSON.
    package var maximumRequestBytes: Int
    package var framing: FramingAllowance
    /// What becomes of a call to a model that has no price.
    package var unknownModels = UnknownModels.refuse
    package var routing = RoutingSettings()
    /// Nil: every call is sent.
    package var cache: ResponseCache?

    package init(
        defaultProvider: String = OfflineProvider.name, defaultModel: String? = nil, classes: [String: String] = [:],
        pricing: [String: ProviderPricing] = [:], defaultMaximumOutputTokens: Int = 4096,
        largestMaximumOutputTokens: Int = 131_072, defaultTimeoutMilliseconds: UInt64 = 120_000,
        largestTimeoutMilliseconds: UInt64 = 900_000, maximumMessages: Int = 1024,
        maximumRequestBytes: Int = 8 << 20, framing: FramingAllowance = .standard
    ) {
        self.defaultProvider = defaultProvider
        self.defaultModel = defaultModel
        self.classes = classes
        self.pricing = pricing
        self.defaultMaximumOutputTokens = defaultMaximumOutputTokens
        self.largestMaximumOutputTokens = largestMaximumOutputTokens
        self.defaultTimeoutMilliseconds = defaultTimeoutMilliseconds
        self.largestTimeoutMilliseconds = largestTimeoutMilliseconds
        self.maximumMessages = maximumMessages
        self.maximumRequestBytes = maximumRequestBytes
        self.framing = framing
    }
}

package enum UnknownModels: Hashable, Sendable {
    case refuse
    /// The operator's own guess, by which calls are held and charged; a charge says so.
    case assume(AssumedPrice)
}

package enum ProviderPricing: Hashable, Sendable {
    /// The operator says that calls cost nothing: a server of one's own.
    case free
    /// By the price book, under this provider name.
    ///
    /// - Parameter models: names that stand for others there: deployments, aliases.
    case book(provider: String, models: [String: String] = [:])
}
