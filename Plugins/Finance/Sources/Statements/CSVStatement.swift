import PluginKit

/// A bank's CSV by a map of its columns: the first row names them.
enum CSVStatement {
    static func read(_ input: StatementInput) throws(TaskFailure) -> [BankStatement] {
        guard let columns = input.columns else { throw .invalid("/columns: csv needs them") }
        guard let currency = input.currency else { throw .invalid("/currency: csv needs it") }
        let delimiter = columns.delimiter ?? ","
        guard delimiter.utf8.count == 1, let byte = delimiter.utf8.first, byte != 0x22, byte != 0x0A, byte != 0x0D
        else { throw .invalid("/columns/delimiter: must be one ASCII character, not a quote or a line end") }
        var reader = CSVReader(input.text, delimiter: byte)
        guard let header = try reader.next() else { throw .invalid("line 1: the file is empty") }
        let places = try Places(columns, header)
        let amounts = DecimalText(currency: currency, mark: columns.decimal ?? .point)
        var statement = StatementBuilder(account: input.account ?? "", currency: currency)
        while let record = try reader.next() {
            guard record.fields.count == header.fields.count else {
                throw .invalid(
                    "line \(record.line): \(record.fields.count) fields, the first row has \(header.fields.count)")
            }
            try statement.add(try transaction(record, places, amounts, columns.dates ?? .iso))
        }
        return [try statement.finish()]
    }

    private static func transaction(
        _ record: CSVReader.Record, _ places: Places, _ amounts: DecimalText, _ dates: DateOrder
    ) throws(TaskFailure) -> BankTransaction {
        let text = XMLReader.trimmed(record.fields[places.date])
        guard let date = dates.date(text) else {
            throw .invalid("line \(record.line): \(text) is not a day written \(dates.rawValue)")
        }
        return BankTransaction(
            date: date.text, amountMinor: try amount(record, places, amounts),
            description: places.description.map { record.fields[$0] } ?? "",
            counterparty: places.counterparty.map { record.fields[$0] },
            reference: places.reference.map { record.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 },
            reversal: nil, line: record.line)
    }

    private static func amount(
        _ record: CSVReader.Record, _ places: Places, _ amounts: DecimalText
    ) throws(TaskFailure) -> Int {
        func value(_ place: Int) throws(TaskFailure) -> Int {
            let text = XMLReader.trimmed(record.fields[place])
            guard let value = amounts.minorUnits(text) else {
                throw .invalid("line \(record.line): \(text) is no amount of \(amounts.currency)")
            }
            return value
        }
        if let place = places.amount { return try value(place) }
        let debit = places.debit.flatMap { XMLReader.trimmed(record.fields[$0]).isEmpty ? nil : $0 }
        let credit = places.credit.flatMap { XMLReader.trimmed(record.fields[$0]).isEmpty ? nil : $0 }
        let amount: Int
        switch (debit, credit) {
        case (let place?, nil): amount = -(try value(place))
        case (nil, let place?): amount = try value(place)
        default: throw .invalid("line \(record.line): must have a debit or a credit, one of them")
        }
        guard (debit != nil) == (amount < 0) || amount == 0 else {
            throw .invalid("line \(record.line): a debit or credit is written without a sign")
        }
        return amount
    }

    /// Which field is what.
    private struct Places {
        let date: Int
        let amount, debit, credit, description, counterparty, reference: Int?

        init(_ columns: ColumnMap, _ header: CSVReader.Record) throws(TaskFailure) {
            let names = header.fields.map(XMLReader.trimmed)
            func place(_ name: String?) throws(TaskFailure) -> Int? {
                guard let name else { return nil }
                let places = names.indices.filter { names[$0] == name }
                guard places.count == 1 else {
                    throw .invalid(
                        "line \(header.line): the column \(name) occurs \(places.count) times; there are"
                            + " \(names.joined(separator: ", "))")
                }
                return places[0]
            }
            date = try place(columns.date) ?? 0
            amount = try place(columns.amount)
            debit = try place(columns.debit)
            credit = try place(columns.credit)
            description = try place(columns.description)
            counterparty = try place(columns.counterparty)
            reference = try place(columns.reference)
            guard (amount != nil) != (debit != nil && credit != nil), (debit != nil) == (credit != nil) else {
                throw .invalid("/columns: name amount, or debit and credit")
            }
        }
    }
}
