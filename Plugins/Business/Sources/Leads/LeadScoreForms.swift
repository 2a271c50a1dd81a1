package import PluginKit

package struct ScoreRule: Codable, Sendable, SchemaDescribing {
    package enum Comparison: String, Codable, Sendable, CaseIterable {
        case atLeast = "at_least"
        case atMost = "at_most"
        case equals
        case present
    }

    package var attribute: String
    package var comparison: Comparison
    package var value: JSONValue?
    package var points: Double
    package var reason: String?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("attribute", "Of the lead.", minLength: 1, maxLength: 100)
        schema.property("comparison", "at_least and at_most compare numbers, equals anything.")
        schema.property("value", "Compared with; not needed for present.")
        schema.property("points", "Added where it holds; may be below 0.", minimum: -1e6, maximum: 1e6)
        schema.property("reason", "For a reader.", maxLength: 200)
    }
}

package struct Lead: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var attributes: [String: JSONValue]
    package var converted: Bool?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the list.", minLength: 1, maxLength: 200)
        schema.property("attributes", "Numbers, texts, true or false.")
        schema.property("converted", "What became of it, where that is known.")
    }
}

package struct LeadScoreInput: Codable, Sendable, SchemaDescribing {
    package var leads: [Lead]
    package var rules: [ScoreRule]?
    package var features: [String]?
    package var ridge: Double?
    package var bins: Int?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "leads", "Those to score; those with an outcome teach and judge.", minItems: 1, maxItems: 100_000)
        schema.property("rules", "Scores by points; or give features.", minItems: 1, maxItems: 200)
        schema.property(
            "features", "Numeric attributes (true counts 1) of a logistic fit on the leads with an outcome.",
            minLength: 1, maxLength: 100, minItems: 1, maxItems: 30)
        schema.property(
            "ridge", "Penalty on squared coefficients of standardised features; 0 if absent.", minimum: 0, maximum: 1e6)
        schema.property(
            "bins", "Of the calibration, equally many leads in each; 10 if absent.", minimum: 2, maximum: 100)
    }
}

package struct ScoredLead: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var rank: Int
    package var score: Double
    package var probability: Double?
    package var reasons: [String]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "As given.")
        schema.property("rank", "1 is best; equal scores have the same rank.")
        schema.property("score", "Points; or 100 times the probability.")
        schema.property("probability", "Of conversion; of a score by points only where outcomes calibrate it.")
        schema.property("reasons", "Rules that hold, or the largest parts of the log-odds.")
    }
}

package struct ScoreCoefficient: Codable, Sendable, SchemaDescribing {
    package var feature: String
    package var coefficient: Double
    package var standardError: Double
    package var pValue: Double

    enum CodingKeys: String, CodingKey {
        case feature, coefficient
        case standardError = "standard_error"
        case pValue = "p_value"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("feature", "As given; (constant) is the intercept.")
        schema.property("coefficient", "Change of the log-odds for one unit.")
        schema.property("standard_error", "From the information matrix.")
        schema.property("p_value", "Wald's, two-sided; with a ridge only a guide.")
    }
}

package struct CalibrationBin: Codable, Sendable, SchemaDescribing {
    package var leads: Int
    package var predicted: Double
    package var observed: Double
    package var interval: Interval

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("leads", "In the bin.")
        schema.property("predicted", "Mean probability.")
        schema.property("observed", "Share that converted.")
        schema.property("interval", "Wilson's at 95 %, for the observed share.")
    }
}

package struct ScoreQuality: Codable, Sendable, SchemaDescribing {
    package var leads: Int
    package var conversions: Int
    package var auc: Double?
    package var brier: Double?
    package var brierOfBaseRate: Double
    package var logLikelihood: Double?
    package var hosmerLemeshow: Double?
    package var hosmerLemeshowPValue: Double?
    package var bins: [CalibrationBin]

    enum CodingKeys: String, CodingKey {
        case leads, conversions, auc, brier, bins
        case brierOfBaseRate = "brier_of_base_rate"
        case logLikelihood = "log_likelihood"
        case hosmerLemeshow = "hosmer_lemeshow"
        case hosmerLemeshowPValue = "hosmer_lemeshow_p_value"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("leads", "With an outcome.")
        schema.property("conversions", "Of those.")
        schema.property("auc", "Probability that a converted lead scores above another; absent with one kind only.")
        schema.property("brier", "Mean squared error of the probabilities.")
        schema.property("brier_of_base_rate", "The same for one probability for all.")
        schema.property("log_likelihood", "Of the outcomes.")
        schema.property("hosmer_lemeshow", "Chi-squared over the bins.")
        schema.property("hosmer_lemeshow_p_value", "With bins minus 2 degrees of freedom; absent below 3 bins.")
        schema.property("bins", "Predicted against observed, by rising probability.")
    }
}

package struct LeadScoreOutput: Codable, Sendable, SchemaDescribing {
    package var leads: [ScoredLead]
    package var coefficients: [ScoreCoefficient]
    package var quality: ScoreQuality?
    package var warnings: [String]
    package var evidence: Evidence

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("leads", "Best first.")
        schema.property("coefficients", "Of the fit; empty for points.")
        schema.property("quality", "How well outcomes are told apart; absent without outcomes.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}
