/// What `engineering/critical-path` is asked.
struct CriticalPathRequest: Codable, Sendable {
    var activities: [Activity]
    var startDate: String
    var targetDays: Double

    enum CodingKeys: String, CodingKey {
        case activities
        case startDate = "start_date"
        case targetDays = "target_days"
    }
}

/// What of its answer is read here.
struct CriticalPath: Codable, Sendable {
    struct Row: Codable, Sendable {
        var id: String
        var name: String
        /// In working days from the start.
        var earlyStart: Double
        var earlyFinish: Double
        var slackDays: Double
        var critical: Bool
        var startDate: String?
        var endDate: String?

        enum CodingKeys: String, CodingKey {
            case id, name, critical
            case earlyStart = "early_start"
            case earlyFinish = "early_finish"
            case slackDays = "slack_days"
            case startDate = "start_date"
            case endDate = "end_date"
        }
    }

    var expectedDays: Double
    var standardDeviationDays: Double
    var criticalPath: [String]
    var probabilityOfTarget: Double?
    var endDate: String?
    var schedule: [Row]

    enum CodingKeys: String, CodingKey {
        case schedule
        case expectedDays = "expected_days"
        case standardDeviationDays = "standard_deviation_days"
        case criticalPath = "critical_path"
        case probabilityOfTarget = "probability_of_target"
        case endDate = "end_date"
    }
}
