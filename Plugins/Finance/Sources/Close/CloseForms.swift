package import PluginKit

/// What the books say was paid or received.
package struct LedgerEntry: Codable, Sendable, SchemaDescribing {
    package var id: String
    package var date: String
    package var amountMinor: Int
    package var category: String
    package var reference: String?

    enum CodingKeys: String, CodingKey {
        case id, date, category, reference
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique in the list.", minLength: 1, maxLength: 100)
        schema.property("date", "Of the entry.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("amount_minor", "Signed as at the bank.", minimum: -1e15, maximum: 1e15)
        schema.property("category", "The account of the books.", minLength: 1, maxLength: 100)
        schema.property("reference", "The bank's, if known.", maxLength: 200)
    }
}

/// What a month may cost or bring.
package struct CategoryBudget: Codable, Sendable, SchemaDescribing {
    package var category: String
    package var amountMinor: Int

    enum CodingKeys: String, CodingKey {
        case category
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("category", "Of the ledger.", minLength: 1, maxLength: 100)
        schema.property("amount_minor", "Signed as at the bank: expenses are negative.", minimum: -1e15, maximum: 1e15)
    }
}

/// One month of one account.
package struct CloseInput: Codable, Sendable, SchemaDescribing {
    package var month: String
    package var statement: StatementInput
    package var ledger: [LedgerEntry]
    package var budget: [CategoryBudget]?
    package var bills: [RecurringBill]?
    package var dateToleranceDays: Int?

    enum CodingKeys: String, CodingKey {
        case month, statement, ledger, budget, bills
        case dateToleranceDays = "date_tolerance_days"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("month", "YYYY-MM.", pattern: "^[0-9]{4}-[0-9]{2}$")
        schema.property("statement", "Of the bank.")
        schema.property("ledger", "Of the books, this month.", maxItems: 100000)
        schema.property("budget", "By category.", maxItems: 1000)
        schema.property("bills", "Expected; an income is negative.", maxItems: 1000)
        schema.property("date_tolerance_days", "Between bank and books; 3 if absent.", minimum: 0, maximum: 31)
    }
}

/// A booking and the entry that explains it.
package struct CloseMatch: Codable, Sendable, SchemaDescribing {
    package var ledgerId: String
    package var line: Int
    package var amountMinor: Int
    package var rule: String
    package var daysApart: Int

    enum CodingKeys: String, CodingKey {
        case line, rule
        case ledgerId = "ledger_id"
        case amountMinor = "amount_minor"
        case daysApart = "days_apart"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("ledger_id", "Of the entry.")
        schema.property("line", "Of the booking in the file.")
        schema.property("amount_minor", "Of both.")
        schema.property("rule", "reference, or amount and date.")
        schema.property("days_apart", "Between both.")
    }
}

/// A category against its budget.
package struct CloseCategory: Codable, Sendable, SchemaDescribing {
    package var category: String
    package var actualMinor: Int
    package var budgetMinor: Int?
    package var varianceMinor: Int?

    enum CodingKeys: String, CodingKey {
        case category
        case actualMinor = "actual_minor"
        case budgetMinor = "budget_minor"
        case varianceMinor = "variance_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("category", "Of the ledger.")
        schema.property("actual_minor", "Sum of the ledger.")
        schema.property("budget_minor", "If there is one.")
        schema.property("variance_minor", "Positive is favourable.")
    }
}

/// A bill that was due.
package struct CloseBill: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var due: String
    package var amountMinor: Int
    package var line: Int?

    enum CodingKeys: String, CodingKey {
        case name, due, line
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Of the bill.")
        schema.property("due", "Day.")
        schema.property("amount_minor", "To pay; negative is received.")
        schema.property("line", "Of the booking that pays it; absent if none does.")
    }
}

/// What is reconciled and what is open.
package struct CloseOutput: Codable, Sendable, SchemaDescribing {
    package var month: String
    package var clean: Bool
    package var matches: [CloseMatch]
    package var unmatchedBank: [BankTransaction]
    package var unmatchedLedger: [LedgerEntry]
    package var outsideMonth: [BankTransaction]
    package var categories: [CloseCategory]
    package var bills: [CloseBill]
    package var bankSumMinor: Int
    package var ledgerSumMinor: Int
    package var differenceMinor: Int
    package var statementDifferenceMinor: Int?
    package var findings: [String]
    package var report: String
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case month, clean, matches, categories, bills, findings, report, evidence
        case unmatchedBank = "unmatched_bank"
        case unmatchedLedger = "unmatched_ledger"
        case outsideMonth = "outside_month"
        case bankSumMinor = "bank_sum_minor"
        case ledgerSumMinor = "ledger_sum_minor"
        case differenceMinor = "difference_minor"
        case statementDifferenceMinor = "statement_difference_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("month", "YYYY-MM.")
        schema.property("clean", "Nothing is open and the statement adds up.")
        schema.property("matches", "Pairs.")
        schema.property("unmatched_bank", "Not in the books.")
        schema.property("unmatched_ledger", "Not at the bank.")
        schema.property("outside_month", "Of another month; not used.")
        schema.property("categories", "By name.")
        schema.property("bills", "Due in the month.")
        schema.property("bank_sum_minor", "Bookings of the month.")
        schema.property("ledger_sum_minor", "Entries of the month.")
        schema.property("difference_minor", "Bank less books; the open items add up to it.")
        schema.property(
            "statement_difference_minor", "Closing less opening less bookings, if the bank says its balances.")
        schema.property("findings", "What stands in the way.")
        schema.property("report", "Name of the Markdown report among the run's artifacts.")
        schema.property("evidence", "What the close rests on.")
    }
}
