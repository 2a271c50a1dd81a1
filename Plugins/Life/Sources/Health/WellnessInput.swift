import PluginKit

/// Everything is optional: what is absent is taken from what was remembered, or left out.
struct WellnessInput: Codable, Sendable, SchemaDescribing {
    /// How the last two weeks were, each 0 (at no time) to 5 (all of the time).
    struct WHO5: Codable, Sendable, SchemaDescribing {
        var cheerful: Int
        var calm: Int
        var active: Int
        var rested: Int
        var interested: Int

        var answers: [Int] { [cheerful, calm, active, rested, interested] }

        static func describe(_ schema: inout SchemaEditor) {
            for name in ["cheerful", "calm", "active", "rested", "interested"] {
                schema.property(name, "0 at no time, 5 all of the time.", minimum: 0, maximum: 5)
            }
        }
    }

    /// Each 1 (very, very good or low) to 7 (very, very bad or high).
    struct Hooper: Codable, Sendable, SchemaDescribing {
        var sleep: Int
        var stress: Int
        var fatigue: Int
        var soreness: Int

        var answers: [Int] { [sleep, stress, fatigue, soreness] }

        static func describe(_ schema: inout SchemaEditor) {
            for name in ["sleep", "stress", "fatigue", "soreness"] {
                schema.property(name, "1 very, very good or low, 7 very, very bad or high.", minimum: 1, maximum: 7)
            }
        }
    }

    struct Activity: Codable, Sendable, SchemaDescribing {
        var moderateMinutes: Double
        var vigorousMinutes: Double

        enum CodingKeys: String, CodingKey {
            case moderateMinutes = "moderate_minutes"
            case vigorousMinutes = "vigorous_minutes"
        }

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("moderate_minutes", "In the last seven days.", minimum: 0, maximum: 10_080)
            schema.property("vigorous_minutes", "In the last seven days.", minimum: 0, maximum: 10_080)
        }
    }

    var date: String?
    var profile: EnergyNeedInput?
    var sleep: SleepInput?
    var training: TrainingLoadInput?
    var activity: Activity?
    var who5: WHO5?
    var hooper: Hooper?
    var remember: Bool?
    var forget: Bool?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "YYYY-MM-DD; the host's day (UTC) if absent.")
        schema.property("remember", "Keep these sections for days that send none. Default false.")
        schema.property("forget", "Remove what was remembered before reading this input.")
    }
}

struct WellnessOutput: Codable, Sendable {
    enum Status: String, Codable, CaseIterable, Sendable {
        case good, attention
        case noData = "no_data"
    }

    struct Section: Codable, Sendable {
        var name: String
        var status: Status
        var finding: String
        /// The rule by which the status was set, with its source.
        var rule: String
    }

    var date: String
    var sections: [Section]
    /// Names of the sections to look at first.
    var attention: [String]
    var remembered: [String]
    var who5Score: Int?
    var hooperIndex: Int?
    var activityMinutes: Double?
    var energy: EnergyNeedOutput?
    var sleep: SleepOutput?
    var training: TrainingLoadOutput?
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case date, sections, attention, remembered, energy, sleep, training, evidence
        case who5Score = "who5_score"
        case hooperIndex = "hooper_index"
        case activityMinutes = "activity_minutes"
    }
}
