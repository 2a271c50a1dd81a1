package import PluginKit

/// What is looked for.
package enum OptimisationGoal: String, Codable, Sendable, CaseIterable {
    case minimumVariance = "minimum_variance"
    case targetReturn = "target_return"
    case utility
    case maximumSharpe = "maximum_sharpe"
}

/// One asset with its bounds.
package struct Asset: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var minimum: Double?
    package var maximum: Double?
    package var expectedReturn: Double?
    package var returns: [Double]?

    enum CodingKeys: String, CodingKey {
        case name, minimum, maximum, returns
        case expectedReturn = "expected_return"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("minimum", "Of its weight; 0 if absent.", minimum: -10, maximum: 10)
        schema.property("maximum", "Of its weight; 1 if absent.", minimum: -10, maximum: 10)
        schema.property(
            "expected_return", "For a period. With covariance, instead of returns.", minimum: -1, maximum: 100)
        schema.property("returns", "Of the same periods for all assets.", minimum: -1, maximum: 1000, maxItems: 10000)
    }
}

/// Bounds on the sum of some weights.
package struct GroupLimit: Codable, Sendable, SchemaDescribing {
    package var assets: [String]
    package var minimum: Double?
    package var maximum: Double?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("assets", "Names.", minItems: 1, maxItems: 200)
        schema.property("minimum", "Of the sum.", minimum: -10, maximum: 10)
        schema.property("maximum", "Of the sum.", minimum: -10, maximum: 10)
    }
}

/// Mean-variance with weights that sum to 1.
package struct OptimisationInput: Codable, Sendable, SchemaDescribing {
    package var assets: [Asset]
    package var covariance: [[Double]]?
    package var goal: OptimisationGoal
    package var targetReturn: Double?
    package var riskAversion: Double?
    package var riskFree: Double?
    package var groups: [GroupLimit]?
    package var shrinkage: Double?

    enum CodingKeys: String, CodingKey {
        case assets, covariance, goal, groups, shrinkage
        case targetReturn = "target_return"
        case riskAversion = "risk_aversion"
        case riskFree = "risk_free"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("assets", "At most 200.", minItems: 1, maxItems: 200)
        schema.property("covariance", "Instead of returns, with an expected return for each asset.", maxItems: 200)
        schema.property("goal", "minimum_variance, target_return, utility or maximum_sharpe.")
        schema.property("target_return", "Of target_return: at least this.", minimum: -1, maximum: 100)
        schema.property(
            "risk_aversion",
            "Of utility: maximises mean - risk_aversion / 2 * variance.",
            minimum: 1e-06, maximum: 1000000.0)
        schema.property("risk_free", "For a period, of maximum_sharpe; 0 if absent.", minimum: -1, maximum: 10)
        schema.property("groups", "Limits on sums.", maxItems: 100)
        schema.property(
            "shrinkage",
            "0 to 1: how much of the covariance is replaced by its diagonal; 0 if absent.",
            minimum: 0, maximum: 1)
    }
}

/// The share of one asset.
package struct AssetWeight: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var weight: Double
    package var riskShare: Double?
    package var bound: String?

    enum CodingKeys: String, CodingKey {
        case name, weight, bound
        case riskShare = "risk_share"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Of the asset.")
        schema.property("weight", "Of the whole.")
        schema.property("risk_share", "Of the variance; absent if there is none.")
        schema.property("bound", "minimum or maximum, where the weight is held by one.")
    }
}

/// The weights, and the proof that they are the optimum.
package struct OptimisationOutput: Codable, Sendable, SchemaDescribing {
    package var weights: [AssetWeight]
    package var expectedReturn: Double
    package var volatility: Double
    package var sharpe: Double?
    package var herfindahl: Double
    package var effectiveAssets: Double
    package var optimalityGap: Double
    package var iterations: Int
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case weights, volatility, sharpe, herfindahl, iterations, evidence
        case expectedReturn = "expected_return"
        case effectiveAssets = "effective_assets"
        case optimalityGap = "optimality_gap"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("weights", "In the order of the input.")
        schema.property("expected_return", "For a period.")
        schema.property("volatility", "For a period.")
        schema.property("sharpe", "For a period; absent without volatility.")
        schema.property("herfindahl", "Sum of squared weights.")
        schema.property("effective_assets", "Its inverse.")
        schema.property("optimality_gap", "Largest violation of the Karush-Kuhn-Tucker conditions, relative.")
        schema.property("iterations", "Of the active-set method.")
        schema.property("evidence", "What the weights rest on.")
    }
}

