import PluginKit

struct ChoresInput: Codable, Sendable, SchemaDescribing {
    struct Person: Codable, Sendable, SchemaDescribing {
        var name: String
        var minutesByWeekday: [Int]
        var share: Double?
        var cannot: [String]?

        enum CodingKeys: String, CodingKey {
            case name, share, cannot
            case minutesByWeekday = "minutes_by_weekday"
        }

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("name", "Unique.", minLength: 1, maxLength: 100)
            schema.property(
                "minutes_by_weekday", "Seven figures, Monday first.", minimum: 0, maximum: 1440, minItems: 7,
                maxItems: 7)
            schema.property(
                "share", "Of the work; 1 if absent, 0.5 is half of the others'.", minimum: 0.01, maximum: 100)
            schema.property("cannot", "Chores that this person does not do.", maxItems: 200)
        }
    }

    struct Chore: Codable, Sendable, SchemaDescribing {
        var id: String
        var minutes: Int
        var everyDays: Int
        var lastDone: String?
        var flexibleDays: Int?

        enum CodingKeys: String, CodingKey {
            case id, minutes
            case everyDays = "every_days"
            case lastDone = "last_done"
            case flexibleDays = "flexible_days"
        }

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("id", "Unique.", minLength: 1, maxLength: 100)
            schema.property("minutes", "Each time.", minimum: 1, maximum: 1440)
            schema.property("every_days", "7 is weekly.", minimum: 1, maximum: 366)
            schema.property("last_done", "YYYY-MM-DD; due at once if absent.")
            schema.property(
                "flexible_days", "How long after it is due; a third of the rhythm if absent.", minimum: 0,
                maximum: 366)
        }
    }

    var start: String
    var days: Int
    var people: [Person]
    var chores: [Chore]

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("start", "First day, YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("days", "To plan.", minimum: 1, maximum: 92)
        schema.property("people", "Who does the work.", minItems: 1, maxItems: 20)
        schema.property("chores", "What recurs.", minItems: 1, maxItems: 200)
    }
}

struct ChoresOutput: Codable, Sendable {
    struct Assignment: Codable, Sendable {
        var date: String
        var chore: String
        var person: String
        var minutes: Int
        var due: String
    }

    struct Load: Codable, Sendable {
        var person: String
        var minutes: Int
        var minutesPerShare: Double

        enum CodingKeys: String, CodingKey {
            case person, minutes
            case minutesPerShare = "minutes_per_share"
        }
    }

    struct Unassigned: Codable, Sendable {
        var chore: String
        var due: String
        var reason: String
    }

    var assignments: [Assignment]
    var loads: [Load]
    var unassigned: [Unassigned]
    /// 1: everybody has the same load for the share; 1/n: one does all.
    var fairnessIndex: Double
    /// No schedule of the same work has a smaller highest load per share.
    var highestLoadBound: Double
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case assignments, loads, unassigned, evidence
        case fairnessIndex = "fairness_index"
        case highestLoadBound = "highest_load_bound"
    }
}
