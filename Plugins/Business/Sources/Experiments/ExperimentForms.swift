package import PluginKit

package struct Variant: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var visitors: Int
    package var conversions: Int
    package var plannedShare: Double?

    enum CodingKeys: String, CodingKey {
        case name, visitors, conversions
        case plannedShare = "planned_share"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 60)
        schema.property("visitors", "Who saw it, each counted once.", minimum: 0, maximum: 1e8)
        schema.property("conversions", "Of those, who did what is counted.", minimum: 0, maximum: 1e8)
        schema.property(
            "planned_share", "Relative share of the traffic that it was to get; equal shares if all are absent.",
            minimum: 0, maximum: 1e6)
    }
}

/// How a test is spread over time.
package enum SpendingFunction: String, Codable, Sendable, CaseIterable {
    case obrienFleming = "obrien_fleming"
    case pocock
}

package struct Looks: Codable, Sendable, SchemaDescribing {
    package var fractions: [Double]
    package var current: Int
    package var spending: SpendingFunction?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "fractions", "Planned looks as shares of the planned visitors, rising, the last one 1.", minimum: 0.001,
            maximum: 1, minItems: 1, maxItems: 20)
        schema.property("current", "Which look this is; 1 is the first.", minimum: 1, maximum: 20)
        schema.property("spending", "How the error is spent; obrien_fleming if absent.")
    }
}

package struct ExperimentInput: Codable, Sendable, SchemaDescribing {
    package var variants: [Variant]
    package var confidence: Double?
    package var looks: Looks?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("variants", "The first one is the control.", minItems: 2, maxItems: 20)
        schema.property("confidence", "Of intervals and decisions; 0.95 if absent.", minimum: 0.5, maximum: 0.9999)
        schema.property("looks", "For a test that is looked at more than once.")
    }
}

package struct VariantResult: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var rate: Double
    package var interval: Interval

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "As given.")
        schema.property("rate", "Conversions of visitors.")
        schema.property("interval", "Wilson's, for the rate.")
    }
}

package struct VariantComparison: Codable, Sendable, SchemaDescribing {
    package enum Verdict: String, Codable, Sendable, CaseIterable { case better, worse, undecided, invalid }

    package var name: String
    package var difference: Double
    package var interval: Interval
    package var relativeLift: Double?
    package var z: Double?
    package var pValue: Double
    package var fisherPValue: Double
    package var adjustedPValue: Double
    package var alwaysValidPValue: Double
    package var probabilityBetter: Double
    package var verdict: Verdict

    enum CodingKeys: String, CodingKey {
        case name, difference, interval, z, verdict
        case relativeLift = "relative_lift"
        case pValue = "p_value"
        case fisherPValue = "fisher_p_value"
        case adjustedPValue = "adjusted_p_value"
        case alwaysValidPValue = "always_valid_p_value"
        case probabilityBetter = "probability_better"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The variant, compared with the control.")
        schema.property("difference", "Rate minus the control's rate.")
        schema.property("interval", "Newcombe's, for the difference.")
        schema.property("relative_lift", "Difference over the control's rate; absent if that is 0.")
        schema.property("z", "Two-proportion z with pooled variance; absent if nobody or everybody converted.")
        schema.property("p_value", "Two-sided, of z.")
        schema.property("fisher_p_value", "Two-sided, exact.")
        schema.property("adjusted_p_value", "Fisher's where a cell expects fewer than 5, else that of z; then Holm's.")
        schema.property("always_valid_p_value", "May be looked at at any time (mixture sequential test).")
        schema.property("probability_better", "That the variant's rate is above the control's, by uniform priors.")
        schema.property("verdict", "By the adjusted p value, or by the boundary of this look.")
    }
}

package struct LookBoundary: Codable, Sendable, SchemaDescribing {
    package var look: Int
    package var fraction: Double
    package var z: Double
    package var errorSpent: Double

    enum CodingKeys: String, CodingKey {
        case look, fraction, z
        case errorSpent = "error_spent"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("look", "From 1.")
        schema.property("fraction", "Of the planned visitors.")
        schema.property("z", "Beyond it the test may end at this look.")
        schema.property("error_spent", "Two-sided error up to this look.")
    }
}

package struct ExperimentOutput: Codable, Sendable, SchemaDescribing {
    package var variants: [VariantResult]
    package var comparisons: [VariantComparison]
    package var sampleRatioPValue: Double
    package var sampleRatioMismatch: Bool
    package var boundaries: [LookBoundary]
    package var warnings: [String]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case variants, comparisons, boundaries, warnings, evidence
        case sampleRatioPValue = "sample_ratio_p_value"
        case sampleRatioMismatch = "sample_ratio_mismatch"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("variants", "Each with its rate.")
        schema.property("comparisons", "Each but the control, with the control.")
        schema.property("sample_ratio_p_value", "Chi-squared of visitors against planned shares.")
        schema.property("sample_ratio_mismatch", "Below 0.001: the split is broken, and no verdict is given.")
        schema.property("boundaries", "Of all looks, if there are several.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}

package struct ExperimentPlanInput: Codable, Sendable, SchemaDescribing {
    package var baseline: Double
    package var minimumEffect: Double?
    package var visitorsPerVariant: Int?
    package var power: Double?
    package var confidence: Double?
    package var variants: Int?
    package var visitorsPerDay: Double?

    enum CodingKeys: String, CodingKey {
        case baseline, power, confidence, variants
        case minimumEffect = "minimum_effect"
        case visitorsPerVariant = "visitors_per_variant"
        case visitorsPerDay = "visitors_per_day"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("baseline", "Rate of the control; 0.05 is 5 %.", minimum: 0, maximum: 1)
        schema.property(
            "minimum_effect", "Absolute difference worth finding, signed. Two of effect, visitors and power are given.",
            minimum: -1, maximum: 1)
        schema.property("visitors_per_variant", "In each group.", minimum: 2, maximum: 1e9)
        schema.property(
            "power", "Probability to find the effect; 0.8 where it is needed.", minimum: 0.05, maximum: 0.9999)
        schema.property("confidence", "1 minus the two-sided error; 0.95 if absent.", minimum: 0.5, maximum: 0.9999)
        schema.property(
            "variants", "With the control; 2 if absent. The error is shared (Bonferroni).", minimum: 2, maximum: 20)
        schema.property("visitors_per_day", "In all groups together; gives the duration.", minimum: 0.001, maximum: 1e9)
    }
}

package struct ExperimentPlanOutput: Codable, Sendable, SchemaDescribing {
    package var visitorsPerVariant: Int
    package var exactVisitorsPerVariant: Double
    package var minimumEffect: Double
    package var power: Double
    package var errorPerComparison: Double
    package var totalVisitors: Int
    package var days: Double?
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case power, days, evidence
        case visitorsPerVariant = "visitors_per_variant"
        case exactVisitorsPerVariant = "exact_visitors_per_variant"
        case minimumEffect = "minimum_effect"
        case errorPerComparison = "error_per_comparison"
        case totalVisitors = "total_visitors"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("visitors_per_variant", "Rounded up.")
        schema.property("exact_visitors_per_variant", "Before rounding.")
        schema.property("minimum_effect", "The smallest difference that is found with this power.")
        schema.property("power", "Probability to find the effect, if it is there.")
        schema.property("error_per_comparison", "Two-sided, after sharing among comparisons.")
        schema.property("total_visitors", "In all groups.")
        schema.property("days", "If visitors_per_day is given.")
        schema.property("evidence", "What the figures rest on.")
    }
}
