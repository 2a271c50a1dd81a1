package import PluginKit

/// What the holder may do.
package enum OptionRight: String, Codable, Sendable, CaseIterable {
    case call
    case put
}

/// When the holder may do it.
package enum OptionStyle: String, Codable, Sendable, CaseIterable {
    case european
    case american
}

/// An option on one asset with a continuous dividend yield. Prices in any one unit.
package struct OptionInput: Codable, Sendable, SchemaDescribing {
    package var right: OptionRight
    package var style: OptionStyle?
    package var spot: Double
    package var strike: Double
    package var years: Double
    package var rate: Double
    package var dividendYield: Double?
    package var volatility: Double?
    package var price: Double?
    package var steps: Int?

    enum CodingKeys: String, CodingKey {
        case right, style, spot, strike, years, rate, volatility, price, steps
        case dividendYield = "dividend_yield"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("right", "call or put.")
        schema.property("style", "european if absent; american is priced on the tree only.")
        schema.property("spot", "Price of the asset.", minimum: 1e-06, maximum: 1e12)
        schema.property("strike", "Price agreed.", minimum: 1e-06, maximum: 1e12)
        schema.property("years", "To expiry.", minimum: 1e-06, maximum: 100)
        schema.property("rate", "A year, continuous compounding.", minimum: -1, maximum: 10)
        schema.property("dividend_yield", "A year, continuous; 0 if absent.", minimum: -1, maximum: 10)
        schema.property("volatility", "A year; 0.2 is 20 %. Either this or price.", minimum: 0.0001, maximum: 10)
        schema.property("price", "Of a European option, from which the volatility is found.", minimum: 0, maximum: 1e12)
        schema.property("steps", "Of the tree; none if absent, 500 for an american option.", minimum: 1, maximum: 5000)
    }
}

/// Derivatives of the Black-Scholes-Merton price.
package struct OptionGreeks: Codable, Sendable, SchemaDescribing {
    package var delta: Double
    package var gamma: Double
    package var vega: Double
    package var theta: Double
    package var thetaPerDay: Double
    package var rho: Double

    enum CodingKeys: String, CodingKey {
        case delta, gamma, vega, theta, rho
        case thetaPerDay = "theta_per_day"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("delta", "By the spot price.")
        schema.property("gamma", "Twice by the spot price.")
        schema.property("vega", "For a volatility that rises by 1 (100 points).")
        schema.property("theta", "For a year that passes.")
        schema.property("theta_per_day", "For a 365th of it.")
        schema.property("rho", "For a rate that rises by 1 (100 points).")
    }
}

/// Prices in the unit of the spot price.
package struct OptionOutput: Codable, Sendable, SchemaDescribing {
    package var price: Double
    package var d1: Double?
    package var d2: Double?
    package var volatility: Double
    package var implied: Bool
    package var greeks: OptionGreeks?
    package var treePrice: Double?
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case price, d1, d2, volatility, implied, greeks, evidence
        case treePrice = "tree_price"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("price", "By the formula; of an american option by the tree.")
        schema.property("d1", "Of the formula.")
        schema.property("d2", "Of the formula.")
        schema.property("volatility", "Given or implied.")
        schema.property("implied", "Whether the volatility was found from the price.")
        schema.property("greeks", "European only.")
        schema.property("tree_price", "Cox-Ross-Rubinstein, if steps are given.")
        schema.property("evidence", "What the figures rest on.")
    }
}
