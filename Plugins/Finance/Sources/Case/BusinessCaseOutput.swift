/// The answer. Amounts are whole minor units; rates and ratios are fractions.
package struct BusinessCaseOutput: Codable, Sendable {
    package var title: String
    package var currency: String
    package var base: Evaluation
    package var scenarios: [ScenarioResult]
    /// Σ probability · NPV, where every scenario has a probability.
    package var expectedNpvMinor: Int?
    /// The probability of an NPV below zero, where every scenario has a probability.
    package var lossProbability: Double?
    package var breakEven: BreakEvenResult
    /// Widest first.
    package var sensitivity: [SensitivityBar]
    package var rows: [CashFlowRow]
    package var conventions: [String]

    enum CodingKeys: String, CodingKey {
        case title, currency, base, scenarios, sensitivity, rows, conventions
        case expectedNpvMinor = "expected_npv_minor"
        case lossProbability = "loss_probability"
        case breakEven = "break_even"
    }
}

package struct Evaluation: Codable, Sendable {
    package var npvMinor: Int
    /// With the dates of the rows instead of equal periods.
    package var xnpvMinor: Int?
    package var irr: RateResult
    package var xirr: RateResult?
    package var paybackPeriods: Double?
    package var discountedPaybackPeriods: Double?
    /// (NPV + present value of investment) / present value of investment.
    package var profitabilityIndex: Double?
    package var revenueMinor: Int
    package var netMinor: Int
    package var lowestCumulativeMinor: Int

    enum CodingKeys: String, CodingKey {
        case irr, xirr
        case npvMinor = "npv_minor"
        case xnpvMinor = "xnpv_minor"
        case paybackPeriods = "payback_periods"
        case discountedPaybackPeriods = "discounted_payback_periods"
        case profitabilityIndex = "profitability_index"
        case revenueMinor = "revenue_minor"
        case netMinor = "net_minor"
        case lowestCumulativeMinor = "lowest_cumulative_minor"
    }
}

/// `unique` with a rate, or `no_root`, or `multiple_roots` with all of them and no rate.
package struct RateResult: Codable, Sendable {
    package var status: String
    /// For one period (IRR), or a year (XIRR).
    package var rate: Double?
    package var annualRate: Double?
    package var roots: [Double]

    enum CodingKeys: String, CodingKey {
        case status, rate, roots
        case annualRate = "annual_rate"
    }

    init(_ result: RateOfReturn, periodsPerYear: Int) {
        status = result.status.rawValue
        rate = result.rate
        annualRate = result.rate.map { Discounting.annualRate(periodRate: $0, periodsPerYear: periodsPerYear) }
        roots = result.roots
    }
}

package struct ScenarioResult: Codable, Sendable {
    package var name: String
    package var probability: Double?
    package var npvChangeMinor: Int
    package var evaluation: Evaluation

    enum CodingKeys: String, CodingKey {
        case name, probability, evaluation
        case npvChangeMinor = "npv_change_minor"
    }
}

package struct BreakEvenResult: Codable, Sendable {
    package var contributionMinor: Int
    package var contributionRatio: Double?
    /// Over the whole table: units and revenue that cover fixed cost and investment. Absent: no number of units does.
    package var units: Int?
    package var revenueMinor: Int?
    /// The first row from which on no later period has a negative net flow.
    package var firstPositivePeriod: String?

    enum CodingKeys: String, CodingKey {
        case units
        case contributionMinor = "contribution_minor"
        case contributionRatio = "contribution_ratio"
        case revenueMinor = "revenue_minor"
        case firstPositivePeriod = "first_positive_period"
    }
}

package struct SensitivityBar: Codable, Sendable {
    package var driver: String
    package var lowFactor: Double
    package var highFactor: Double
    package var lowNpvMinor: Int
    package var highNpvMinor: Int
    package var spreadMinor: Int
    /// The factor at which NPV is zero, if there is one in [0, 5] and the driver is not the discount rate.
    package var breakEvenFactor: Double?

    enum CodingKeys: String, CodingKey {
        case driver
        case lowFactor = "low_factor"
        case highFactor = "high_factor"
        case lowNpvMinor = "low_npv_minor"
        case highNpvMinor = "high_npv_minor"
        case spreadMinor = "spread_minor"
        case breakEvenFactor = "break_even_factor"
    }
}

package struct CashFlowRow: Codable, Sendable {
    package var index: Int
    package var label: String
    package var date: String?
    package var units: Int
    package var revenueMinor: Int
    package var variableCostMinor: Int
    package var fixedCostMinor: Int
    package var investmentMinor: Int
    package var otherMinor: Int
    package var netMinor: Int
    package var cumulativeMinor: Int
    package var discountedMinor: Int

    enum CodingKeys: String, CodingKey {
        case index, label, date, units
        case revenueMinor = "revenue_minor"
        case variableCostMinor = "variable_cost_minor"
        case fixedCostMinor = "fixed_cost_minor"
        case investmentMinor = "investment_minor"
        case otherMinor = "other_minor"
        case netMinor = "net_minor"
        case cumulativeMinor = "cumulative_minor"
        case discountedMinor = "discounted_minor"
    }
}
