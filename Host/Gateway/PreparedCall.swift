package import Kernel

/// A call that may be sent once its upper bound is reserved.
package struct PreparedCall: Sendable {
    package let provider: any ModelProvider
    package let call: ModelCall
    /// The most that one attempt can cost.
    package let upperBound: Nanodollars
    /// Nil: free, as the operator says or because nothing leaves this host.
    package let price: ModelPrice?
    /// Where the price came from.
    package let prices: PriceBasis
    /// When it was prepared, which decides its price.
    package let preparedAt: Instant
    private let bound: CallBound?
    private let policyLimit: Int

    /// - Parameter upperBound: where it was computed before.
    init(
        provider: any ModelProvider, call: ModelCall, price: ModelPrice?, prices: PriceBasis, bound: CallBound?,
        policyLimit: Int, preparedAt: Instant, upperBound: Nanodollars? = nil
    ) {
        self.provider = provider
        self.call = call
        self.price = price
        self.prices = prices
        self.bound = bound
        self.policyLimit = policyLimit
        self.preparedAt = preparedAt
        self.upperBound = upperBound ?? bound?.total ?? .zero
    }

    /// The largest output limit with which the call would fit into `available`. Nil: not even one token would.
    package func largestOutputThatFits(available: Nanodollars) -> Int? {
        guard let bound else { return policyLimit }
        return bound.largestOutput(within: available).map { Int(min($0, Int64(policyLimit))) }
    }
}
