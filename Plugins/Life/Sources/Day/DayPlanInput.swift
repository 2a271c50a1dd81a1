import PluginKit

struct DayPlanInput: Codable, Sendable, SchemaDescribing {
    struct Appointment: Codable, Sendable, SchemaDescribing {
        var title: String
        var start: String
        var end: String
        var place: String?

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("title", "Unique.", minLength: 1, maxLength: 100)
            schema.property("start", "HH:MM.", pattern: "^[0-9]{2}:[0-9]{2}$")
            schema.property("end", "HH:MM.", pattern: "^[0-9]{2}:[0-9]{2}$")
            schema.property("place", "home if absent.", maxLength: 100)
        }
    }

    struct Errand: Codable, Sendable, SchemaDescribing {
        var title: String
        var minutes: Int
        var priority: Int?
        var earliest: String?
        var latest: String?
        var place: String?

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("title", "Unique.", minLength: 1, maxLength: 100)
            schema.property("minutes", "That it takes.", minimum: 1, maximum: 1440)
            schema.property("priority", "5 first, 1 last; 3 if absent.", minimum: 1, maximum: 5)
            schema.property("earliest", "HH:MM, not before.")
            schema.property("latest", "HH:MM, done by.")
            schema.property("place", "home if absent.", maxLength: 100)
        }
    }

    struct ChoreDuty: Codable, Sendable, SchemaDescribing {
        var person: String
        var schedule: ChoresInput

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("person", "Whose day this is, one of the people.", minLength: 1, maxLength: 100)
        }
    }

    struct Study: Codable, Sendable, SchemaDescribing {
        var review: ReviewInput
        var secondsPerCard: Int?

        enum CodingKeys: String, CodingKey {
            case review
            case secondsPerCard = "seconds_per_card"
        }

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("seconds_per_card", "20 if absent.", minimum: 1, maximum: 3600)
        }
    }

    var date: String
    var wake: String
    var bedtime: String
    var appointments: [Appointment]?
    var errands: [Errand]?
    var meals: [Errand]?
    var chores: ChoreDuty?
    var study: Study?
    var roads: [Road]?
    var vehicle: Vehicle?
    var sleepNeedHours: Double?

    enum CodingKeys: String, CodingKey {
        case date, wake, bedtime, appointments, errands, meals, chores, study, roads, vehicle
        case sleepNeedHours = "sleep_need_hours"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("wake", "HH:MM.", pattern: "^[0-9]{2}:[0-9]{2}$")
        schema.property("bedtime", "HH:MM, up to 24:00.", pattern: "^[0-9]{2}:[0-9]{2}$")
        schema.property("appointments", "Fixed.", maxItems: 50)
        schema.property("errands", "To be placed.", maxItems: 60)
        schema.property("meals", "To be placed within their times; priority 5 if absent.", maxItems: 8)
        schema.property("roads", "For the ways between places; home is a place.", maxItems: 5000)
        schema.property("sleep_need_hours", "8 if absent.", minimum: 4, maximum: 14)
    }
}

struct DayPlanOutput: Codable, Sendable {
    struct Entry: Codable, Sendable {
        enum Kind: String, Codable, CaseIterable, Sendable {
            case appointment, errand, meal, chore, study, travel
        }

        var start: String
        var end: String
        var kind: Kind
        var title: String
        var place: String
    }

    struct Unplaced: Codable, Sendable {
        var title: String
        var kind: Entry.Kind
        var minutes: Int
        var reason: String
    }

    var date: String
    var entries: [Entry]
    var unplaced: [Unplaced]
    var busyMinutes: Int
    var travelMinutes: Int
    var freeMinutes: Int
    var travelCostMicros: Int
    var sleepHours: Double
    var warnings: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case date, entries, unplaced, warnings, evidence
        case busyMinutes = "busy_minutes"
        case travelMinutes = "travel_minutes"
        case freeMinutes = "free_minutes"
        case travelCostMicros = "travel_cost_micros"
        case sleepHours = "sleep_hours"
    }
}
