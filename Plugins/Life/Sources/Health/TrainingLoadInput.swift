import PluginKit

struct TrainingSession: Codable, Sendable, Hashable, SchemaDescribing {
    var date: String
    var durationMinutes: Double
    var perceivedExertion: Double?
    var averageHeartRate: Double?
    var zoneMinutes: [Double]?

    enum CodingKeys: String, CodingKey {
        case date
        case durationMinutes = "duration_minutes"
        case perceivedExertion = "perceived_exertion"
        case averageHeartRate = "average_heart_rate"
        case zoneMinutes = "zone_minutes"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("duration_minutes", "Minutes.", minimum: 0, maximum: 1440)
        schema.property("perceived_exertion", "CR-10 scale.", minimum: 0, maximum: 10)
        schema.property("average_heart_rate", "Beats a minute.", minimum: 30, maximum: 250)
        schema.property(
            "zone_minutes", "Minutes at 50–60, 60–70, 70–80, 80–90 and 90–100 % of the highest heart rate.", minimum: 0,
            maximum: 1440, minItems: 5, maxItems: 5)
    }
}

struct TrainingLoadInput: Codable, Sendable, SchemaDescribing {
    enum Method: String, Codable, CaseIterable, Sendable {
        case sessionRPE = "session_rpe"
        case banisterTRIMP = "banister_trimp"
        case edwardsTRIMP = "edwards_trimp"

        var source: String {
            switch self {
            case .sessionRPE: "session RPE, minutes × CR-10: Foster et al. 2001, J Strength Cond Res 15:109"
            case .banisterTRIMP:
                "TRIMP, minutes × HRr × a·exp(b·HRr), a .64 b 1.92 (men), a .86 b 1.67 (women): Banister 1991; "
                    + "Morton et al. 1990, J Appl Physiol 69:1171"
            case .edwardsTRIMP: "TRIMP by zones, weights 1 to 5: Edwards 1993, The Heart Rate Monitor Book"
            }
        }
    }

    var sessions: [TrainingSession]
    var method: Method
    var asOf: String
    /// Since when every session is in the list.
    var recordedSince: String?
    var sex: EnergyNeedInput.Sex?
    var restingHeartRate: Double?
    var maximumHeartRate: Double?

    enum CodingKeys: String, CodingKey {
        case sessions, method, sex
        case asOf = "as_of"
        case recordedSince = "recorded_since"
        case restingHeartRate = "resting_heart_rate"
        case maximumHeartRate = "maximum_heart_rate"
    }

    static func describe(_ schema: inout SchemaEditor) {
        let day = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        schema.property("sessions", "In any order; several a day add up.", minItems: 1, maxItems: 5000)
        schema.property("method", "How one session becomes a number.")
        schema.property("as_of", "The day for which the figures hold; that day's training counts.", pattern: day)
        schema.property(
            "recorded_since", "Days before it are unknown; the first session's day if absent.", pattern: day)
        schema.property("sex", "For Banister's weights.")
        schema.property("resting_heart_rate", "Beats a minute.", minimum: 25, maximum: 120)
        schema.property("maximum_heart_rate", "Beats a minute, measured.", minimum: 100, maximum: 240)
    }
}

struct TrainingLoadOutput: Codable, Sendable {
    struct Day: Codable, Sendable {
        var date: String
        var load: Double
        var acute: Double
        var chronic: Double
        var fitness: Double
        var fatigue: Double
    }

    var asOf: String
    var method: TrainingLoadInput.Method
    var weekLoad: Double
    /// Sum of 7 days over a quarter of the sum of 28. Absent under 28 recorded days.
    var acwrRolling: Double?
    var acwrUncoupled: Double?
    var acwrWeighted: Double?
    var monotony: Double?
    var strain: Double?
    var fitness: Double
    var fatigue: Double
    var form: Double
    /// The last 28 days.
    var days: [Day]
    var warnings: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case method, monotony, strain, fitness, fatigue, form, days, warnings, evidence
        case asOf = "as_of"
        case weekLoad = "week_load"
        case acwrRolling = "acwr_rolling"
        case acwrUncoupled = "acwr_uncoupled"
        case acwrWeighted = "acwr_weighted"
    }
}
