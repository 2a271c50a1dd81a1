package import PluginKit

package struct TrendInput: Codable, Sendable, SchemaDescribing {
    package var values: [Double]
    package var times: [Double]?
    package var period: Int?
    package var confidence: Double?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "values", "The series, oldest first.", minimum: -1e15, maximum: 1e15, minItems: 3, maxItems: 3_000)
        schema.property(
            "times", "When each was measured, rising; 0, 1, 2, … if absent.", minimum: -1e15, maximum: 1e15,
            maxItems: 3_000)
        schema.property(
            "period", "Values in a season, 12 for months: tests each season by itself.", minimum: 2, maximum: 366)
        schema.property("confidence", "Of the interval and the verdict; 0.95 if absent.", minimum: 0.5, maximum: 0.9999)
    }
}

package struct TrendOutput: Codable, Sendable, SchemaDescribing {
    package enum Direction: String, Codable, Sendable, CaseIterable {
        case rising, falling
        case none = "no_trend"
    }

    package struct ChangePoint: Codable, Sendable, SchemaDescribing {
        package var index: Int
        package var time: Double
        package var statistic: Double
        package var pValue: Double
        package var meanBefore: Double
        package var meanAfter: Double

        enum CodingKeys: String, CodingKey {
            case index, time, statistic
            case pValue = "p_value"
            case meanBefore = "mean_before"
            case meanAfter = "mean_after"
        }

        package static func describe(_ schema: inout SchemaEditor) {
            schema.property("index", "Last value before the change, from 0.")
            schema.property("time", "Of that value.")
            schema.property("statistic", "Pettitt's K.")
            schema.property("p_value", "Approximate, two-sided.")
            schema.property("mean_before", "Up to the change.")
            schema.property("mean_after", "After it.")
        }
    }

    package var direction: Direction
    package var s: Double
    package var variance: Double
    package var z: Double
    package var pValue: Double
    package var tau: Double
    package var slope: Double
    package var slopeLow: Double
    package var slopeHigh: Double
    package var intercept: Double
    package var changePoint: ChangePoint
    package var lagOneCorrelation: Double
    package var warnings: [String]
    package var evidence: MethodNote

    enum CodingKeys: String, CodingKey {
        case direction, s, variance, z, tau, slope, intercept, warnings, evidence
        case pValue = "p_value"
        case slopeLow = "slope_low"
        case slopeHigh = "slope_high"
        case changePoint = "change_point"
        case lagOneCorrelation = "lag_one_correlation"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("direction", "By the test; no_trend: none was found, which does not say that there is none.")
        schema.property("s", "Mann-Kendall's S, summed over seasons if there are any.")
        schema.property("variance", "Of S without a trend, corrected for ties.")
        schema.property("z", "S with continuity correction in standard deviations.")
        schema.property("p_value", "Two-sided.")
        schema.property("tau", "Kendall's tau-b; with seasons that of S over all pairs compared.")
        schema.property("slope", "Theil-Sen: the median slope of all pairs, within seasons if there are any.")
        schema.property("slope_low", "Lower end of the interval.")
        schema.property("slope_high", "Upper end of the interval.")
        schema.property("intercept", "Median value minus slope times median time.")
        schema.property("change_point", "Where the series splits best in two levels (Pettitt).")
        schema.property("lag_one_correlation", "Of the series without its slope.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}
