import PluginKit

/// What a day may hold of one nutrient, in the unit of the foods' tables.
struct NutrientRange: Codable, Sendable, Hashable, SchemaDescribing {
    var nutrient: String
    var minimum: Double?
    var maximum: Double?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "nutrient", "A key of the foods' nutrients, with its unit in the name: protein_g.", minLength: 1,
            maxLength: 100)
        schema.property("minimum", "A day at least.", minimum: 0, maximum: 1e9)
        schema.property("maximum", "A day at most.", minimum: 0, maximum: 1e9)
    }

    static func check(_ ranges: [NutrientRange], _ pointer: String) throws(TaskFailure) {
        try Check.count(ranges.count, pointer, in: 0...60)
        try Check.unique(ranges.map(\.nutrient), pointer)
        for (index, range) in ranges.enumerated() {
            let place = "\(pointer)/\(index)"
            if let minimum = range.minimum { try Check.number(minimum, "\(place)/minimum", in: 0...1e9) }
            if let maximum = range.maximum { try Check.number(maximum, "\(place)/maximum", in: 0...1e9) }
            guard range.minimum != nil || range.maximum != nil else {
                throw .invalid("\(place): \(range.nutrient) has neither minimum nor maximum")
            }
            if let minimum = range.minimum, let maximum = range.maximum, minimum > maximum {
                throw .invalid("\(place): the minimum of \(range.nutrient) is over its maximum")
            }
        }
    }

    /// Refuses foods that leave out a nutrient which is asked for: unknown is not zero.
    static func checkKnown(
        _ ranges: [NutrientRange], _ nutrients: [String: Double], _ pointer: String
    ) throws(TaskFailure) {
        for (name, value) in nutrients.sorted(by: { $0.key < $1.key }) {
            try Check.number(value, "\(pointer)/nutrients/\(name)", in: 0...1e9)
        }
        for range in ranges where nutrients[range.nutrient] == nil {
            throw .invalid(
                "\(pointer)/nutrients has no \(range.nutrient); write 0 if there is none, unknown is not zero")
        }
    }
}