/// Units of one asset.
package struct Holding: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var units: Int
    package var priceMinor: Int
    package var target: Double

    enum CodingKeys: String, CodingKey {
        case name, units, target
        case priceMinor = "price_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("units", "Whole units held.", minimum: 0, maximum: 1e12)
        schema.property("price_minor", "Of one unit.", minimum: 1, maximum: 1e12)
        schema.property("target", "Share of the whole that it should have.", minimum: 0, maximum: 1)
    }
}

/// Holdings, targets and what trading costs.
package struct RebalanceInput: Codable, Sendable, SchemaDescribing {
    package var holdings: [Holding]
    package var cashMinor: Int
    package var band: Double?
    package var costRate: Double?
    package var costPerTradeMinor: Int?

    enum CodingKeys: String, CodingKey {
        case holdings, band
        case cashMinor = "cash_minor"
        case costRate = "cost_rate"
        case costPerTradeMinor = "cost_per_trade_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("holdings", "Targets sum to at most 1; the rest stays in cash.", minItems: 1, maxItems: 1000)
        schema.property("cash_minor", "At hand; not negative afterwards.", minimum: 0, maximum: 1e15)
        schema.property(
            "band", "No trade while a share is within this of its target; 0 if absent.", minimum: 0, maximum: 1)
        schema.property("cost_rate", "Of what is traded; 0 if absent.", minimum: 0, maximum: 0.5)
        schema.property("cost_per_trade_minor", "For each trade; 0 if absent.", minimum: 0, maximum: 1e12)
    }
}

/// Negative units are sold.
package struct Trade: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var units: Int
    package var amountMinor: Int
    package var costMinor: Int

    enum CodingKeys: String, CodingKey {
        case name, units
        case amountMinor = "amount_minor"
        case costMinor = "cost_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Of the asset.")
        schema.property("units", "Bought.")
        schema.property("amount_minor", "Paid for the units, without cost.")
        schema.property("cost_minor", "Of the trade.")
    }
}

/// One asset before and after.
package struct HoldingAfter: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var units: Int
    package var shareBefore: Double
    package var shareAfter: Double
    package var target: Double

    enum CodingKeys: String, CodingKey {
        case name, units, target
        case shareBefore = "share_before"
        case shareAfter = "share_after"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Of the asset.")
        schema.property("units", "Afterwards.")
        schema.property("share_before", "Of the whole.")
        schema.property("share_after", "Of the whole.")
        schema.property("target", "As given.")
    }
}

/// Whole units, paid from the cash at hand.
package struct RebalanceOutput: Codable, Sendable, SchemaDescribing {
    package var trades: [Trade]
    package var holdings: [HoldingAfter]
    package var cashMinor: Int
    package var costMinor: Int
    package var turnover: Double
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case trades, holdings, turnover, evidence
        case cashMinor = "cash_minor"
        case costMinor = "cost_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("trades", "Sales first.")
        schema.property("holdings", "In the order of the input.")
        schema.property("cash_minor", "Afterwards.")
        schema.property("cost_minor", "Of all trades.")
        schema.property("turnover", "Half of what was traded, of the whole.")
        schema.property("evidence", "What the trades rest on.")
    }
}

/// Shares of a market or a portfolio, in any one unit.
package struct ConcentrationInput: Codable, Sendable, SchemaDescribing {
    package var amounts: [Double]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("amounts", "Not negative.", minimum: 0, maximum: 1e15, minItems: 1, maxItems: 100000)
    }
}

/// How much few have.
package struct ConcentrationOutput: Codable, Sendable, SchemaDescribing {
    package var herfindahl: Double
    package var effectiveNumber: Double
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case herfindahl, evidence
        case effectiveNumber = "effective_number"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("herfindahl", "0 to 10000: sum of squared percentages.")
        schema.property("effective_number", "Of equal shares with the same index.")
        schema.property("evidence", "What the figures rest on.")
    }
}
