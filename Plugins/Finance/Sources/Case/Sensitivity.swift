import PluginKit

/// One driver at a time moves down and up; the others stay.
enum Sensitivity {
    enum Driver: String, CaseIterable {
        case volume, price
        case unitCost = "unit_cost"
        case fixedCost = "fixed_cost"
        case investment
        case discountRate = "discount_rate"

        func world(factor: Double) -> World {
            var world = World()
            switch self {
            case .volume: world.volumeFactor = factor
            case .price: world.priceFactor = factor
            case .unitCost: world.unitCostFactor = factor
            case .fixedCost: world.fixedCostFactor = factor
            case .investment: world.investmentFactor = factor
            case .discountRate: world.discountRateFactor = factor
            }
            return world
        }
    }

    static func bars(_ input: BusinessCaseInput, change: Double) throws(TaskFailure) -> [SensitivityBar] {
        var bars: [SensitivityBar] = []
        for driver in Driver.allCases {
            let low = try CashFlowTable(input, driver.world(factor: 1 - change)).netPresentValue
            let high = try CashFlowTable(input, driver.world(factor: 1 + change)).netPresentValue
            let lowMinor = try Amount.rounded(low), highMinor = try Amount.rounded(high)
            bars.append(
                SensitivityBar(
                    driver: driver.rawValue, lowFactor: 1 - change, highFactor: 1 + change, lowNpvMinor: lowMinor,
                    highNpvMinor: highMinor, spreadMinor: abs(highMinor - lowMinor),
                    breakEvenFactor: driver == .discountRate ? nil : zero(low, high, 1 - change, 1 + change)))
        }
        // Equal spreads keep the order of the drivers: the sort is stable.
        return bars.sorted { $0.spreadMinor > $1.spreadMinor }
    }

    /// NPV is a straight line in each driver but the discount rate (but for the rounding of units and prices), so two
    /// points give its zero.
    private static func zero(_ low: Double, _ high: Double, _ lowFactor: Double, _ highFactor: Double) -> Double? {
        guard low != high else { return nil }
        let factor = lowFactor - low * (highFactor - lowFactor) / (high - low)
        return (0...5).contains(factor) ? factor : nil
    }
}
