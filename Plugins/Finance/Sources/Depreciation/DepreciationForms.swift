package import PluginKit

/// The spreadsheet's functions, by their names.
package enum DepreciationMethod: String, Codable, Sendable, CaseIterable {
    case straightLine = "SLN"
    case yearsDigits = "SYD"
    case fixedDeclining = "DB"
    case doubleDeclining = "DDB"
    case variableDeclining = "VDB"
}

/// One asset.
package struct DepreciationInput: Codable, Sendable, SchemaDescribing {
    package var method: DepreciationMethod
    package var costMinor: Int
    package var salvageMinor: Int
    package var life: Int
    package var monthsInFirstYear: Int?
    package var factor: Double?
    package var noSwitch: Bool?
    package var start: Double?
    package var end: Double?

    enum CodingKeys: String, CodingKey {
        case method, life, factor, start, end
        case costMinor = "cost_minor"
        case salvageMinor = "salvage_minor"
        case monthsInFirstYear = "months_in_first_year"
        case noSwitch = "no_switch"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("method", "The spreadsheet function.")
        schema.property("cost_minor", "Paid for the asset.", minimum: 0, maximum: 1e15)
        schema.property("salvage_minor", "Worth at the end.", minimum: 0, maximum: 1e15)
        schema.property("life", "In periods.", minimum: 1, maximum: 10000)
        schema.property("months_in_first_year", "Of DB; 12 if absent.", minimum: 1, maximum: 12)
        schema.property("factor", "Of DDB and VDB; 2 if absent.", minimum: 0.01, maximum: 100)
        schema.property("no_switch", "Of VDB: never go over to the straight line.")
        schema.property("start", "Of VDB: the amount between start and end, in periods.", minimum: 0, maximum: 10000)
        schema.property("end", "Of VDB.", minimum: 0, maximum: 10000)
    }
}

/// One period.
package struct DepreciationRow: Codable, Sendable, SchemaDescribing {
    package var period: Int
    package var exactMinor: Double
    package var depreciationMinor: Int
    package var bookValueMinor: Int

    enum CodingKeys: String, CodingKey {
        case period
        case exactMinor = "exact_minor"
        case depreciationMinor = "depreciation_minor"
        case bookValueMinor = "book_value_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("period", "From 1.")
        schema.property("exact_minor", "The function's value.")
        schema.property("depreciation_minor", "Rounded so that the sum is rounded once.")
        schema.property("book_value_minor", "After the period.")
    }
}

/// The schedule of an asset.
package struct DepreciationOutput: Codable, Sendable, SchemaDescribing {
    package var rows: [DepreciationRow]
    package var betweenMinor: Double?
    package var totalMinor: Int
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case rows, evidence
        case betweenMinor = "between_minor"
        case totalMinor = "total_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("rows", "All periods.")
        schema.property("between_minor", "Of VDB, between start and end.")
        schema.property("total_minor", "Of all periods.")
        schema.property("evidence", "What the figures rest on.")
    }
}
