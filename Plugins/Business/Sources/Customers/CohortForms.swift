package import PluginKit

package enum CohortPeriod: String, Codable, Sendable, CaseIterable { case day, week, month }

package struct CustomerEvent: Codable, Sendable, SchemaDescribing {
    package var customer: String
    package var date: String
    package var amountMinor: Int?

    enum CodingKeys: String, CodingKey {
        case customer, date
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("customer", "Who.", minLength: 1, maxLength: 200)
        schema.property("date", "When, YYYY-MM-DD.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("amount_minor", "What was paid; 0 if absent.", minimum: -1e12, maximum: 1e12)
    }
}

package struct CohortInput: Codable, Sendable, SchemaDescribing {
    package var events: [CustomerEvent]
    package var period: CohortPeriod?
    package var asOf: String?
    package var confidence: Double?

    enum CodingKeys: String, CodingKey {
        case events, period, confidence
        case asOf = "as_of"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "events", "Purchases, visits, payments. The first event of a customer is his cohort.", minItems: 1,
            maxItems: 1_000_000)
        schema.property("period", "Width of a cohort and of an age; month if absent.")
        schema.property(
            "as_of", "Last day of the data; the last event if absent. A period that had not ended by then is left out.",
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("confidence", "Of Wilson's intervals; 0.95 if absent.", minimum: 0.5, maximum: 0.9999)
    }
}

package struct CohortCell: Codable, Sendable, SchemaDescribing {
    package var age: Int
    package var active: Int
    package var retention: Double
    package var interval: Interval
    package var revenueMinor: Int
    package var cumulativeRevenueMinor: Int

    enum CodingKeys: String, CodingKey {
        case age, active, retention, interval
        case revenueMinor = "revenue_minor"
        case cumulativeRevenueMinor = "cumulative_revenue_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("age", "Periods since the first event; 0 is its own period.")
        schema.property("active", "Customers with an event in the period.")
        schema.property("retention", "Active of the cohort.")
        schema.property("interval", "Wilson's, for the retention.")
        schema.property("revenue_minor", "Of the cohort in the period.")
        schema.property("cumulative_revenue_minor", "Of the cohort up to the period.")
    }
}

package struct Cohort: Codable, Sendable, SchemaDescribing {
    package var cohort: String
    package var customers: Int
    package var cells: [CohortCell]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("cohort", "Its period: YYYY-MM, or the first day.")
        schema.property("customers", "Whose first event fell into it.")
        schema.property("cells", "One for each age that has ended.")
    }
}

package struct CohortAge: Codable, Sendable, SchemaDescribing {
    package var age: Int
    package var cohorts: Int
    package var customers: Int
    package var active: Int
    package var retention: Double
    package var revenuePerCustomer: Double

    enum CodingKeys: String, CodingKey {
        case age, cohorts, customers, active, retention
        case revenuePerCustomer = "revenue_per_customer_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("age", "Periods since the first event.")
        schema.property("cohorts", "Those that have reached this age.")
        schema.property("customers", "In these cohorts.")
        schema.property("active", "Of those customers.")
        schema.property("retention", "Active of those customers: each cohort weighs by its size.")
        schema.property("revenue_per_customer_minor", "In the period, over those customers.")
    }
}

package struct CohortOutput: Codable, Sendable, SchemaDescribing {
    package var cohorts: [Cohort]
    package var ages: [CohortAge]
    package var customers: Int
    package var events: Int
    package var evidence: Evidence

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("cohorts", "The triangle, oldest cohort first.")
        schema.property("ages", "All cohorts together, by age.")
        schema.property("customers", "In cohorts whose first period has ended.")
        schema.property("events", "In periods that have ended.")
        schema.property("evidence", "What the figures rest on.")
    }
}

package struct FunnelEvent: Codable, Sendable, SchemaDescribing {
    package var customer: String
    package var step: String
    package var second: Int

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("customer", "Who.", minLength: 1, maxLength: 200)
        schema.property("step", "What was done.", minLength: 1, maxLength: 100)
        schema.property("second", "When, as seconds from any fixed moment.", minimum: -1e12, maximum: 1e12)
    }
}

package struct EventFunnelInput: Codable, Sendable, SchemaDescribing {
    package var steps: [String]
    package var events: [FunnelEvent]
    package var windowSeconds: Int?
    package var confidence: Double?

    enum CodingKeys: String, CodingKey {
        case steps, events, confidence
        case windowSeconds = "window_seconds"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("steps", "In order.", minLength: 1, maxLength: 100, minItems: 2, maxItems: 20)
        schema.property("events", "In any order; other steps are passed over.", minItems: 1, maxItems: 1_000_000)
        schema.property(
            "window_seconds", "From the first step to the last one; no limit if absent.", minimum: 1, maximum: 1e9)
        schema.property("confidence", "Of Wilson's intervals; 0.95 if absent.", minimum: 0.5, maximum: 0.9999)
    }
}

package struct FunnelStep: Codable, Sendable, SchemaDescribing {
    package var step: String
    package var customers: Int
    package var shareOfFirst: Double
    package var conversion: Double
    package var interval: Interval
    package var lost: Int
    package var medianSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case step, customers, conversion, interval, lost
        case shareOfFirst = "share_of_first"
        case medianSeconds = "median_seconds"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("step", "As given.")
        schema.property("customers", "Who did it after the steps before.")
        schema.property("share_of_first", "Of those who did the first step.")
        schema.property("conversion", "Of those who did the step before.")
        schema.property("interval", "Wilson's, for the conversion.")
        schema.property("lost", "Who did the step before and not this one.")
        schema.property("median_seconds", "From the step before; absent at the first step and where nobody came.")
    }
}

package struct EventFunnelOutput: Codable, Sendable, SchemaDescribing {
    package var steps: [FunnelStep]
    package var conversion: Double
    package var largestLoss: String?
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case steps, conversion, evidence
        case largestLoss = "largest_loss"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("steps", "In order.")
        schema.property("conversion", "From the first step to the last one.")
        schema.property("largest_loss", "The step before which most customers are lost; absent if none is.")
        schema.property("evidence", "What the figures rest on.")
    }
}
