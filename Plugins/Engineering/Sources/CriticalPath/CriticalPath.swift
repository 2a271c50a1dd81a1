package import PluginKit

package struct Activity: Codable, Hashable, Sendable, SchemaDescribing {
    package var id: String
    package var name: String
    /// Three-point estimate in working days, optimistic ≤ likely ≤ pessimistic.
    package var optimisticDays: Double
    package var likelyDays: Double
    package var pessimisticDays: Double
    /// Ids of activities that must be finished before.
    package var after: [String]?

    enum CodingKeys: String, CodingKey {
        case id, name, after
        case optimisticDays = "optimistic_days"
        case likelyDays = "likely_days"
        case pessimisticDays = "pessimistic_days"
    }

    package init(
        id: String, name: String, optimisticDays: Double, likelyDays: Double, pessimisticDays: Double,
        after: [String]? = nil
    ) {
        self.id = id
        self.name = name
        self.optimisticDays = optimisticDays
        self.likelyDays = likelyDays
        self.pessimisticDays = pessimisticDays
        self.after = after
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Names the activity in `after`.", minLength: 1, maxLength: 100)
        schema.property("name", "For readers.", maxLength: 200)
        schema.property("optimistic_days", "Working days if all goes well.", minimum: 0, maximum: 100_000)
        schema.property("likely_days", "Working days most likely.", minimum: 0, maximum: 100_000)
        schema.property("pessimistic_days", "Working days if much goes wrong.", minimum: 0, maximum: 100_000)
        schema.property("after", "Activities to finish before.", maxItems: 1000)
    }
}

package struct CriticalPathInput: Codable, Sendable, SchemaDescribing {
    package var activities: [Activity]
    package var startDate: String?
    package var targetDays: Double?
    package var workingDays: [String]?
    package var holidays: [String]?

    enum CodingKeys: String, CodingKey {
        case activities, holidays
        case startDate = "start_date"
        case targetDays = "target_days"
        case workingDays = "working_days"
    }

    package init(
        activities: [Activity], startDate: String? = nil, targetDays: Double? = nil, workingDays: [String]? = nil,
        holidays: [String]? = nil
    ) {
        self.activities = activities
        self.startDate = startDate
        self.targetDays = targetDays
        self.workingDays = workingDays
        self.holidays = holidays
    }

    package static func describe(_ schema: inout SchemaEditor) {
        let date = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        schema.property("activities", "The work.", minItems: 1, maxItems: 5000)
        schema.property("start_date", "First working day, YYYY-MM-DD; gives the rows dates.", pattern: date)
        schema.property(
            "target_days", "Working days to finish in; gives a probability.", minimum: 0, maximum: 1_000_000)
        schema.property("working_days", "mon … sun. Default mon to fri.", minItems: 1, maxItems: 7)
        schema.property("holidays", "Days without work, YYYY-MM-DD.", maxItems: 2000)
    }
}

package struct ScheduleRow: Codable, Hashable, Sendable {
    package var id: String
    package var name: String
    package var expectedDays: Double
    package var variance: Double
    /// Working days from the start; 0 is the start itself.
    package var earlyStart: Double
    package var earlyFinish: Double
    package var lateStart: Double
    package var lateFinish: Double
    package var slackDays: Double
    package var critical: Bool
    package var after: [String]
    /// Only with a start date. The last day is inclusive.
    package var startDate: String?
    package var endDate: String?

    enum CodingKeys: String, CodingKey {
        case id, name, variance, critical, after
        case expectedDays = "expected_days"
        case earlyStart = "early_start"
        case earlyFinish = "early_finish"
        case lateStart = "late_start"
        case lateFinish = "late_finish"
        case slackDays = "slack_days"
        case startDate = "start_date"
        case endDate = "end_date"
    }
}

package struct CriticalPathOutput: Codable, Hashable, Sendable {
    package var expectedDays: Double
    package var variance: Double
    package var standardDeviationDays: Double
    package var criticalPath: [String]
    package var criticalPathNames: [String]
    package var schedule: [ScheduleRow]
    package var targetDays: Double?
    package var probabilityOfTarget: Double?
    /// Working days that suffice with the probability of the name, by the same approximation.
    package var days50: Double
    package var days80: Double
    package var days95: Double
    package var endDate: String?
    package var notes: [String]

    enum CodingKeys: String, CodingKey {
        case variance, schedule, notes
        case expectedDays = "expected_days"
        case standardDeviationDays = "standard_deviation_days"
        case criticalPath = "critical_path"
        case criticalPathNames = "critical_path_names"
        case targetDays = "target_days"
        case probabilityOfTarget = "probability_of_target"
        case days50 = "days_50"
        case days80 = "days_80"
        case days95 = "days_95"
        case endDate = "end_date"
    }
}

extension CriticalPathInput {
    static func run(_ input: CriticalPathInput, context: TaskContext) async throws -> CriticalPathOutput {
        context.progress(0.1, "scheduling \(input.activities.count) activities")
        let output = try await context.step("schedule", dependsOn: input) { try schedule(input) }
        context.progress(1, "critical path of \(output.criticalPath.count) activities")
        return output
    }

    package static func schedule(_ input: CriticalPathInput) throws -> CriticalPathOutput {
        let network = try ActivityNetwork(input.activities)
        let calendar = try input.startDate.map {
            try WorkCalendar(startDate: $0, workingDays: input.workingDays, holidays: input.holidays ?? [])
        }
        let deviation = network.variance.squareRoot()
        let path = network.criticalPath.map { input.activities[$0] }
        let quantile = { (z: Double) in Rounding.fourDecimals(network.expectedDays + z * deviation) }
        var notes = [
            "Expected days are (optimistic + 4 · likely + pessimistic) / 6, "
                + "variance ((pessimistic − optimistic) / 6)².",
            "Probabilities take the critical path's length as normal; "
                + "paths that are nearly critical make them too high.",
        ]
        if input.startDate == nil, input.workingDays != nil || input.holidays != nil {
            notes.append("working_days and holidays have no effect without start_date.")
        }
        return CriticalPathOutput(
            expectedDays: Rounding.fourDecimals(network.expectedDays),
            variance: Rounding.fourDecimals(network.variance),
            standardDeviationDays: Rounding.fourDecimals(deviation), criticalPath: path.map(\.id),
            criticalPathNames: path.map(\.name), schedule: network.rows(calendar: calendar),
            targetDays: input.targetDays,
            probabilityOfTarget: input.targetDays.map {
                NormalDistribution.probability(below: $0, mean: network.expectedDays, standardDeviation: deviation)
            },
            // Quantiles of the standard normal distribution for 0.80 and 0.95.
            days50: quantile(0), days80: quantile(0.8416212335729143), days95: quantile(1.6448536269514722),
            endDate: calendar?.lastDay(finish: network.expectedDays), notes: notes)
    }
}

enum Rounding {
    /// Estimates have no more meaning than that.
    static func fourDecimals(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
