/// The list price of one model at one provider, for some span of time.
package struct ModelPrice: Hashable, Sendable {
    package var provider: String
    package var model: String
    /// Nil: since ever.
    package var validFrom: Instant?
    /// The first instant at which it no longer holds. Nil: until replaced.
    package var validUntil: Instant?
    /// Tokens of one request, if the provider limits them.
    package var maximumInputTokens: Int64?
    package var maximumOutputTokens: Int64?
    package var standard: TokenRates
    package var longContext: LongContextTier?
    /// Explicit prices of the other ways of processing. A tier that is not listed costs the standard price.
    package var services: [ServiceTier: TokenRates]
    package var offPeak: OffPeakTier?
    /// For each web search that the provider itself runs.
    package var webSearchFee: Picodollars
    /// For each call that is billed at all, beside its tokens.
    package var callFee: Picodollars

    package init(
        provider: String, model: String, validFrom: Instant? = nil, validUntil: Instant? = nil,
        maximumInputTokens: Int64? = nil, maximumOutputTokens: Int64? = nil, standard: TokenRates,
        longContext: LongContextTier? = nil, services: [ServiceTier: TokenRates] = [:], offPeak: OffPeakTier? = nil,
        webSearchFee: Picodollars = .zero, callFee: Picodollars = .zero
    ) {
        self.provider = provider
        self.model = model
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.maximumInputTokens = maximumInputTokens
        self.maximumOutputTokens = maximumOutputTokens
        self.standard = standard
        self.longContext = longContext
        self.services = services
        self.offPeak = offPeak
        self.webSearchFee = webSearchFee
        self.callFee = callFee
    }

    package func holds(at instant: Instant) -> Bool {
        if let validFrom, instant < validFrom { return false }
        if let validUntil, instant >= validUntil { return false }
        return true
    }

    /// - Parameter promptTokens: all input tokens, cached or not: they decide the tier of the whole request, output
    ///   too.
    package func rates(promptTokens: Int64, service: ServiceTier = .standard, at instant: Instant) -> TokenRates {
        let base = services[service] ?? standard
        if let longContext, longContext.isReached(by: promptTokens) {
            return service == .standard ? longContext.rates : base.moved(from: standard, to: longContext.rates)
        }
        if service == .standard, let offPeak, offPeak.hours.contains(instant) { return offPeak.rates }
        return base
    }

    /// The exact price of what was used, rounded up once.
    ///
    /// - Parameter usage: input and output must be known; other classes that the provider did not name were not used.
    /// - Returns: nil when the provider said too little to compute it.
    package func cost(of usage: TokenUsage, terms: ChargeTerms) -> Nanodollars? {
        guard let input = usage.input, usage.output != nil else { return nil }
        let classes = [input, usage.cachedRead, usage.cacheWrite, usage.cacheWriteOneHour]
        let prompt = classes.reduce(Int64(0)) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(max(0, count ?? 0))
            return overflow ? .max : total
        }
        let tokens = rates(promptTokens: prompt, service: terms.service, at: terms.at).cost(of: usage)
        return (tokens.multiplied(by: terms.factor) + fees(of: usage, webSearches: terms.webSearches)).roundedUp
    }

    /// The part of a cost that is not for tokens.
    package func fees(of usage: TokenUsage, webSearches: Int64) -> Picodollars {
        // What used nothing was refused before any work, and that is not billed.
        let fee = usage.totalTokens ?? 0 > 0 ? callFee : .zero
        return .cost(of: webSearches, at: PicodollarsPerToken(UInt64(clamping: webSearchFee.value))) + fee
    }
}

/// Prices of long requests: above a number of input tokens the whole request has other prices.
package struct LongContextTier: Hashable, Sendable {
    package var threshold: Int64
    /// Whether a request of exactly the threshold is long already (xAI) or not yet (OpenAI, Google, Anthropic).
    package var includesThreshold: Bool
    package var rates: TokenRates

    package init(threshold: Int64, includesThreshold: Bool, rates: TokenRates) {
        self.threshold = threshold
        self.includesThreshold = includesThreshold
        self.rates = rates
    }

    package func isReached(by promptTokens: Int64) -> Bool {
        includesThreshold ? promptTokens >= threshold : promptTokens > threshold
    }
}

/// Prices that hold in some hours of the week.
package struct OffPeakTier: Hashable, Sendable {
    package var hours: WeeklyHours
    package var rates: TokenRates

    package init(hours: WeeklyHours, rates: TokenRates) {
        self.hours = hours
        self.rates = rates
    }
}

/// What besides token counts decides a charge.
package struct ChargeTerms: Hashable, Sendable {
    /// From the provider's answer where it says so, which may differ from what was asked.
    package var service: ServiceTier
    /// When the call was prepared: a run is priced by its own day.
    package var at: Instant
    package var webSearches: Int64
    /// Regional processing and the like.
    package var factor: PriceFactor

    package init(service: ServiceTier = .standard, at: Instant, webSearches: Int64 = 0, factor: PriceFactor = .one) {
        self.service = service
        self.at = at
        self.webSearches = webSearches
        self.factor = factor
    }
}
