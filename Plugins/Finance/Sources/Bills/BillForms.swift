package import PluginKit

/// How often a bill comes.
package enum BillInterval: String, Codable, Sendable, CaseIterable {
    case once
    case weekly
    case fortnightly
    case monthly
    case quarterly
    case halfYearly = "half_yearly"
    case yearly
}

/// Where a due day goes that is no business day.
package enum BusinessDayRule: String, Codable, Sendable, CaseIterable {
    case none
    case following
    case modifiedFollowing = "modified_following"
    case preceding
}

/// Money that is due again and again; an income is negative.
package struct RecurringBill: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var amountMinor: Int
    package var firstDue: String
    package var every: BillInterval
    package var lastDue: String?

    enum CodingKeys: String, CodingKey {
        case name, every
        case amountMinor = "amount_minor"
        case firstDue = "first_due"
        case lastDue = "last_due"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Unique in the list.", minLength: 1, maxLength: 100)
        schema.property("amount_minor", "To pay; negative is received.", minimum: -1e15, maximum: 1e15)
        schema.property(
            "first_due",
            "The anchor: the 31st is the last day of shorter months.",
            pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("every", "once, weekly, monthly, ...")
        schema.property("last_due", "None after this day.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    }
}

/// Bills and the days to look at.
package struct BillsInput: Codable, Sendable, SchemaDescribing {
    package var bills: [RecurringBill]
    package var start: String
    package var end: String
    package var openingMinor: Int?
    package var rule: BusinessDayRule?
    package var holidays: [String]?

    enum CodingKeys: String, CodingKey {
        case bills, start, end, rule, holidays
        case openingMinor = "opening_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("bills", "Bills and incomes.", minItems: 1, maxItems: 1000)
        schema.property("start", "First day.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("end", "Last day, at most ten years on.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("opening_minor", "Money at hand at the start; 0 if absent.", minimum: -1e15, maximum: 1e15)
        schema.property("rule", "none if absent.")
        schema.property(
            "holidays",
            "No business days, beside Saturday and Sunday.",
            maxItems: 1000, pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    }
}

/// One bill on one day.
package struct BillDue: Codable, Sendable, SchemaDescribing {
    package var date: String
    package var unadjustedDate: String
    package var name: String
    package var amountMinor: Int
    package var balanceMinor: Int

    enum CodingKeys: String, CodingKey {
        case date, name
        case unadjustedDate = "unadjusted_date"
        case amountMinor = "amount_minor"
        case balanceMinor = "balance_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "When to pay.")
        schema.property("unadjusted_date", "Before the rule for business days.")
        schema.property("name", "Of the bill.")
        schema.property("amount_minor", "To pay; negative is received.")
        schema.property("balance_minor", "Money at hand after it; on one day incomes come first.")
    }
}

/// What a month asks for.
package struct BillMonth: Codable, Sendable, SchemaDescribing {
    package var month: String
    package var paidMinor: Int
    package var receivedMinor: Int

    enum CodingKeys: String, CodingKey {
        case month
        case paidMinor = "paid_minor"
        case receivedMinor = "received_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("month", "YYYY-MM.")
        schema.property("paid_minor", "All that is paid.")
        schema.property("received_minor", "All that is received.")
    }
}

/// The calendar.
package struct BillsOutput: Codable, Sendable, SchemaDescribing {
    package var dues: [BillDue]
    package var months: [BillMonth]
    package var closingMinor: Int
    package var lowestMinor: Int
    package var lowestDate: String
    package var firstShortfall: String?
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case dues, months, evidence
        case closingMinor = "closing_minor"
        case lowestMinor = "lowest_minor"
        case lowestDate = "lowest_date"
        case firstShortfall = "first_shortfall"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("dues", "By day.")
        schema.property("months", "By month.")
        schema.property("closing_minor", "Money at hand at the end.")
        schema.property("lowest_minor", "The lowest balance, the opening one included.")
        schema.property("lowest_date", "When it is reached first.")
        schema.property("first_shortfall", "The first day below zero.")
        schema.property("evidence", "What the calendar rests on.")
    }
}
