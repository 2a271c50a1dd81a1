import PluginKit

struct Dish: Codable, Sendable, Hashable, SchemaDescribing {
    var id: String
    var slots: [String]
    var nutrients: [String: Double]
    var priceMinor: Int
    var tags: [String]?
    var maximumUses: Int?

    enum CodingKeys: String, CodingKey {
        case id, slots, nutrients, tags
        case priceMinor = "price_minor"
        case maximumUses = "maximum_uses"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique.", minLength: 1, maxLength: 100)
        schema.property("slots", "Where it fits: breakfast.", maxLength: 60, minItems: 1, maxItems: 8)
        schema.property("nutrients", "In one portion; names carry their units.", minimum: 0, maximum: 1e9)
        schema.property("price_minor", "Of one portion, in cents.", minimum: 0, maximum: 1e7)
        schema.property("tags", "Allergens, kinds: nuts, vegan.", maxLength: 60, maxItems: 40)
        schema.property("maximum_uses", "In the whole plan.", minimum: 0, maximum: 100)
    }
}

struct MealPlanInput: Codable, Sendable, SchemaDescribing {
    var days: Int
    var slots: [String]
    var dishes: [Dish]
    var needs: [NutrientRange]
    var budgetMinor: Int?
    var maximumUses: Int?
    var excludeTags: [String]?
    var requireTags: [String]?
    var startDate: String?

    enum CodingKeys: String, CodingKey {
        case days, slots, dishes, needs
        case budgetMinor = "budget_minor"
        case maximumUses = "maximum_uses"
        case excludeTags = "exclude_tags"
        case requireTags = "require_tags"
        case startDate = "start_date"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("days", "1 to 14.", minimum: 1, maximum: 14)
        schema.property("slots", "The meals of a day, one dish each.", maxLength: 60, minItems: 1, maxItems: 8)
        schema.property("dishes", "To choose from.", minItems: 1, maxItems: 300)
        schema.property("needs", "What each day must hold.", maxItems: 60)
        schema.property("budget_minor", "For all days.", minimum: 0, maximum: 1e9)
        schema.property("maximum_uses", "Of each dish in the plan, if it says nothing; 3 if absent.", minimum: 1)
        schema.property("exclude_tags", "Dishes with one of these are left out.", maxItems: 40)
        schema.property("require_tags", "Only dishes with all of these.", maxItems: 40)
        schema.property("start_date", "YYYY-MM-DD; names the days.")
    }
}

struct MealPlanOutput: Codable, Sendable {
    enum Status: String, Codable, CaseIterable, Sendable { case optimal, feasible, infeasible, undecided }

    struct Meal: Codable, Sendable {
        var slot: String
        var dish: String
        var priceMinor: Int

        enum CodingKeys: String, CodingKey {
            case slot, dish
            case priceMinor = "price_minor"
        }
    }

    struct Day: Codable, Sendable {
        var day: Int
        var date: String?
        var meals: [Meal]
        var nutrients: [String: Double]
        var costMinor: Int

        enum CodingKeys: String, CodingKey {
            case day, date, meals, nutrients
            case costMinor = "cost_minor"
        }
    }

    var status: Status
    var costMinor: Int?
    /// No plan costs less than this.
    var costBoundMinor: Int?
    var days: [Day]
    var conflict: DietOutput.Conflict?
    var excludedDishes: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case status, days, conflict, evidence
        case costMinor = "cost_minor"
        case costBoundMinor = "cost_bound_minor"
        case excludedDishes = "excluded_dishes"
    }
}
