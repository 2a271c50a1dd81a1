package import PluginKit

/// Closes a month: bookings of the bank against entries of the books, categories against their budgets, bills against
/// bookings, and a report.
package enum MonthlyClose {
    package static func run(_ input: CloseInput, _ context: TaskContext) async throws -> CloseOutput {
        context.progress(0.1, "reading the statement")
        let statement = try await context.step("import", dependsOn: input.statement) {
            try only(StatementImport.read(input.statement).statements)
        }
        context.progress(0.5, "\(statement.transactions.count) bookings, \(input.ledger.count) entries")
        let output = try await context.step("reconcile", dependsOn: input) { try reconcile(input, statement) }
        try await context.artifact(
            output.report, text: CloseReport.text(output, currency: statement.currency), mediaType: "text/markdown")
        context.progress(1, output.clean ? "closed" : "\(output.findings.count) findings")
        return output
    }

    private static func only(_ statements: [BankStatement]) throws(TaskFailure) -> BankStatement {
        guard statements.count == 1 else {
            throw .invalid("/statement: has \(statements.count) accounts; close one at a time")
        }
        return statements[0]
    }

    package static func reconcile(
        _ input: CloseInput, _ statement: BankStatement
    ) throws(TaskFailure) -> CloseOutput {
        let month = try Month(input.month)
        try check(input, month)
        var bookings: [BankTransaction] = [], outside: [BankTransaction] = []
        for transaction in statement.transactions {
            if transaction.date.hasPrefix(input.month) {
                bookings.append(transaction)
            } else {
                outside.append(transaction)
            }
        }
        let matching = try Matching(bookings, input.ledger, tolerance: input.dateToleranceDays ?? 3)
        let bills = try bills(input, month, bookings)
        var output = CloseOutput(
            month: input.month, clean: false, matches: matching.matches, unmatchedBank: matching.openBookings,
            unmatchedLedger: matching.openEntries, outsideMonth: outside, categories: try categories(input),
            bills: bills, bankSumMinor: try sum(bookings.map(\.amountMinor)),
            ledgerSumMinor: try sum(input.ledger.map(\.amountMinor)), differenceMinor: 0,
            statementDifferenceMinor: statement.differenceMinor, findings: [], report: "close-\(input.month).md",
            evidence: evidence(input, statement))
        output.differenceMinor = try Amount.sum(output.bankSumMinor, -output.ledgerSumMinor)
        output.findings = findings(output, statement)
        output.clean = output.findings.isEmpty
        return output
    }

    private static func check(_ input: CloseInput, _ month: Month) throws(TaskFailure) {
        var identifiers: Set<String> = []
        for (index, entry) in input.ledger.enumerated() {
            guard identifiers.insert(entry.id).inserted else {
                throw .invalid("/ledger/\(index)/id: \(entry.id) occurs twice")
            }
            let date = try CivilDate.parse(entry.date, at: "/ledger/\(index)/date")
            guard month.first <= date, date <= month.last else {
                throw .invalid("/ledger/\(index)/date: \(entry.date) lies outside \(input.month)")
            }
        }
        let categories = (input.budget ?? []).map(\.category)
        guard Set(categories).count == categories.count else {
            throw .invalid("/budget: a category occurs twice")
        }
        guard (0...31).contains(input.dateToleranceDays ?? 3) else {
            throw .invalid("/date_tolerance_days: must be 0 to 31")
        }
    }

    private static func sum(_ amounts: [Int]) throws(TaskFailure) -> Int {
        var sum = 0
        for amount in amounts { sum = try Amount.sum(sum, amount) }
        return sum
    }

    private static func categories(_ input: CloseInput) throws(TaskFailure) -> [CloseCategory] {
        var actual: [String: Int] = [:], budget: [String: Int] = [:]
        for entry in input.ledger {
            actual[entry.category] = try Amount.sum(actual[entry.category] ?? 0, entry.amountMinor)
        }
        for line in input.budget ?? [] { budget[line.category] = line.amountMinor }
        var rows: [CloseCategory] = []
        for category in Set(actual.keys).union(budget.keys).sorted() {
            let sum = actual[category] ?? 0
            rows.append(
                CloseCategory(
                    category: category, actualMinor: sum, budgetMinor: budget[category],
                    varianceMinor: try budget[category].map { planned throws(TaskFailure) in
                        try Amount.sum(sum, -planned)
                    }))
        }
        return rows
    }

    /// A bill is paid by a booking of its amount within a week of its day.
    private static func bills(
        _ input: CloseInput, _ month: Month, _ bookings: [BankTransaction]
    ) throws(TaskFailure) -> [CloseBill] {
        let dues = try BillsCalendar.dues(
            input.bills ?? [], from: month.first, to: month.last, rule: try BusinessDays(rule: .none, holidays: []))
        var open: [Int: [(day: Int, line: Int)]] = [:]
        for booking in bookings {
            let day = try CivilDate.parse(booking.date, at: "/statement").dayNumber
            open[booking.amountMinor, default: []].append((day, booking.line))
        }
        return dues.map { due in
            let amount = -due.bill.amountMinor
            let place = open[amount]?.firstIndex { abs($0.day - due.date.dayNumber) <= 7 }
            return CloseBill(
                name: due.bill.name, due: due.date.text, amountMinor: due.bill.amountMinor,
                line: place.flatMap { open[amount]?.remove(at: $0).line })
        }
    }

    private static func findings(_ output: CloseOutput, _ statement: BankStatement) -> [String] {
        var findings: [String] = []
        func add(_ count: Int, _ text: String) { if count > 0 { findings.append("\(count) \(text)") } }
        add(output.unmatchedBank.count, "bookings of the bank are not in the books")
        add(output.unmatchedLedger.count, "entries of the books are not at the bank")
        add(output.outsideMonth.count, "bookings lie outside the month and were not used")
        add(statement.pending, "entries of the statement are not booked yet")
        add(output.bills.count { $0.line == nil }, "bills have no payment")
        if let difference = output.statementDifferenceMinor, difference != 0 {
            findings.append("the statement does not add up: \(difference) minor units are missing")
        }
        return findings
    }

    private static func evidence(_ input: CloseInput, _ statement: BankStatement) -> Evidence {
        Evidence(
            method: "bank reconciliation: by reference, then by amount and nearest day",
            source: "Horngren and Harrison, Accounting, chapter on cash: bank reconciliation",
            inputs: [
                "\(statement.transactions.count) bookings of account \(statement.account)",
                "\(input.ledger.count) entries", "\(input.budget?.count ?? 0) budgets",
                "\(input.bills?.count ?? 0) bills",
            ],
            assumptions: [
                "Without a reference, equal amounts within \(input.dateToleranceDays ?? 3) days are the same payment.",
                "A bill is paid by a booking of its amount within 7 days.",
            ],
            uncertainty: "Sums are exact. Of several equal amounts near one day the pairs may be swapped; open items"
                + " and sums stay the same.")
    }
}

/// First and last day.
struct Month {
    let first: CivilDate
    let last: CivilDate

    init(_ text: String) throws(TaskFailure) {
        guard let first = CivilDate("\(text)-01"), let next = first.adding(months: 1) else {
            throw .invalid("/month: \(text) is not a month written YYYY-MM")
        }
        self.first = first
        last = next.adding(days: -1)
    }
}
