/// The most that one attempt of a call can cost: what is reserved before anything is sent. Never an average.
package struct CallBound: Hashable, Sendable {
    /// At the dearest input class and tier that can be reached, with the fee of the call.
    package let input: Picodollars
    /// The dearest output class and tier that can be reached.
    package let outputRate: PicodollarsPerToken
    package let maximumOutputTokens: Int64

    /// - Parameters:
    ///   - size: everything that is sent.
    ///   - maximumOutputTokens: the limit that is sent with the call; reasoning is inside it.
    ///   - service: the way of processing that the call asks for.
    ///   - factor: a surcharge on all tokens that the call asks for.
    package init(
        price: ModelPrice, size: ModelCallSize, maximumOutputTokens: Int64, service: ServiceTier,
        framing: FramingAllowance = .standard, factor: PriceFactor = .one
    ) {
        var tokens = Self.inputTokens(of: size, framing: framing)
        if let limit = price.maximumInputTokens { tokens = min(tokens, limit) }
        let reachable = Self.reachableRates(price: price, inputTokens: tokens, service: service)
        let dearest = reachable.reduce(PicodollarsPerToken(0)) {
            max($0, size.hasOneHourCache ? max($1.dearestInput, $1.cacheWriteOneHour) : $1.dearestInput)
        }
        input = Picodollars.cost(of: tokens, at: dearest).multiplied(by: factor) + price.callFee
        outputRate = reachable.reduce(PicodollarsPerToken(0)) { max($0, $1.dearestOutput) }
            .scaled(by: UInt64(factor.numerator), over: UInt64(factor.denominator))
        self.maximumOutputTokens = maximumOutputTokens
    }

    /// The most tokens of input that it can be.
    package static func inputTokens(of size: ModelCallSize, framing: FramingAllowance = .standard) -> Int64 {
        let framed =
            framing.perRequest + framing.perMessage * Int64(size.messageCount)
            + (size.toolCount > 0 ? framing.perToolUse + framing.perTool * Int64(size.toolCount) : 0)
        return size.texts.reduce(framed + size.imageTokens) { $0 + TokenBound.tokens(in: $1) }
    }

    package var total: Nanodollars { (input + .cost(of: maximumOutputTokens, at: outputRate)).roundedUp }

    /// The largest output limit with which the call's bound is within `available`; nil when the input alone is not,
    /// or when no token of output would fit.
    package func largestOutput(within available: Nanodollars) -> Int64? {
        let room = Int128(available.value) * Picodollars.perNanodollar - input.value
        guard room >= 0 else { return nil }
        guard outputRate.value > 0 else { return .max }
        let tokens = Int64(clamping: room / Int128(outputRate.value))
        return tokens > 0 ? tokens : nil
    }

    /// Fewer input tokens than the bound may be used, the hour may pass, and a provider may process the call in the
    /// standard way instead: all of these are reachable.
    private static func reachableRates(
        price: ModelPrice, inputTokens: Int64, service: ServiceTier
    ) -> [TokenRates] {
        let base = price.services[service] ?? price.standard
        var reachable = [base, price.standard]
        if let offPeak = price.offPeak { reachable.append(offPeak.rates) }
        if let tier = price.longContext, tier.isReached(by: inputTokens) {
            reachable += [tier.rates, base.moved(from: price.standard, to: tier.rates)]
        }
        return reachable
    }
}
