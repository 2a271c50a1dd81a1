import PluginKit

struct Card: Codable, Sendable, Hashable, SchemaDescribing {
    struct Review: Codable, Sendable, Hashable, SchemaDescribing {
        var date: String
        var grade: Int

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("date", "YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
            schema.property(
                "grade", "SM-2: 0 to 5. FSRS: 1 again, 2 hard, 3 good, 4 easy.", minimum: 0, maximum: 5)
        }
    }

    var id: String
    var reviews: [Review]

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique.", minLength: 1, maxLength: 200)
        schema.property("reviews", "In order of time; empty for a new card.", maxItems: 2000)
    }
}

struct ReviewInput: Codable, Sendable, SchemaDescribing {
    enum Algorithm: String, Codable, CaseIterable, Sendable {
        case fsrs
        case sm2
    }

    var cards: [Card]
    var asOf: String
    var algorithm: Algorithm?
    var desiredRetention: Double?
    var weights: [Double]?
    var maximumIntervalDays: Int?
    var newCardsPerDay: Int?
    var reviewsPerDay: Int?
    var forecastDays: Int?
    var keepEasinessOnLapse: Bool?

    enum CodingKeys: String, CodingKey {
        case cards, algorithm, weights
        case asOf = "as_of"
        case desiredRetention = "desired_retention"
        case maximumIntervalDays = "maximum_interval_days"
        case newCardsPerDay = "new_cards_per_day"
        case reviewsPerDay = "reviews_per_day"
        case forecastDays = "forecast_days"
        case keepEasinessOnLapse = "keep_easiness_on_lapse"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("cards", "With all their reviews.", minItems: 1, maxItems: 20_000)
        schema.property("as_of", "Today, YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("algorithm", "fsrs if absent.")
        schema.property("desired_retention", "FSRS; 0.9 if absent.", minimum: 0.7, maximum: 0.99)
        schema.property(
            "weights", "21 FSRS-6 weights of your own; the published ones if absent.", minItems: 21, maxItems: 21)
        schema.property("maximum_interval_days", "36500 if absent.", minimum: 1, maximum: 36_500)
        schema.property("new_cards_per_day", "20 if absent.", minimum: 0, maximum: 9999)
        schema.property("reviews_per_day", "200 if absent.", minimum: 0, maximum: 9999)
        schema.property("forecast_days", "30 if absent.", minimum: 1, maximum: 366)
        schema.property(
            "keep_easiness_on_lapse",
            "SM-2: grades under 3 leave the E-factor alone (step 6 of the text). Default false.")
    }
}

struct ReviewOutput: Codable, Sendable {
    struct State: Codable, Sendable {
        var card: String
        var due: String?
        var intervalDays: Int?
        var isNew: Bool
        var lapses: Int
        var easiness: Double?
        var stabilityDays: Double?
        var difficulty: Double?
        /// The chance to recall it today.
        var retrievability: Double?

        enum CodingKeys: String, CodingKey {
            case card, due, lapses, easiness, difficulty, retrievability
            case intervalDays = "interval_days"
            case isNew = "is_new"
            case stabilityDays = "stability_days"
        }
    }

    var algorithm: ReviewInput.Algorithm
    var asOf: String
    var cards: [State]
    /// What to learn today, most urgent first.
    var queue: [String]
    var dueCount: Int
    var overdueCount: Int
    var newCount: Int
    /// Cards that fall due on each day from today; what is overdue counts today.
    var forecast: [Int]
    /// Of what was learnt: how many would be recalled today.
    var expectedRecalled: Double?
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case algorithm, cards, queue, forecast, evidence
        case asOf = "as_of"
        case dueCount = "due_count"
        case overdueCount = "overdue_count"
        case newCount = "new_count"
        case expectedRecalled = "expected_recalled"
    }
}
