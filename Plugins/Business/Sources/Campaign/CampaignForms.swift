package import PluginKit

package enum ResponseModel: String, Codable, Sendable, CaseIterable {
    /// scale · spend ^ exponent
    case power
    /// scale · (1 − e^(−spend / halfway · ln 2))
    case saturating
    /// scale · spend ^ exponent / (halfway ^ exponent + spend ^ exponent), exponent at most 1
    case hill
}

package struct Channel: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var model: ResponseModel?
    package var scale: Double?
    package var exponent: Double?
    package var halfwayMinor: Int?
    package var minimumMinor: Int?
    package var maximumMinor: Int?
    package var history: [ChannelPeriod]?

    enum CodingKeys: String, CodingKey {
        case name, model, scale, exponent, history
        case halfwayMinor = "halfway_minor"
        case minimumMinor = "minimum_minor"
        case maximumMinor = "maximum_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("model", "Response to spend; power, fitted to the history, if absent.")
        schema.property("scale", "Conversions: at a spend of 1 (power) or at most (others).", minimum: 0, maximum: 1e12)
        schema.property("exponent", "Above 0; below 1 for power, at most 1 for hill.", minimum: 0, maximum: 1)
        schema.property("halfway_minor", "Spend with half of the possible conversions.", minimum: 1, maximum: 1e13)
        schema.property("minimum_minor", "Spent in any case; 0 if absent.", minimum: 0, maximum: 1e13)
        schema.property("maximum_minor", "Not more; the budget if absent.", minimum: 0, maximum: 1e13)
        schema.property("history", "What was spent and what came of it.", maxItems: 1_000)
    }
}

package struct ChannelPeriod: Codable, Sendable, SchemaDescribing {
    package var spendMinor: Int
    package var conversions: Double
    package var impressions: Double?
    package var clicks: Double?
    package var revenueMinor: Int?

    enum CodingKeys: String, CodingKey {
        case conversions, impressions, clicks
        case spendMinor = "spend_minor"
        case revenueMinor = "revenue_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("spend_minor", "In the period.", minimum: 0, maximum: 1e13)
        schema.property("conversions", "In the period.", minimum: 0, maximum: 1e12)
        schema.property("impressions", "Times shown.", minimum: 0, maximum: 1e15)
        schema.property("clicks", "Of those.", minimum: 0, maximum: 1e15)
        schema.property("revenue_minor", "From the conversions.", minimum: 0, maximum: 1e15)
    }
}

package struct CampaignInput: Codable, Sendable, SchemaDescribing {
    package var budgetMinor: Int
    package var channels: [Channel]
    package var valueMinor: Int?

    enum CodingKeys: String, CodingKey {
        case channels
        case budgetMinor = "budget_minor"
        case valueMinor = "value_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("budget_minor", "To be spent at most.", minimum: 1, maximum: 1e13)
        schema.property("channels", "Where it can be spent.", minItems: 1, maxItems: 100)
        schema.property(
            "value_minor", "Contribution of a conversion; then no more is spent than pays.", minimum: 1, maximum: 1e12)
    }
}

package struct ChannelPlan: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var model: ResponseModel
    package var scale: Double
    package var exponent: Double?
    package var halfwayMinor: Int?
    package var rSquared: Double?
    package var spendMinor: Int
    package var conversions: Double
    package var costPerConversion: Double?
    package var marginalCost: Double?
    package var pastSpendMinor: Int?
    package var costPerThousand: Double?
    package var clickRate: Double?
    package var costPerClick: Double?
    package var conversionRate: Double?
    package var pastCostPerConversion: Double?
    package var returnOnSpend: Double?

    enum CodingKeys: String, CodingKey {
        case name, model, scale, exponent, conversions
        case halfwayMinor = "halfway_minor"
        case rSquared = "r_squared"
        case spendMinor = "spend_minor"
        case costPerConversion = "cost_per_conversion_minor"
        case marginalCost = "marginal_cost_minor"
        case pastSpendMinor = "past_spend_minor"
        case costPerThousand = "cost_per_thousand_minor"
        case clickRate = "click_rate"
        case costPerClick = "cost_per_click_minor"
        case conversionRate = "conversion_rate"
        case pastCostPerConversion = "past_cost_per_conversion_minor"
        case returnOnSpend = "return_on_spend"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "As given.")
        schema.property("model", "Of the response.")
        schema.property("scale", "Given or fitted.")
        schema.property("exponent", "Given or fitted.")
        schema.property("halfway_minor", "As given.")
        schema.property("r_squared", "Of the fit, in logarithms; absent if the response was given.")
        schema.property("spend_minor", "Planned.")
        schema.property("conversions", "Expected from it.")
        schema.property("cost_per_conversion_minor", "Planned spend over expected conversions (CPA).")
        schema.property("marginal_cost_minor", "Of the next conversion; absent where spend brings no more.")
        schema.property("past_spend_minor", "Of the history.")
        schema.property("cost_per_thousand_minor", "Past spend for 1,000 impressions (CPM).")
        schema.property("click_rate", "Past clicks of impressions (CTR).")
        schema.property("cost_per_click_minor", "Past spend over clicks (CPC).")
        schema.property("conversion_rate", "Past conversions of clicks.")
        schema.property("past_cost_per_conversion_minor", "Past spend over conversions (CPA).")
        schema.property("return_on_spend", "Past revenue over spend (ROAS).")
    }
}

package struct CampaignOutput: Codable, Sendable, SchemaDescribing {
    package var channels: [ChannelPlan]
    package var spentMinor: Int
    package var unspentMinor: Int
    package var conversions: Double
    package var shadowPrice: Double
    package var profitMinor: Int?
    package var equalSplitConversions: Double
    package var optimalityGap: Double
    package var warnings: [String]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case channels, conversions, warnings, evidence
        case spentMinor = "spent_minor"
        case unspentMinor = "unspent_minor"
        case shadowPrice = "conversions_per_further_unit"
        case profitMinor = "profit_minor"
        case equalSplitConversions = "equal_split_conversions"
        case optimalityGap = "optimality_gap"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("channels", "In the order given.")
        schema.property("spent_minor", "Planned in all.")
        schema.property("unspent_minor", "What would not pay, or what maxima leave.")
        schema.property("conversions", "Expected in all.")
        schema.property("conversions_per_further_unit", "What one more minor unit of budget would bring.")
        schema.property("profit_minor", "Value of the conversions minus spend, if a value is given.")
        schema.property("equal_split_conversions", "For comparison: the same money split equally, within limits.")
        schema.property(
            "optimality_gap", "Largest relative violation of the Karush-Kuhn-Tucker conditions, before rounding.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}
