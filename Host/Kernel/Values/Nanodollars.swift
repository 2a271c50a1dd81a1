/// An amount of money in billionths of a US dollar. Integers only: no floating point ever touches money.
/// Holds up to 9.2 billion dollars; arithmetic that would pass that traps, it never wraps.
package struct Nanodollars: Hashable, Sendable, Comparable, AdditiveArithmetic, CustomStringConvertible {
    package static let perDollar: Int64 = 1_000_000_000
    package static let zero = Nanodollars(0)

    package let value: Int64
    package init(_ value: Int64) { self.value = value }

    package static func + (left: Nanodollars, right: Nanodollars) -> Nanodollars { .init(left.value + right.value) }
    package static func - (left: Nanodollars, right: Nanodollars) -> Nanodollars { .init(left.value - right.value) }
    package static prefix func - (amount: Nanodollars) -> Nanodollars { .init(-amount.value) }
    package static func < (left: Nanodollars, right: Nanodollars) -> Bool { left.value < right.value }

    /// Reads `12`, `12.5` or `0.000000001`, with an optional leading `$`. Nil for signs, exponents, more than nine
    /// decimals or amounts over the limit.
    package init?(dollars text: String) {
        let digits = text.hasPrefix("$") ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = parts.first, !whole.isEmpty, whole.utf8.allSatisfy(Self.isDigit),
            let dollars = Int64(whole)
        else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !fraction.isEmpty, fraction.utf8.count <= 9,
            fraction.utf8.allSatisfy(Self.isDigit),
            let billionths = Int64(fraction + String(repeating: "0", count: 9 - fraction.utf8.count))
        else { return nil }
        let (product, overflow) = dollars.multipliedReportingOverflow(by: Self.perDollar)
        let (sum, carry) = product.addingReportingOverflow(billionths)
        guard !overflow, !carry else { return nil }
        self.value = sum
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    /// Exact, with at least two decimals: `$0.00`, `$0.0000234`.
    package var description: String { value < 0 ? "-$" + digits : "$" + digits }

    /// The same as a number: `0.0000234`.
    package var decimal: String { value < 0 ? "-" + digits : digits }

    private var digits: String {
        let magnitude = value.magnitude
        let whole = magnitude / UInt64(Self.perDollar)
        var fraction = String(magnitude % UInt64(Self.perDollar))
        fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
        while fraction.count > 2, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}
