package import PluginKit

/// What a bank sends.
package enum StatementFormat: String, Codable, Sendable, CaseIterable {
    case csv
    case ofx
    case camt053 = "camt.053"
}

/// How a file writes dates.
package enum DateOrder: String, Codable, Sendable, CaseIterable {
    case iso = "YYYY-MM-DD"
    case dotted = "DD.MM.YYYY"
    case slashedDayFirst = "DD/MM/YYYY"
    case slashedMonthFirst = "MM/DD/YYYY"
}

/// Before the fraction; the other one may group thousands.
package enum DecimalMark: String, Codable, Sendable, CaseIterable {
    case point
    case comma
}

/// Names of the columns in the first row of a CSV file.
package struct ColumnMap: Codable, Sendable, SchemaDescribing {
    package var date: String
    package var amount: String?
    package var debit: String?
    package var credit: String?
    package var description: String?
    package var counterparty: String?
    package var reference: String?
    package var delimiter: String?
    package var dates: DateOrder?
    package var decimal: DecimalMark?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "Of the booking.", minLength: 1)
        schema.property("amount", "Signed. Or debit and credit.", minLength: 1)
        schema.property("debit", "Money out, as a positive number.", minLength: 1)
        schema.property("credit", "Money in.", minLength: 1)
        schema.property("description", "What for.", minLength: 1)
        schema.property("counterparty", "Who.", minLength: 1)
        schema.property("reference", "The bank's own.", minLength: 1)
        schema.property("delimiter", "One character; a comma if absent.", minLength: 1, maxLength: 1)
        schema.property("dates", "YYYY-MM-DD if absent.")
        schema.property("decimal", "point if absent.")
    }
}

/// The text of a file.
package struct StatementInput: Codable, Sendable, SchemaDescribing {
    package var format: StatementFormat
    package var text: String
    package var columns: ColumnMap?
    package var currency: String?
    package var account: String?

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("format", "csv, ofx or camt.053.")
        schema.property("text", "The whole file.", minLength: 1, maxLength: 67108864)
        schema.property("columns", "Of csv.")
        schema.property("currency", "Of csv; others name it. If given, the file must agree.", pattern: "^[A-Z]{3}$")
        schema.property("account", "Of csv; others name it.", maxLength: 100)
    }
}

/// A booking; money out is negative.
package struct BankTransaction: Codable, Sendable, SchemaDescribing {
    package var date: String
    package var amountMinor: Int
    package var description: String
    package var counterparty: String?
    package var reference: String?
    package var reversal: Bool?
    package var line: Int

    enum CodingKeys: String, CodingKey {
        case date, description, counterparty, reference, reversal, line
        case amountMinor = "amount_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "Of the booking.")
        schema.property("amount_minor", "Signed.")
        schema.property("description", "What for.")
        schema.property("counterparty", "Who.")
        schema.property("reference", "The bank's own.")
        schema.property("reversal", "True for the return of an earlier booking.")
        schema.property("line", "Where it stands in the file.")
    }
}

/// One account over one time.
package struct BankStatement: Codable, Sendable, SchemaDescribing {
    package var account: String
    package var currency: String
    package var openingMinor: Int?
    package var closingMinor: Int?
    package var transactions: [BankTransaction]
    package var sumMinor: Int
    package var pending: Int
    package var duplicates: Int
    package var differenceMinor: Int?

    enum CodingKeys: String, CodingKey {
        case account, currency, transactions, pending, duplicates
        case openingMinor = "opening_minor"
        case closingMinor = "closing_minor"
        case sumMinor = "sum_minor"
        case differenceMinor = "difference_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("account", "As the bank names it.")
        schema.property("currency", "ISO 4217.")
        schema.property("opening_minor", "If the file says it.")
        schema.property("closing_minor", "If the file says it.")
        schema.property("transactions", "Booked, in the order of the file.")
        schema.property("sum_minor", "Of the transactions.")
        schema.property("pending", "Entries that are not booked, left out.")
        schema.property("duplicates", "Repeated bookings with one reference, left out.")
        schema.property("difference_minor", "Closing less opening less sum: 0 if the statement adds up.")
    }
}

/// What the file says.
package struct StatementOutput: Codable, Sendable, SchemaDescribing {
    package var statements: [BankStatement]
    package var evidence: Evidence

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("statements", "One for each account.")
        schema.property("evidence", "How it was read.")
    }
}
