package import PluginKit

package enum StatementImport {
    package static func read(_ input: StatementInput) throws(TaskFailure) -> StatementOutput {
        let statements =
            switch input.format {
            case .csv: try CSVStatement.read(input)
            case .ofx: try OFXStatement.read(input)
            case .camt053: try CAMTStatement.read(input)
            }
        return StatementOutput(statements: statements, evidence: evidence(input, statements))
    }

    private static func evidence(_ input: StatementInput, _ statements: [BankStatement]) -> Evidence {
        let source =
            switch input.format {
            case .csv: "RFC 4180"
            case .ofx: "Open Financial Exchange 1.0.2 to 2.3"
            case .camt053: "ISO 20022 camt.053.001"
            }
        return Evidence(
            method: "strict import of \(input.format.rawValue)", source: source,
            inputs: ["\(input.text.utf8.count) bytes, \(statements.reduce(0) { $0 + $1.transactions.count }) bookings"],
            assumptions: [
                "Money out is negative.", "Entries that are not booked are left out and counted.",
                "A second booking with a known reference, day and amount is a repetition.",
            ],
            uncertainty: "None: a value that cannot be read is an error with its line, never a guess.")
    }
}
