/// What `finance/business-case` is asked.
struct FinanceRequest: Codable, Sendable {
    struct Period: Codable, Sendable {
        var label: String
        var date: String
        var units: Int
        var fixedCostMinor: Int
        var investmentMinor: Int

        enum CodingKeys: String, CodingKey {
            case label, date, units
            case fixedCostMinor = "fixed_cost_minor"
            case investmentMinor = "investment_minor"
        }
    }

    var title: String
    var currency: String
    var annualDiscountRate: Double
    var periodsPerYear = 12
    var periods: [Period]
    var priceMinor: Int
    var unitCostMinor: Int
    var scenarios: [LaunchScenario]

    enum CodingKeys: String, CodingKey {
        case title, currency, periods, scenarios
        case annualDiscountRate = "annual_discount_rate"
        case periodsPerYear = "periods_per_year"
        case priceMinor = "price_minor"
        case unitCostMinor = "unit_cost_minor"
    }
}

/// What of its answer is read here.
struct FinanceCase: Codable, Sendable {
    struct Evaluation: Codable, Sendable {
        var npvMinor: Int
        var irr: Rate
        var xirr: Rate?
        var paybackPeriods: Double?
        var discountedPaybackPeriods: Double?
        var profitabilityIndex: Double?
        var revenueMinor: Int
        var lowestCumulativeMinor: Int

        enum CodingKeys: String, CodingKey {
            case irr, xirr
            case npvMinor = "npv_minor"
            case paybackPeriods = "payback_periods"
            case discountedPaybackPeriods = "discounted_payback_periods"
            case profitabilityIndex = "profitability_index"
            case revenueMinor = "revenue_minor"
            case lowestCumulativeMinor = "lowest_cumulative_minor"
        }
    }

    struct Rate: Codable, Sendable {
        var status: String
        var annualRate: Double?

        enum CodingKeys: String, CodingKey {
            case status
            case annualRate = "annual_rate"
        }
    }

    struct Scenario: Codable, Sendable {
        var name: String
        var probability: Double?
        var evaluation: Evaluation
    }

    struct Bar: Codable, Sendable {
        var driver: String
        var lowFactor: Double
        var highFactor: Double
        var lowNpvMinor: Int
        var highNpvMinor: Int
        var breakEvenFactor: Double?

        enum CodingKeys: String, CodingKey {
            case driver
            case lowFactor = "low_factor"
            case highFactor = "high_factor"
            case lowNpvMinor = "low_npv_minor"
            case highNpvMinor = "high_npv_minor"
            case breakEvenFactor = "break_even_factor"
        }
    }

    struct BreakEven: Codable, Sendable {
        var contributionMinor: Int
        var units: Int?
        var firstPositivePeriod: String?

        enum CodingKeys: String, CodingKey {
            case units
            case contributionMinor = "contribution_minor"
            case firstPositivePeriod = "first_positive_period"
        }
    }

    struct Row: Codable, Sendable {
        var index: Int
        var label: String
        var units: Int
        var revenueMinor: Int
        var variableCostMinor: Int
        var fixedCostMinor: Int
        var investmentMinor: Int
        var netMinor: Int
        var cumulativeMinor: Int

        enum CodingKeys: String, CodingKey {
            case index, label, units
            case revenueMinor = "revenue_minor"
            case variableCostMinor = "variable_cost_minor"
            case fixedCostMinor = "fixed_cost_minor"
            case investmentMinor = "investment_minor"
            case netMinor = "net_minor"
            case cumulativeMinor = "cumulative_minor"
        }
    }

    var base: Evaluation
    var scenarios: [Scenario]
    var expectedNpvMinor: Int?
    var lossProbability: Double?
    var breakEven: BreakEven
    var sensitivity: [Bar]
    var rows: [Row]

    enum CodingKeys: String, CodingKey {
        case base, scenarios, sensitivity, rows
        case expectedNpvMinor = "expected_npv_minor"
        case lossProbability = "loss_probability"
        case breakEven = "break_even"
    }
}
