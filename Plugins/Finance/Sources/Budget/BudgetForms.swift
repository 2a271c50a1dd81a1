package import PluginKit

/// Whether more is better.
package enum BudgetKind: String, Codable, Sendable, CaseIterable {
    case income
    case expense
}

/// A product, or an account with quantity 1.
package struct BudgetLine: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var kind: BudgetKind
    package var budgetQuantity: Int
    package var budgetPriceMinor: Int
    package var actualQuantity: Int
    package var actualPriceMinor: Int

    enum CodingKeys: String, CodingKey {
        case name, kind
        case budgetQuantity = "budget_quantity"
        case budgetPriceMinor = "budget_price_minor"
        case actualQuantity = "actual_quantity"
        case actualPriceMinor = "actual_price_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 100)
        schema.property("kind", "income or expense.")
        schema.property("budget_quantity", "Units planned.", minimum: 0, maximum: 1e12)
        schema.property("budget_price_minor", "Of one unit, planned.", minimum: 0, maximum: 1e12)
        schema.property("actual_quantity", "Units sold or used.", minimum: 0, maximum: 1e12)
        schema.property("actual_price_minor", "Of one unit, as it was.", minimum: 0, maximum: 1e12)
    }
}

/// A budget and what came of it.
package struct BudgetInput: Codable, Sendable, SchemaDescribing {
    package var currency: String
    package var lines: [BudgetLine]
    package var alertShare: Double?
    package var alertMinor: Int?

    enum CodingKeys: String, CodingKey {
        case currency, lines
        case alertShare = "alert_share"
        case alertMinor = "alert_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("currency", "ISO 4217.", pattern: "^[A-Z]{3}$")
        schema.property("lines", "Products or accounts.", minItems: 1, maxItems: 10000)
        schema.property(
            "alert_share",
            "Flags a line whose variance is at least this share of its budget; 0.1 if absent.",
            minimum: 0, maximum: 100)
        schema.property("alert_minor", "And at least this much; 0 if absent.", minimum: 0, maximum: 1e15)
    }
}

/// Positive is favourable: more income, less expense.
package struct BudgetVariance: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var budgetMinor: Int
    package var actualMinor: Int
    package var varianceMinor: Int
    package var priceMinor: Int
    package var volumeMinor: Int
    package var mixMinor: Int
    package var quantityMinor: Int
    package var share: Double?
    package var flagged: Bool

    enum CodingKeys: String, CodingKey {
        case name, share, flagged
        case budgetMinor = "budget_minor"
        case actualMinor = "actual_minor"
        case varianceMinor = "variance_minor"
        case priceMinor = "price_minor"
        case volumeMinor = "volume_minor"
        case mixMinor = "mix_minor"
        case quantityMinor = "quantity_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Of the line, or total.")
        schema.property("budget_minor", "Planned.")
        schema.property("actual_minor", "As it was.")
        schema.property("variance_minor", "price + mix + quantity.")
        schema.property("price_minor", "From the price: (actual − planned price) × actual quantity.")
        schema.property("volume_minor", "From the quantity: mix + quantity.")
        schema.property("mix_minor", "From another share of the whole quantity.")
        schema.property("quantity_minor", "From another whole quantity at the planned shares.")
        schema.property("share", "Variance over budget; absent if nothing was planned.")
        schema.property("flagged", "Past both thresholds.")
    }
}

/// Variances that add up to the cent.
package struct BudgetOutput: Codable, Sendable, SchemaDescribing {
    package var lines: [BudgetVariance]
    package var income: BudgetVariance
    package var expense: BudgetVariance
    package var resultVarianceMinor: Int
    package var budgetResultMinor: Int
    package var actualResultMinor: Int
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case lines, income, expense, evidence
        case resultVarianceMinor = "result_variance_minor"
        case budgetResultMinor = "budget_result_minor"
        case actualResultMinor = "actual_result_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("lines", "In the order of the input.")
        schema.property("income", "All income.")
        schema.property("expense", "All expenses.")
        schema.property("result_variance_minor", "Of income less expense.")
        schema.property("budget_result_minor", "Planned income less expense.")
        schema.property("actual_result_minor", "Income less expense.")
        schema.property("evidence", "What the figures rest on.")
    }
}
