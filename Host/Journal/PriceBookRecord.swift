package import Kernel

/// Prices that an operator gave this store, over those that came with the host. The newest are in force; older ones
/// stay, because charges were computed by them.
package struct PriceBookRecord: Hashable, Sendable {
    package var number: Int64
    package var at: Instant
    package var by: String
    /// The price file as it was given; nil: from here on only the prices that came with the host.
    package var prices: String?

    package init(number: Int64, at: Instant, by: String, prices: String?) {
        self.number = number
        self.at = at
        self.by = by
        self.prices = prices
    }
}
