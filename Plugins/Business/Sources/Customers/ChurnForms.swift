package import PluginKit

package struct Lifetime: Codable, Sendable, SchemaDescribing {
    package var duration: Double
    package var churned: Bool
    package var group: String?
    package var count: Int?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "duration", "Periods from the start to the loss, or to the last time seen.", minimum: 0, maximum: 1e9)
        schema.property("churned", "False: still a customer when last seen (censored).")
        schema.property("group", "To compare groups.", minLength: 1, maxLength: 60)
        schema.property("count", "Customers with these values; 1 if absent.", minimum: 1, maximum: 1e9)
    }
}

package struct ChurnInput: Codable, Sendable, SchemaDescribing {
    package var lifetimes: [Lifetime]
    package var horizon: Double?
    package var confidence: Double?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("lifetimes", "One a customer, or one for several alike.", minItems: 1, maxItems: 1_000_000)
        schema.property(
            "horizon", "Mean lifetimes count up to here; the shortest last duration of the groups if absent.",
            minimum: 0, maximum: 1e9)
        schema.property("confidence", "Of intervals; 0.95 if absent.", minimum: 0.5, maximum: 0.9999)
    }
}

package struct SurvivalPoint: Codable, Sendable, SchemaDescribing {
    package var time: Double
    package var atRisk: Int
    package var churned: Int
    package var survival: Double
    package var standardError: Double
    package var interval: Interval

    enum CodingKeys: String, CodingKey {
        case time, churned, survival, interval
        case atRisk = "at_risk"
        case standardError = "standard_error"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("time", "A duration at which somebody left.")
        schema.property("at_risk", "Customers who were there until then.")
        schema.property("churned", "Of those, who left.")
        schema.property("survival", "Share that stays longer than this (Kaplan-Meier).")
        schema.property("standard_error", "Greenwood's.")
        schema.property("interval", "By the complementary log-log, so that it stays within 0 and 1.")
    }
}

package struct SurvivalCurve: Codable, Sendable, SchemaDescribing {
    package var group: String
    package var customers: Int
    package var churned: Int
    package var points: [SurvivalPoint]
    package var median: Double?
    package var meanToHorizon: Double
    package var churnRate: Double

    enum CodingKeys: String, CodingKey {
        case group, customers, churned, points, median
        case meanToHorizon = "mean_to_horizon"
        case churnRate = "churn_rate"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("group", "As given; all, if there are no groups.")
        schema.property("customers", "In the group.")
        schema.property("churned", "Who left.")
        schema.property("points", "Where the curve steps down.")
        schema.property("median", "The first time at which half are gone; absent if that was not reached.")
        schema.property("mean_to_horizon", "Periods that a customer stays, none counted beyond the horizon.")
        schema.property("churn_rate", "Losses over all periods spent as a customer.")
    }
}

package struct ChurnOutput: Codable, Sendable, SchemaDescribing {
    package var curves: [SurvivalCurve]
    package var horizon: Double
    package var logRankChiSquare: Double?
    package var logRankPValue: Double?
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case curves, horizon, evidence
        case logRankChiSquare = "log_rank_chi_square"
        case logRankPValue = "log_rank_p_value"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("curves", "One a group, by name.")
        schema.property("horizon", "Up to which means are counted.")
        schema.property("log_rank_chi_square", "Whether the groups differ; absent with one group.")
        schema.property("log_rank_p_value", "Of the statistic, with groups minus 1 degrees of freedom.")
        schema.property("evidence", "What the figures rest on.")
    }
}
