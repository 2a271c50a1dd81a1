import ArgumentParser
import Journal
import Kernel
import Server

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Shows, checks and corrects the ledger.",
        subcommands: [List.self, Verify.self, Adjust.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists entries: each takes an amount from one account of a node and gives it to another.")

        @Option(help: "Of one run.")
        var run: RunID?

        @Option(help: "Of one node; see bureau budget --help.")
        var node: BudgetNode?

        @Option(help: "Of one attempt: run/step/attempt.")
        var attempt: String?

        @Option(help: "Entries after this number.")
        var after: Int64 = 0

        @Option(help: "At most so many.")
        var limit = 1_000

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let filter = LedgerFilter(run: run, node: node, attempt: attempt)
            let (entries, adjustments) = try await HostSession.ask(store) {
                [after, limit] journal throws(JournalError) in
                (try journal.ledger(filter, after: after, limit: limit), try journal.ledgerAdjustments())
            }
            let terminal = Terminal.standard
            let corrections = adjustments.filter { attempt == nil || $0.attempt == attempt }
            if output.json {
                return terminal.line(
                    JSONValue.object([
                        "entries": .array(entries.map(\.json)), "adjustments": .array(corrections.map(\.json)),
                    ]).serialized())
            }
            var table = Table([
                ("entry", .right), ("at", .left), ("account", .left), ("from", .left), ("to", .left),
                ("amount", .right), ("attempt", .left),
            ])
            for entry in entries {
                table.add(
                    String(entry.number), entry.at.timestamp, entry.account.description, entry.kind.debit.rawValue,
                    entry.kind.credit.rawValue, entry.amount.description, entry.attempt)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds up the whole ledger and compares it with every balance and every hold.",
            discussion: """
                Works beside a running host, and without the audit log. Each account must be the sum of its entries,
                what is held the sum of the open holds, and each node what lies below it and its own. The exit code
                is 9 when anything does not match.
                """)

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let report = try await HostSession.ask(store) { journal throws(JournalError) in
                try journal.ledgerFaults()
            }
            let terminal = Terminal.standard
            if output.json {
                terminal.line(report.json.serialized())
            } else {
                for fault in report.faults { terminal.line(fault.description.printable) }
                terminal.line(
                    "\(report.entries) entries, \(report.accounts) accounts, \(report.openHolds) open holds: "
                        + (report.faults.isEmpty ? "sound" : "\(report.faults.count) fault(s)"))
            }
            guard report.faults.isEmpty else {
                throw CommandFailure(.auditUnsound, "the ledger is not sound: \(report.faults.count) fault(s)")
            }
        }
    }

    struct Adjust: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Corrects what an attempt cost, with a reason and evidence; what was posted stays.")

        @Argument(help: "The attempt: run/step/attempt.")
        var attempt: String

        @Option(help: ArgumentHelp("What it cost in truth.", valueName: "dollars"))
        var cost: Dollars

        @Option(help: "Why.")
        var reason: String

        @Option(help: "Where the right amount stands: an invoice, a ticket.")
        var evidence: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let by = Environment.user
            let adjustment = try await HostSession.change(store) {
                [attempt, cost, reason, evidence] journal throws(JournalError) in
                try journal.ledgerAdjust(attempt, cost: cost.amount, by: by, reason: reason, evidence: evidence)
            }
            Terminal.standard.line(
                output.json
                    ? adjustment.json.serialized()
                    : "\(attempt): \(adjustment.before) → \(adjustment.after), correction \(adjustment.number)")
        }
    }
}
