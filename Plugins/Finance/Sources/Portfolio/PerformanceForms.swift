package import PluginKit

/// What the portfolio was worth, and what came in or went out right after.
package struct Valuation: Codable, Sendable, SchemaDescribing {
    package var date: String
    package var valueMinor: Int
    package var flowMinor: Int?

    enum CodingKeys: String, CodingKey {
        case date
        case valueMinor = "value_minor"
        case flowMinor = "flow_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "Ascending.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("value_minor", "Before the flow.", minimum: 0, maximum: 1e15)
        schema.property(
            "flow_minor", "Put in after the valuation; taken out is negative.", minimum: -1e15, maximum: 1e15)
    }
}

/// Valuations on each day with a flow.
package struct PerformanceInput: Codable, Sendable, SchemaDescribing {
    package var valuations: [Valuation]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("valuations", "Two or more.", minItems: 2, maxItems: 20000)
    }
}

/// Returns over the whole time and for a year of 365 days.
package struct PerformanceOutput: Codable, Sendable, SchemaDescribing {
    package var timeWeighted: Double
    package var timeWeightedAnnual: Double?
    package var moneyWeightedAnnual: Double?
    package var moneyWeightedStatus: String
    package var modifiedDietz: Double?
    package var gainMinor: Int
    package var days: Int
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case days, evidence
        case timeWeighted = "time_weighted"
        case timeWeightedAnnual = "time_weighted_annual"
        case moneyWeightedAnnual = "money_weighted_annual"
        case moneyWeightedStatus = "money_weighted_status"
        case modifiedDietz = "modified_dietz"
        case gainMinor = "gain_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("time_weighted", "Of a unit that stayed all the time.")
        schema.property("time_weighted_annual", "Absent below 365 days: a short return is not scaled up.")
        schema.property("money_weighted_annual", "XIRR; absent if no rate or several fit.")
        schema.property("money_weighted_status", "unique, multiple_roots, no_root or not_searched.")
        schema.property("modified_dietz", "Absent if the average capital is not positive.")
        schema.property("gain_minor", "End less start less flows.")
        schema.property("days", "From first to last.")
        schema.property("evidence", "What the figures rest on.")
    }
}

/// Returns of equal periods.
package struct RiskInput: Codable, Sendable, SchemaDescribing {
    package var returns: [Double]
    package var periodsPerYear: Double
    package var riskFreeAnnual: Double?
    package var confidence: Double?
    package var valueMinor: Int?

    enum CodingKeys: String, CodingKey {
        case returns, confidence
        case periodsPerYear = "periods_per_year"
        case riskFreeAnnual = "risk_free_annual"
        case valueMinor = "value_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("returns", "0.01 is 1 %.", minimum: -1, maximum: 1000, minItems: 2, maxItems: 100000)
        schema.property("periods_per_year", "252 for trading days, 12 for months.", minimum: 1, maximum: 366)
        schema.property("risk_free_annual", "0 if absent.", minimum: -0.5, maximum: 10)
        schema.property("confidence", "Of value at risk; 0.95 if absent.", minimum: 0.5, maximum: 0.9999)
        schema.property("value_minor", "For losses in money.", minimum: 0, maximum: 1e15)
    }
}

/// The deepest fall from a peak.
package struct Drawdown: Codable, Sendable, SchemaDescribing {
    package var depth: Double
    package var peakPeriod: Int
    package var troughPeriod: Int
    package var recoveryPeriod: Int?

    enum CodingKeys: String, CodingKey {
        case depth
        case peakPeriod = "peak_period"
        case troughPeriod = "trough_period"
        case recoveryPeriod = "recovery_period"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("depth", "0.2 is 20 %.")
        schema.property("peak_period", "0 is the start.")
        schema.property("trough_period", "Counted from 1.")
        schema.property("recovery_period", "Absent if the peak was not seen again.")
    }
}

/// Losses of one period as positive shares.
package struct TailRisk: Codable, Sendable, SchemaDescribing {
    package var valueAtRisk: Double
    package var expectedShortfall: Double

    enum CodingKeys: String, CodingKey {
        case valueAtRisk = "value_at_risk"
        case expectedShortfall = "expected_shortfall"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("value_at_risk", "Exceeded in one period out of 1 / (1 − confidence).")
        schema.property("expected_shortfall", "Mean of the losses beyond.")
    }
}

/// Return and risk.
package struct RiskOutput: Codable, Sendable, SchemaDescribing {
    package var meanAnnual: Double
    package var compoundAnnual: Double?
    package var volatilityAnnual: Double
    package var downsideAnnual: Double
    package var sharpe: Double?
    package var sharpeStandardError: Double?
    package var sortino: Double?
    package var skewness: Double?
    package var excessKurtosis: Double?
    package var drawdown: Drawdown
    package var historical: TailRisk
    package var normal: TailRisk
    package var cornishFisherValueAtRisk: Double?
    package var valueAtRiskMinor: Int?
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case sharpe, sortino, skewness, drawdown, historical, normal, evidence
        case meanAnnual = "mean_annual"
        case compoundAnnual = "compound_annual"
        case volatilityAnnual = "volatility_annual"
        case downsideAnnual = "downside_annual"
        case sharpeStandardError = "sharpe_standard_error"
        case excessKurtosis = "excess_kurtosis"
        case cornishFisherValueAtRisk = "cornish_fisher_value_at_risk"
        case valueAtRiskMinor = "value_at_risk_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("mean_annual", "Arithmetic.")
        schema.property("compound_annual", "Geometric; absent after a total loss.")
        schema.property("volatility_annual", "Sample standard deviation, times the root of time.")
        schema.property("downside_annual", "Root mean square of what falls short of the risk-free rate.")
        schema.property("sharpe", "Absent without volatility.")
        schema.property("sharpe_standard_error", "Lo 2002, for independent returns.")
        schema.property("sortino", "Absent without downside.")
        schema.property("skewness", "Absent without volatility.")
        schema.property("excess_kurtosis", "Absent without volatility.")
        schema.property("drawdown", "Of the compounded value.")
        schema.property("historical", "Of the returns as they were.")
        schema.property("normal", "Of a normal distribution.")
        schema.property(
            "cornish_fisher_value_at_risk",
            "Of a normal distribution bent by skewness and kurtosis; absent where the bend is not monotone.")
        schema.property("value_at_risk_minor", "Historical, in money.")
        schema.property("evidence", "What the figures rest on.")
    }
}
