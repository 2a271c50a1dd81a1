import PluginKit

struct Food: Codable, Sendable, Hashable, SchemaDescribing {
    var id: String
    /// What one unit is: "100 g", "1 egg".
    var unit: String
    var priceMicros: Int
    var nutrients: [String: Double]
    var tags: [String]?
    var minimumUnits: Double?
    var maximumUnits: Double?

    enum CodingKeys: String, CodingKey {
        case id, unit, nutrients, tags
        case priceMicros = "price_micros"
        case minimumUnits = "minimum_units"
        case maximumUnits = "maximum_units"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique.", minLength: 1, maxLength: 100)
        schema.property("unit", "What the figures are for: 100 g.", minLength: 1, maxLength: 60)
        schema.property("price_micros", "Of one unit, in millionths of the currency.", minimum: 0, maximum: 1e12)
        schema.property("nutrients", "In one unit; names carry their units.", minimum: 0, maximum: 1e9)
        schema.property("tags", "Allergens, kinds: nuts, vegan.", maxLength: 60, maxItems: 40)
        schema.property("minimum_units", "A day at least.", minimum: 0, maximum: 1e6)
        schema.property("maximum_units", "A day at most.", minimum: 0, maximum: 1e6)
    }
}

struct DietInput: Codable, Sendable, SchemaDescribing {
    var foods: [Food]
    var needs: [NutrientRange]
    var excludeTags: [String]?
    var requireTags: [String]?
    var maximumCostMicros: Int?

    enum CodingKeys: String, CodingKey {
        case foods, needs
        case excludeTags = "exclude_tags"
        case requireTags = "require_tags"
        case maximumCostMicros = "maximum_cost_micros"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("foods", "To choose from.", minItems: 1, maxItems: 1000)
        schema.property("needs", "What a day must hold.", minItems: 1, maxItems: 60)
        schema.property("exclude_tags", "Foods with one of these are left out.", maxItems: 40)
        schema.property("require_tags", "Only foods with all of these.", maxItems: 40)
        schema.property("maximum_cost_micros", "A day at most.", minimum: 0, maximum: 1e15)
    }
}

struct DietOutput: Codable, Sendable {
    enum Status: String, Codable, CaseIterable, Sendable { case optimal, infeasible }

    struct Portion: Codable, Sendable {
        var food: String
        var unit: String
        var units: Double
        var costMicros: Int

        enum CodingKeys: String, CodingKey {
            case food, unit, units
            case costMicros = "cost_micros"
        }
    }

    struct Nutrient: Codable, Sendable {
        var nutrient: String
        var amount: Double
        var minimum: Double?
        var maximum: Double?
        var isBinding: Bool
        /// What one more unit of the bound would add to the daily cost.
        var shadowPriceMicros: Double

        enum CodingKeys: String, CodingKey {
            case nutrient, amount, minimum, maximum
            case isBinding = "is_binding"
            case shadowPriceMicros = "shadow_price_micros"
        }
    }

    struct Conflict: Codable, Sendable {
        /// They cannot hold together.
        var constraints: [String]
        /// Each of them is needed for the conflict.
        var isMinimal: Bool
        /// One least set of changes after which there is an answer.
        var relaxations: [String]

        enum CodingKeys: String, CodingKey {
            case constraints, relaxations
            case isMinimal = "is_minimal"
        }
    }

    var status: Status
    var costMicrosPerDay: Int?
    var portions: [Portion]
    var nutrients: [Nutrient]
    var conflict: Conflict?
    var excludedFoods: [String]
    /// The largest distance between the price of the foods and the price of the needs (zero at an optimum).
    var dualityGapMicros: Double?
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case status, portions, nutrients, conflict, evidence
        case costMicrosPerDay = "cost_micros_per_day"
        case excludedFoods = "excluded_foods"
        case dualityGapMicros = "duality_gap_micros"
    }
}
