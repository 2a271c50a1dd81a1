/// The close as Markdown, for a person.
enum CloseReport {
    static func text(_ output: CloseOutput, currency: String) -> String {
        var lines = ["# Close of \(output.month)", ""]
        lines.append(output.clean ? "Clean: nothing is open." : "**Not clean:**")
        lines += output.findings.map { "- \($0)" }
        lines += ["", "| | \(currency) minor units |", "| --- | ---: |"]
        lines.append("| bank | \(grouped(output.bankSumMinor)) |")
        lines.append("| books | \(grouped(output.ledgerSumMinor)) |")
        lines.append("| difference | \(grouped(output.differenceMinor)) |")
        lines += [
            "", "## Categories", "", "| category | actual | budget | variance | |",
            "| --- | ---: | ---: | ---: | --- |",
        ]
        let largest = output.categories.reduce(1) { max($0, abs($1.varianceMinor ?? 0)) }
        for row in output.categories {
            lines.append(
                "| \(cell(row.category)) | \(grouped(row.actualMinor)) | \(row.budgetMinor.map(grouped) ?? "–") |"
                    + " \(row.varianceMinor.map(grouped) ?? "–") | \(bar(row.varianceMinor ?? 0, largest)) |")
        }
        lines += ["", "## Bills", "", "| due | bill | amount | paid by line |", "| --- | --- | ---: | ---: |"]
        for bill in output.bills {
            lines.append(
                "| \(bill.due) | \(cell(bill.name)) | \(grouped(bill.amountMinor)) |"
                    + " \(bill.line.map { "\($0)" } ?? "open") |")
        }
        lines += ["", "## Open at the bank", ""]
        lines += output.unmatchedBank.map {
            "- line \($0.line), \($0.date): \(grouped($0.amountMinor)) \(cell($0.counterparty ?? $0.description))"
        }
        lines += ["", "## Open in the books", ""]
        lines += output.unmatchedLedger.map {
            "- \(cell($0.id)), \($0.date): \(grouped($0.amountMinor)) \(cell($0.category))"
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Favourable to the right as ▮, unfavourable as ▯; ten for the largest.
    private static func bar(_ variance: Int, _ largest: Int) -> String {
        let length = Int((Double(abs(variance)) / Double(largest) * 10).rounded())
        return String(repeating: variance < 0 ? "▯" : "▮", count: length)
    }

    /// What a bank or a ledger wrote must not end the cell or the line, nor become markup.
    private static func cell(_ text: String) -> String {
        var cell = ""
        for character in text.prefix(200) {
            if character.isNewline || character == "\t" {
                cell += " "
            } else {
                if "|\\`*_<>[]#".contains(character) { cell += "\\" }
                cell.append(character)
            }
        }
        return cell
    }

    private static func grouped(_ number: Int) -> String {
        var digits = Array(String(abs(number)))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }
}
