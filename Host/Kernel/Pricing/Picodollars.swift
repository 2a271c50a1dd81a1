/// The price of one token, in trillionths of a US dollar: a list price in dollars per million tokens with up to six
/// decimals is a whole number of these. Nanodollars are too coarse for prices (0.0375 $/1M is 37.5 of them).
package struct PicodollarsPerToken: Hashable, Sendable, Comparable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }

    /// From dollars for a million tokens: `2.50`, `0.000001`. Nil for signs, exponents, more than six places or more
    /// than 9 billion dollars.
    package init?(dollarsPerMillion text: String) {
        guard !text.hasPrefix("$"), let amount = Nanodollars(dollars: text), amount.value % 1_000 == 0 else {
            return nil
        }
        value = UInt64(amount.value / 1_000)
    }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    /// This price times `numerator / denominator`, rounded up, so that a derived price is never too low.
    func scaled(by numerator: UInt64, over denominator: UInt64) -> PicodollarsPerToken {
        guard denominator > 0 else { return self }
        let (high, low) = value.multipliedFullWidth(by: numerator)
        guard high < denominator else { return PicodollarsPerToken(.max) }
        let (quotient, remainder) = denominator.dividingFullWidth((high, low))
        return PicodollarsPerToken(remainder == 0 || quotient == .max ? quotient : quotient + 1)
    }
}

/// An exact amount inside one charge. Sums and products that would pass the limit stay at the limit: an amount that
/// large is refused by every budget, which is what a nonsensical token count deserves.
package struct Picodollars: Hashable, Sendable, Comparable {
    package static let zero = Picodollars(0)
    package static let perNanodollar: Int128 = 1000

    package let value: Int128
    package init(_ value: Int128) { self.value = value }

    package static func + (left: Self, right: Self) -> Self {
        let (sum, overflow) = left.value.addingReportingOverflow(right.value)
        return Picodollars(overflow ? .max : sum)
    }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }

    /// Negative counts are taken as none.
    package static func cost(of tokens: Int64, at price: PicodollarsPerToken) -> Self {
        let (product, overflow) = Int128(max(0, tokens)).multipliedReportingOverflow(by: Int128(price.value))
        return Picodollars(overflow ? .max : product)
    }

    package func multiplied(by factor: PriceFactor) -> Self {
        let (product, overflow) = value.multipliedReportingOverflow(by: Int128(factor.numerator))
        guard !overflow else { return Picodollars(.max) }
        let (quotient, remainder) = product.quotientAndRemainder(dividingBy: Int128(factor.denominator))
        return Picodollars(remainder > 0 ? quotient + 1 : quotient)
    }

    /// The one rounding of a charge: up, to whole nanodollars.
    package var roundedUp: Nanodollars {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: Self.perNanodollar)
        return Nanodollars(Int64(clamping: remainder > 0 ? quotient + 1 : quotient))
    }
}

/// An exact surcharge or discount, as 11/10 for regional processing.
package struct PriceFactor: Hashable, Sendable {
    package static let one = PriceFactor(unchecked: 1, 1)

    package let numerator: UInt32
    package let denominator: UInt32

    private init(unchecked numerator: UInt32, _ denominator: UInt32) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// What Anthropic adds to all tokens for processing in one region, by the `inference_geo` of request or answer.
    package static func regional(_ region: String?) -> PriceFactor {
        region == "us" ? PriceFactor(unchecked: 11, 10) : .one
    }

    /// Nil for a zero denominator.
    package init?(_ numerator: UInt32, over denominator: UInt32) {
        guard denominator > 0 else { return nil }
        self.init(unchecked: numerator, denominator)
    }
}
