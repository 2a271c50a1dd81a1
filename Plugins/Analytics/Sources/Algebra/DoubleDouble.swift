/// A number as the unevaluated sum of two doubles: about 31 decimal digits (Dekker 1971; Hida, Li and Bailey 2001).
///
/// Least squares loses digits in proportion to the condition of the columns; powers of one variable are so close to
/// each other that plain doubles leave few (NIST StRD "Filip"). With this type they are exact to the last digit.
struct DoubleDouble: Sendable {
    var high: Double
    var low: Double

    init(_ value: Double) {
        high = value
        low = 0
    }

    private init(_ high: Double, _ low: Double) {
        self.high = high
        self.low = low
    }

    /// For |high| ≥ |low|.
    private static func normalised(_ high: Double, _ low: Double) -> DoubleDouble {
        let sum = high + low
        return DoubleDouble(sum, low - (sum - high))
    }
}

extension DoubleDouble: RealScalar {
    var double: Double { high + low }

    static func + (left: Self, right: Self) -> Self {
        let sum = left.high + right.high, part = sum - left.high
        let error = (left.high - (sum - part)) + (right.high - part)
        let lowSum = left.low + right.low, lowPart = lowSum - left.low
        let lowError = (left.low - (lowSum - lowPart)) + (right.low - lowPart)
        let first = normalised(sum, error + lowSum)
        return normalised(first.high, first.low + lowError)
    }

    static prefix func - (value: Self) -> Self { DoubleDouble(-value.high, -value.low) }
    static func - (left: Self, right: Self) -> Self { left + -right }

    static func * (left: Self, right: Self) -> Self {
        let product = left.high * right.high
        let error = (-product).addingProduct(left.high, right.high)
        return normalised(product, error + (left.high * right.low + left.low * right.high))
    }

    static func / (left: Self, right: Self) -> Self {
        let first = left.high / right.high
        var rest = left - right * DoubleDouble(first)
        let second = rest.high / right.high
        rest = rest - right * DoubleDouble(second)
        return normalised(first, second) + DoubleDouble(rest.high / right.high)
    }

    /// One Newton step behind the double's root.
    func squareRoot() -> Self {
        guard high > 0 else { return DoubleDouble(0) }
        let root = DoubleDouble(high.squareRoot())
        return root + (self - root * root) / DoubleDouble(2 * root.high)
    }
}

/// What the decompositions compute with: `Double`, or `DoubleDouble` where digits matter more than time.
protocol RealScalar: Sendable {
    init(_ value: Double)
    var double: Double { get }
    static func + (left: Self, right: Self) -> Self
    static func - (left: Self, right: Self) -> Self
    static func * (left: Self, right: Self) -> Self
    static func / (left: Self, right: Self) -> Self
    prefix static func - (value: Self) -> Self
    func squareRoot() -> Self
}

extension Double: RealScalar {
    var double: Double { self }
}
