import PluginKit

struct SleepEpisode: Codable, Sendable, Hashable, SchemaDescribing {
    var start: String
    var end: String
    /// Woken by no alarm, bound to no work.
    var freeDay: Bool?

    enum CodingKeys: String, CodingKey {
        case start, end
        case freeDay = "free_day"
    }

    static func describe(_ schema: inout SchemaEditor) {
        let pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?$"
        schema.property("start", "Fell asleep, local time YYYY-MM-DDTHH:MM.", pattern: pattern)
        schema.property("end", "Woke up, local time YYYY-MM-DDTHH:MM.", pattern: pattern)
        schema.property("free_day", "Woke on a free day; for social jet lag.")
    }
}

struct SleepInput: Codable, Sendable, SchemaDescribing {
    var episodes: [SleepEpisode]
    var ageYears: Double?
    var needHours: Double?
    var sleeplessNights: [String]?

    enum CodingKeys: String, CodingKey {
        case episodes
        case ageYears = "age_years"
        case needHours = "need_hours"
        case sleeplessNights = "sleepless_nights"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("episodes", "Nights and naps, in any order.", minItems: 1, maxItems: 2000)
        schema.property("age_years", "For the need of sleep.", minimum: 3, maximum: 120)
        schema.property("need_hours", "A day; by age if absent.", minimum: 4, maximum: 14)
        schema.property(
            "sleepless_nights", "Evenings (YYYY-MM-DD) after which nobody slept; other days without data are missing.",
            maxItems: 366)
    }
}

struct SleepOutput: Codable, Sendable {
    struct Day: Codable, Sendable {
        /// The evening: from noon of this day to noon of the next.
        var date: String
        var sleptMinutes: Int
        var balanceMinutes: Int

        enum CodingKeys: String, CodingKey {
            case date
            case sleptMinutes = "slept_minutes"
            case balanceMinutes = "balance_minutes"
        }
    }

    var days: [Day]
    var missingDays: [String]
    var needMinutes: Int
    var meanSleptMinutes: Double
    /// Sum of what lacked, with no credit for long nights.
    var shortfallMinutes: Int
    /// What is left when longer sleep pays back, never under zero.
    var debtMinutes: Int
    var sleepRegularityIndex: Double?
    var comparedMinutes: Int
    var midsleepClock: String?
    var midsleepSpreadMinutes: Double?
    var socialJetLagMinutes: Double?
    var warnings: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case days, warnings, evidence
        case missingDays = "missing_days"
        case needMinutes = "need_minutes"
        case meanSleptMinutes = "mean_slept_minutes"
        case shortfallMinutes = "shortfall_minutes"
        case debtMinutes = "debt_minutes"
        case sleepRegularityIndex = "sleep_regularity_index"
        case comparedMinutes = "compared_minutes"
        case midsleepClock = "midsleep_clock"
        case midsleepSpreadMinutes = "midsleep_spread_minutes"
        case socialJetLagMinutes = "social_jet_lag_minutes"
    }
}
