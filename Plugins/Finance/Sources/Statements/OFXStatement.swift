import PluginKit

/// Bank and credit card statements of OFX 1.0.2 to 2.3.
enum OFXStatement {
    static func read(_ input: StatementInput) throws(TaskFailure) -> [BankStatement] {
        let root = try OFXReader.read(input.text)
        let kinds = [
            ("BANKMSGSRSV1", "STMTTRNRS", "STMTRS", "BANKACCTFROM"),
            ("CREDITCARDMSGSRSV1", "CCSTMTTRNRS", "CCSTMTRS", "CCACCTFROM"),
        ]
        var statements: [BankStatement] = []
        for (messages, transaction, response, account) in kinds {
            for element in root.all(messages).flatMap({ $0.all(transaction) }).flatMap({ $0.all(response) }) {
                statements.append(try statement(element, account, input))
            }
        }
        guard !statements.isEmpty else { throw .invalid("line \(root.line): OFX has no STMTRS and no CCSTMTRS") }
        return statements
    }

    private static func need(_ element: XMLElement, _ name: String) throws(TaskFailure) -> XMLElement {
        guard let child = element.first(name) else {
            throw .invalid("line \(element.line): \(element.name) has no \(name)")
        }
        return child
    }

    private static func statement(
        _ element: XMLElement, _ accountName: String, _ input: StatementInput
    ) throws(TaskFailure) -> BankStatement {
        let currency = try need(element, "CURDEF").trimmedText
        if let wanted = input.currency, wanted != currency {
            throw .invalid("line \(element.line): \(element.name) is in \(currency), not in \(wanted)")
        }
        let account = try need(try need(element, accountName), "ACCTID").trimmedText
        var builder = StatementBuilder(account: account, currency: currency)
        for list in element.all("BANKTRANLIST") {
            for transaction in list.all("STMTTRN") { try builder.add(try read(transaction, currency)) }
        }
        if let balance = element.first("LEDGERBAL") {
            builder.closing = try amount(try need(balance, "BALAMT"), currency)
        }
        return try builder.finish()
    }

    /// A point or a comma stands before the fraction; thousands are not grouped.
    private static func amount(_ element: XMLElement, _ currency: String) throws(TaskFailure) -> Int {
        let text = element.trimmedText
        let mark: DecimalMark = text.contains(",") ? .comma : .point
        let marks = text.count { $0 == "," || $0 == "." }
        guard marks <= 1, let value = DecimalText(currency: currency, mark: mark).minorUnits(text) else {
            throw .invalid("line \(element.line): \(element.name): \(text) is no amount of \(currency)")
        }
        return value
    }

    private static func read(_ element: XMLElement, _ currency: String) throws(TaskFailure) -> BankTransaction {
        if let own = element.first("CURRENCY")?.first("CURSYM"), own.trimmedText != currency {
            throw .invalid("line \(own.line): CURSYM: a booking in \(own.trimmedText) in an account of \(currency)")
        }
        let posted = try need(element, "DTPOSTED"), digits = Array(posted.trimmedText.utf8.prefix(8))
        let text = String(decoding: digits, as: UTF8.self)
        guard digits.count == 8, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let date = CivilDate("\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))")
        else { throw .invalid("line \(posted.line): DTPOSTED: \(posted.trimmedText) does not begin with YYYYMMDD") }
        let payee = element.first("NAME") ?? element.descendant("PAYEE", "NAME")
        return BankTransaction(
            date: date.text, amountMinor: try amount(try need(element, "TRNAMT"), currency),
            description: element.first("MEMO")?.trimmedText ?? "", counterparty: payee?.trimmedText,
            reference: try need(element, "FITID").trimmedText, reversal: nil, line: element.line)
    }
}
