package import PluginKit

package enum DurationShape: String, Codable, Sendable, CaseIterable { case pert, triangular }

package struct CrashOption: Codable, Sendable, SchemaDescribing {
    package var activity: String
    package var costPerDayMinor: Int
    package var maximumDays: Double

    enum CodingKeys: String, CodingKey {
        case activity
        case costPerDayMinor = "cost_per_day_minor"
        case maximumDays = "maximum_days"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("activity", "Id of an activity.", minLength: 1, maxLength: 100)
        schema.property("cost_per_day_minor", "Of making it one day shorter.", minimum: 0, maximum: 1e12)
        schema.property("maximum_days", "It cannot be made shorter than by these.", minimum: 0, maximum: 100_000)
    }
}

package struct ScheduleRiskInput: Codable, Sendable, SchemaDescribing {
    package var activities: [Activity]
    package var targetDays: Double?
    package var draws: Int?
    package var seed: Int?
    package var shape: DurationShape?
    package var crashing: [CrashOption]?
    package var delayCostPerDayMinor: Int?

    enum CodingKeys: String, CodingKey {
        case activities, draws, seed, shape, crashing
        case targetDays = "target_days"
        case delayCostPerDayMinor = "delay_cost_per_day_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("activities", "The work.", minItems: 1, maxItems: 2_000)
        schema.property(
            "target_days", "Working days to finish in; crashing aims at it.", minimum: 0, maximum: 1_000_000)
        schema.property("draws", "Of the simulation; 10,000 if absent.", minimum: 1_000, maximum: 100_000)
        schema.property("seed", "Equal seeds give equal answers; 1 if absent.", minimum: 0, maximum: 1e15)
        schema.property("shape", "Of a duration between its three points; pert (a beta) if absent.")
        schema.property("crashing", "What can be made shorter, for money.", maxItems: 2_000)
        schema.property(
            "delay_cost_per_day_minor", "What a day of the whole costs: crashing stops where a day costs more to save.",
            minimum: 0, maximum: 1e12)
    }
}

package struct ActivityRisk: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var criticality: Double
    package var meanDays: Double
    package var cruciality: Double

    enum CodingKeys: String, CodingKey {
        case id, criticality, cruciality
        case meanDays = "mean_days"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Of the activity.")
        schema.property("criticality", "Share of the draws in which it is on a longest path.")
        schema.property("mean_days", "Over all draws.")
        schema.property("cruciality", "Correlation of its duration with that of the whole.")
    }
}

package struct CrashStep: Codable, Sendable, SchemaDescribing {
    package var activities: [String]
    package var days: Double
    package var costMinor: Int
    package var lengthDays: Double

    enum CodingKeys: String, CodingKey {
        case activities, days
        case costMinor = "cost_minor"
        case lengthDays = "length_days"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("activities", "Made shorter together, so that every longest path is.")
        schema.property("days", "By so many days each.")
        schema.property("cost_minor", "Of the step.")
        schema.property("length_days", "Of the plan afterwards, by expected durations.")
    }
}

package struct ScheduleRiskOutput: Codable, Sendable, SchemaDescribing {
    package var meanDays: Double
    package var standardDeviationDays: Double
    package var days50: Double
    package var days80: Double
    package var days95: Double
    package var probabilityOfTarget: Double?
    package var pertProbability: Double?
    package var activities: [ActivityRisk]
    package var expectedDays: Double
    package var crashing: [CrashStep]
    package var crashingCostMinor: Int
    package var targetReached: Bool?
    package var notes: [String]

    enum CodingKeys: String, CodingKey {
        case activities, crashing, notes
        case meanDays = "mean_days"
        case standardDeviationDays = "standard_deviation_days"
        case days50 = "days_50"
        case days80 = "days_80"
        case days95 = "days_95"
        case probabilityOfTarget = "probability_of_target"
        case pertProbability = "pert_probability"
        case expectedDays = "expected_days"
        case crashingCostMinor = "crashing_cost_minor"
        case targetReached = "target_reached"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("mean_days", "Of the whole plan, over all draws.")
        schema.property("standard_deviation_days", "Likewise.")
        schema.property("days_50", "Half of the draws need no more.")
        schema.property("days_80", "Four of five draws need no more.")
        schema.property("days_95", "19 of 20 draws need no more.")
        schema.property("probability_of_target", "Share of the draws that reach it.")
        schema.property("pert_probability", "What PERT says, which looks at one path.")
        schema.property("activities", "In the order given.")
        schema.property("expected_days", "Of the plan by expected durations, before crashing.")
        schema.property("crashing", "Cheapest way to be shorter, step by step.")
        schema.property("crashing_cost_minor", "Of all steps.")
        schema.property("target_reached", "By expected durations, after crashing; absent without target or crashing.")
        schema.property("notes", "Methods and limits.")
    }
}
