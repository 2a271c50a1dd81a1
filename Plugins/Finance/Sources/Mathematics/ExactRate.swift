import PluginKit

/// A rate as the decimal that was written: the shortest decimal that reads back as the same `Double`. So 6.5 % is
/// 65/1000, not the nearest binary fraction, and half a cent is half a cent.
struct ExactRate {
    let numerator: Int128
    /// A power of ten.
    let denominator: Int128

    init(_ rate: Double, at pointer: String) throws(TaskFailure) {
        guard rate.isFinite, rate >= 0, rate <= 10 else { throw .invalid("\(pointer): must be from 0 to 10") }
        let parts = rate.description.split(separator: "e")
        let digits = parts[0].split(separator: ".")
        let fraction = digits.count > 1 ? digits[1] : "0"
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let scale = fraction.utf8.count - exponent
        guard let mantissa = Int128(digits[0] + fraction), (0...24).contains(scale) else {
            throw .invalid("\(pointer): has more than 24 decimals")
        }
        numerator = mantissa
        denominator = (0..<scale).reduce(1) { power, _ in power * 10 }
    }

    /// amount · rate / divisor, rounded once; the amount is not negative and at most ``Amount/limit``.
    func share(of amount: Int, over divisor: Int, rounding: CentRounding) throws(TaskFailure) -> Int {
        let (product, overflow) = Int128(amount).multipliedReportingOverflow(by: numerator)
        guard !overflow else { throw .invalid("an amount is too large for this rate") }
        let value = rounding.divide(product, by: denominator * Int128(divisor))
        guard value <= Int128(Amount.limit) else { throw .invalid("an amount passes ±2^53 minor units") }
        return Int(value)
    }
}

extension CentRounding {
    /// Of a numerator that is not negative.
    func divide(_ numerator: Int128, by divisor: Int128) -> Int128 {
        let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: divisor)
        let isUp =
            switch self {
            case .down: false
            case .up: rest > 0
            case .halfAway: rest >= divisor - rest
            case .halfEven: rest > divisor - rest || (rest == divisor - rest && quotient % 2 != 0)
            }
        return quotient + (isUp ? 1 : 0)
    }
}
