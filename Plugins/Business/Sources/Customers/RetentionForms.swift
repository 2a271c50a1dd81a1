package import PluginKit

package struct RetentionInput: Codable, Sendable, SchemaDescribing {
    package var survivors: [Double]
    package var horizon: Int?
    package var marginMinor: Int?
    package var discountRate: Double?

    enum CodingKeys: String, CodingKey {
        case survivors, horizon
        case marginMinor = "margin_minor"
        case discountRate = "discount_rate"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "survivors", "Customers of one cohort at the start and after each period.", minimum: 0, maximum: 1e12,
            minItems: 3, maxItems: 1_000)
        schema.property("horizon", "Periods to project; 24 if absent.", minimum: 1, maximum: 10_000)
        schema.property("margin_minor", "Contribution of a customer and period.", minimum: -1e12, maximum: 1e12)
        schema.property("discount_rate", "For one period; 0.01 if absent.", minimum: 0.000001, maximum: 10)
    }
}

package struct RetentionRow: Codable, Sendable, SchemaDescribing {
    package var period: Int
    package var survival: Double
    package var retention: Double
    package var observed: Double?
    package var residualLifetime: Double

    enum CodingKeys: String, CodingKey {
        case period, survival, retention, observed
        case residualLifetime = "residual_lifetime"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("period", "From 1.")
        schema.property("survival", "Share of the cohort that is still there, by the model.")
        schema.property("retention", "Share of those of the period before, by the model.")
        schema.property("observed", "Share that was seen; absent in the projection.")
        schema.property("residual_lifetime", "Discounted periods that a customer of this age still brings.")
    }
}

package struct RetentionOutput: Codable, Sendable, SchemaDescribing {
    package var alpha: Double
    package var beta: Double
    package var logLikelihood: Double
    package var standardErrors: [Double]?
    package var meanChurn: Double
    package var discountedLifetime: Double
    package var lifetimeValueMinor: Int?
    package var rows: [RetentionRow]
    package var largestError: Double
    package var warnings: [String]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case alpha, beta, rows, warnings, evidence
        case logLikelihood = "log_likelihood"
        case standardErrors = "standard_errors"
        case meanChurn = "mean_churn"
        case discountedLifetime = "discounted_lifetime"
        case lifetimeValueMinor = "lifetime_value_minor"
        case largestError = "largest_error"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("alpha", "First parameter of the beta distribution of churn.")
        schema.property("beta", "Second parameter.")
        schema.property("log_likelihood", "At the maximum.")
        schema.property("standard_errors", "Of ln alpha and ln beta; absent where the data do not fix them.")
        schema.property("mean_churn", "alpha / (alpha + beta): of a new customer's first period.")
        schema.property("discounted_lifetime", "Discounted periods that a new customer brings, the first one at once.")
        schema.property("lifetime_value_minor", "That, times the margin.")
        schema.property("rows", "Observed and projected periods.")
        schema.property("largest_error", "Between observed and modelled survival.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}

package struct PurchaseHistory: Codable, Sendable, SchemaDescribing {
    package var customer: String?
    package var frequency: Int
    package var recency: Double
    package var age: Double

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("customer", "For the answer.", maxLength: 200)
        schema.property("frequency", "Repeat purchases: the first one does not count.", minimum: 0, maximum: 100_000)
        schema.property(
            "recency", "Time of the last purchase since the first one; 0 without a repeat.", minimum: 0, maximum: 1e6)
        schema.property("age", "Time from the first purchase to the end of the data.", minimum: 0, maximum: 1e6)
    }
}

package struct LifetimeValueInput: Codable, Sendable, SchemaDescribing {
    package var customers: [PurchaseHistory]?
    package var rows: [[Double]]?
    package var horizon: Double?
    package var marginMinor: Int?
    package var show: Int?

    enum CodingKeys: String, CodingKey {
        case customers, rows, horizon, show
        case marginMinor = "margin_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("customers", "One a customer; or give rows.", minItems: 1, maxItems: 100_000)
        schema.property(
            "rows", "The same in short: frequency, recency, age of one customer a row.", minItems: 1, maxItems: 100_000)
        schema.property(
            "horizon", "Time to look ahead, in the unit of recency and age; 52 if absent.", minimum: 0.000001,
            maximum: 1e6)
        schema.property("margin_minor", "Contribution of a purchase.", minimum: -1e12, maximum: 1e12)
        schema.property(
            "show", "Customers to list, the most valuable first; 20 if absent.", minimum: 0, maximum: 10_000)
    }
}

package struct CustomerForecast: Codable, Sendable, SchemaDescribing {
    package var customer: String
    package var probabilityAlive: Double
    package var expectedPurchases: Double

    enum CodingKeys: String, CodingKey {
        case customer
        case probabilityAlive = "probability_alive"
        case expectedPurchases = "expected_purchases"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("customer", "As given, or the number of the row from 1.")
        schema.property("probability_alive", "That the customer has not gone.")
        schema.property("expected_purchases", "Within the horizon.")
    }
}

package struct LifetimeValueOutput: Codable, Sendable, SchemaDescribing {
    package var r: Double
    package var alpha: Double
    package var a: Double
    package var b: Double
    package var logLikelihood: Double
    package var standardErrors: [Double]?
    package var expectedPurchasesOfNew: Double
    package var expectedPurchases: Double
    package var valueMinor: Int?
    package var customers: [CustomerForecast]
    package var warnings: [String]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case r, alpha, a, b, customers, warnings, evidence
        case logLikelihood = "log_likelihood"
        case standardErrors = "standard_errors"
        case expectedPurchasesOfNew = "expected_purchases_of_new"
        case expectedPurchases = "expected_purchases"
        case valueMinor = "value_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("r", "Shape of the gamma distribution of purchase rates.")
        schema.property("alpha", "Its rate, in units of time.")
        schema.property("a", "First parameter of the beta distribution of dropping out after a purchase.")
        schema.property("b", "Second parameter.")
        schema.property("log_likelihood", "At the maximum.")
        schema.property(
            "standard_errors", "Of the logarithms of r, alpha, a, b; absent where the data do not fix them.")
        schema.property("expected_purchases_of_new", "Repeat purchases of a new customer within the horizon.")
        schema.property("expected_purchases", "Of all given customers within the horizon.")
        schema.property("value_minor", "That, times the margin, not discounted.")
        schema.property("customers", "The most valuable first.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}
