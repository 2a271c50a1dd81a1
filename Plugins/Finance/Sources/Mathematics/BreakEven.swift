/// Where contribution covers fixed cost.
package struct BreakEven: Equatable, Sendable {
    /// Price less unit cost, in minor units.
    package let contribution: Int
    /// The smallest whole number of units whose contribution covers the fixed cost; nil if no number does.
    package let units: Int?
    /// Contribution over price; nil if the price is zero.
    package let contributionRatio: Double?

    package init(fixedCost: Int, price: Int, unitCost: Int) {
        contribution = price - unitCost
        contributionRatio = price == 0 ? nil : Double(contribution) / Double(price)
        if fixedCost <= 0 {
            units = 0
        } else if contribution > 0 {
            units = (fixedCost - 1) / contribution + 1
        } else {
            units = nil
        }
    }
}
