import PluginKit

/// ISO 20022 camt.053, bank to customer statement, any version: booked entries, balances, and what the entries say
/// about whom and what for.
enum CAMTStatement {
    private static let space = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."

    static func read(_ input: StatementInput) throws(TaskFailure) -> [BankStatement] {
        let root = try XMLReader.read(input.text)
        let spaces = root.attributes.filter { $0.key == "xmlns" || $0.key.hasPrefix("xmlns:") }.values
        guard root.name == "Document", spaces.contains(where: { $0.hasPrefix(space) }) else {
            throw .invalid("line \(root.line): the root must be Document in \(space)NN; it is \(root.name)")
        }
        guard let message = root.first("BkToCstmrStmt") else {
            throw .invalid("line \(root.line): Document has no BkToCstmrStmt")
        }
        var statements: [BankStatement] = []
        for element in message.all("Stmt") { statements.append(try statement(element, input)) }
        guard !statements.isEmpty else { throw .invalid("line \(message.line): BkToCstmrStmt has no Stmt") }
        return statements
    }

    private static func statement(
        _ element: XMLElement, _ input: StatementInput
    ) throws(TaskFailure) -> BankStatement {
        let identifier = try need(element, "Acct", "Id")
        if let iban = identifier.first("IBAN"), !IBAN.isValid(iban.trimmedText) {
            throw .invalid("line \(iban.line): IBAN: \(iban.trimmedText) fails its check digits")
        }
        let account = (identifier.first("IBAN") ?? identifier.descendant("Othr", "Id"))?.trimmedText ?? ""
        guard !account.isEmpty else { throw .invalid("line \(identifier.line): Acct/Id has no IBAN and no Othr/Id") }
        let currency = try currency(element)
        if let wanted = input.currency, wanted != currency {
            throw .invalid("line \(element.line): Stmt is in \(currency), not in \(wanted)")
        }
        var builder = StatementBuilder(account: account, currency: currency)
        for balance in element.all("Bal") { try read(balance, into: &builder) }
        for entry in element.all("Ntry") { try add(entry, to: &builder) }
        return try builder.finish()
    }

    private static func currency(_ statement: XMLElement) throws(TaskFailure) -> String {
        let amount = statement.first("Bal")?.first("Amt") ?? statement.first("Ntry")?.first("Amt")
        guard
            let currency = statement.descendant("Acct", "Ccy")?.trimmedText ?? amount?.attributes["Ccy"],
            currency.utf8.count == 3
        else { throw .invalid("line \(statement.line): Stmt names no currency in Acct/Ccy or an Amt") }
        return currency
    }

    private static func need(_ element: XMLElement, _ path: String...) throws(TaskFailure) -> XMLElement {
        var place = element
        for name in path {
            guard let next = place.first(name) else {
                throw .invalid("line \(place.line): \(place.name) has no \(name)")
            }
            place = next
        }
        return place
    }

    /// Amt with CdtDbtInd: debits are negative. RvslInd needs no sign of its own, the indicator is that of the entry.
    private static func amount(_ element: XMLElement, _ currency: String) throws(TaskFailure) -> Int {
        let amount = try need(element, "Amt"), indicator = try need(element, "CdtDbtInd")
        guard amount.attributes["Ccy"] == currency else {
            throw .invalid(
                "line \(amount.line): Amt is in \(amount.attributes["Ccy"] ?? "no currency"), not in \(currency)")
        }
        guard let value = DecimalText(currency: currency, mark: .point).minorUnits(amount.trimmedText), value >= 0,
            !amount.trimmedText.contains(",")
        else { throw .invalid("line \(amount.line): Amt: \(amount.trimmedText) is no amount of \(currency)") }
        switch indicator.trimmedText {
        case "CRDT": return value
        case "DBIT": return -value
        case let text: throw .invalid("line \(indicator.line): CdtDbtInd is \(text), not CRDT or DBIT")
        }
    }

    private static func read(_ balance: XMLElement, into builder: inout StatementBuilder) throws(TaskFailure) {
        let code = try need(balance, "Tp", "CdOrPrtry")
        switch code.first("Cd")?.trimmedText {
        case "OPBD": builder.opening = try amount(balance, builder.currency)
        // Only a statement without an opening balance goes on from the one before.
        case "PRCD" where builder.opening == nil: builder.opening = try amount(balance, builder.currency)
        case "CLBD": builder.closing = try amount(balance, builder.currency)
        default: return
        }
    }

    private static func add(_ entry: XMLElement, to builder: inout StatementBuilder) throws(TaskFailure) {
        let status = try need(entry, "Sts")
        guard (status.first("Cd") ?? status).trimmedText == "BOOK" else {
            builder.pending += 1
            return
        }
        let booked = try need(entry, "BookgDt")
        guard let day = booked.first("Dt") ?? booked.first("DtTm"),
            let date = CivilDate(String(day.trimmedText.prefix(10))),
            day.name == "DtTm" || day.trimmedText.utf8.count == 10
        else { throw .invalid("line \(booked.line): BookgDt has no day in Dt or DtTm") }
        let amount = try amount(entry, builder.currency)
        let details = entry.all("NtryDtls").flatMap { $0.all("TxDtls") }
        let reference = (entry.first("AcctSvcrRef") ?? details.first?.descendant("Refs", "AcctSvcrRef"))?.trimmedText
        let lines = details.flatMap { $0.first("RmtInf")?.all("Ustrd") ?? [] }.map(\.trimmedText)
        let note = entry.first("AddtlNtryInf")?.trimmedText ?? ""
        try builder.add(
            BankTransaction(
                date: date.text, amountMinor: amount,
                description: lines.isEmpty ? note : lines.joined(separator: " "),
                counterparty: details.compactMap { counterparty($0, isDebit: amount < 0) }.first,
                reference: reference.flatMap { $0.isEmpty || $0 == "NOTPROVIDED" ? nil : $0 },
                reversal: entry.first("RvslInd")?.trimmedText == "true" ? true : nil, line: entry.line))
    }

    /// Of money that goes out the creditor, else the debtor; newer versions put the name into Pty.
    private static func counterparty(_ details: XMLElement, isDebit: Bool) -> String? {
        let party = details.descendant("RltdPties", isDebit ? "Cdtr" : "Dbtr")
        return (party?.first("Nm") ?? party?.descendant("Pty", "Nm"))?.trimmedText
    }
}
