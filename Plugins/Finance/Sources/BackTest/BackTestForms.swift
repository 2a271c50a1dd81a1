package import PluginKit

/// How weights follow from past prices.
package enum StrategyKind: String, Codable, Sendable, CaseIterable {
    case buyAndHold = "buy_and_hold"
    case equalWeight = "equal_weight"
    case movingAverage = "moving_average"
    case momentum
}

/// Closing prices of one asset.
package struct PriceSeries: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var pricesMinor: [Int]

    enum CodingKeys: String, CodingKey {
        case name
        case pricesMinor = "prices_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("prices_minor", "One for each date.", minimum: 1, maximum: 1e12, minItems: 3, maxItems: 20000)
    }
}

/// A rule; each needs its own numbers.
package struct StrategyRule: Codable, Sendable, SchemaDescribing {
    package var kind: StrategyKind
    package var fast: Int?
    package var slow: Int?
    package var lookback: Int?
    package var top: Int?
    package var every: Int?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("kind", "buy_and_hold, equal_weight, moving_average or momentum.")
        schema.property("fast", "Of moving_average: days of the short mean.", minimum: 1, maximum: 10000)
        schema.property("slow", "Of moving_average: days of the long mean.", minimum: 2, maximum: 10000)
        schema.property("lookback", "Of momentum: days of the return.", minimum: 1, maximum: 10000)
        schema.property("top", "Of momentum: assets held; 1 if absent.", minimum: 1, maximum: 1000)
        schema.property("every", "Looks for trades each so many days; 1 if absent.", minimum: 1, maximum: 10000)
    }
}

/// Prices, a rule and what trading costs.
package struct BackTestInput: Codable, Sendable, SchemaDescribing {
    package var dates: [String]
    package var assets: [PriceSeries]
    package var strategy: StrategyRule
    package var cashMinor: Int
    package var costRate: Double?
    package var costPerTradeMinor: Int?
    package var periodsPerYear: Double?
    package var riskFreeAnnual: Double?

    enum CodingKeys: String, CodingKey {
        case dates, assets, strategy
        case cashMinor = "cash_minor"
        case costRate = "cost_rate"
        case costPerTradeMinor = "cost_per_trade_minor"
        case periodsPerYear = "periods_per_year"
        case riskFreeAnnual = "risk_free_annual"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("dates", "Ascending.", minItems: 3, maxItems: 20000, pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("assets", "At most 100.", minItems: 1, maxItems: 100)
        schema.property("strategy", "The rule.")
        schema.property("cash_minor", "At the start.", minimum: 1, maximum: 1e15)
        schema.property("cost_rate", "Of what is traded; 0 if absent.", minimum: 0, maximum: 0.5)
        schema.property("cost_per_trade_minor", "For each trade; 0 if absent.", minimum: 0, maximum: 1e12)
        schema.property("periods_per_year", "Of the dates; 252 if absent.", minimum: 1, maximum: 366)
        schema.property("risk_free_annual", "0 if absent.", minimum: -0.5, maximum: 10)
    }
}

/// Decided at one close, done at the next.
package struct BackTestTrade: Codable, Sendable, SchemaDescribing {
    package var decided: String
    package var done: String
    package var name: String
    package var units: Int
    package var priceMinor: Int
    package var costMinor: Int

    enum CodingKeys: String, CodingKey {
        case decided, done, name, units
        case priceMinor = "price_minor"
        case costMinor = "cost_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("decided", "Day whose close was the last one seen.")
        schema.property("done", "Day of the price that was paid.")
        schema.property("name", "Of the asset.")
        schema.property("units", "Bought; negative is sold.")
        schema.property("price_minor", "Of one unit.")
        schema.property("cost_minor", "Of the trade.")
    }
}

/// At the close.
package struct BackTestDay: Codable, Sendable, SchemaDescribing {
    package var date: String
    package var valueMinor: Int
    package var cashMinor: Int

    enum CodingKeys: String, CodingKey {
        case date
        case valueMinor = "value_minor"
        case cashMinor = "cash_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "Of the close.")
        schema.property("value_minor", "Cash and holdings.")
        schema.property("cash_minor", "Of it, cash.")
    }
}

/// What the rule would have done.
package struct BackTestOutput: Codable, Sendable, SchemaDescribing {
    package var days: [BackTestDay]
    package var trades: [BackTestTrade]
    package var costMinor: Int
    package var totalReturn: Double
    package var benchmarkReturn: Double
    package var risk: RiskOutput
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case days, trades, risk, evidence
        case costMinor = "cost_minor"
        case totalReturn = "total_return"
        case benchmarkReturn = "benchmark_return"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("days", "All closes.")
        schema.property("trades", "All trades.")
        schema.property("cost_minor", "Of all trades.")
        schema.property("total_return", "From the cash at the start.")
        schema.property("benchmark_return", "Of equal parts, bought at the second close and held, without cost.")
        schema.property("risk", "Of the daily values.")
        schema.property("evidence", "What the figures rest on.")
    }
}
