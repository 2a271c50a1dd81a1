import ArgumentParser
import Journal
import Kernel

struct CostsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "costs", abstract: "Reports what was paid for, to whom it was, and exports it.",
        discussion: """
            Each attempt of a model call that held money is one charge, also at a provider that is free; answers of
            the built-in model and of the cache hold nothing, and are in their run's own report. A charge belongs to
            the day of its hold, as it does in budgets, and corrections belong to their charge: so every report over
            all days adds up to what the ledger has spent.
            """,
        subcommands: [CostsReport.self, CostsShowback.self, CostsExport.self], defaultSubcommand: CostsReport.self)
}

/// Which charges a command is about.
struct CostOptions: ParsableArguments {
    @Option(help: ArgumentHelp("From this day on.", valueName: "yyyy-mm-dd"))
    var from: String?

    @Option(help: ArgumentHelp("Until this day, which does not belong to it.", valueName: "yyyy-mm-dd"))
    var to: String?

    @Option(help: ArgumentHelp("The time zone in which days begin, as Europe/Berlin.", valueName: "zone"))
    var zone = "UTC"

    @Option(
        name: .customLong("where"), parsing: .singleValue,
        help: ArgumentHelp(
            "Only charges with this value, as department=finance, or user= for those without a user; may be repeated.",
            valueName: "dimension=value"))
    var conditions: [String] = []

    func query(by dimensions: String = "") throws(CommandFailure) -> CostQuery {
        do {
            var query = CostQuery(
                by: dimensions.isEmpty ? [] : try CostWords.dimensions(dimensions), zone: zone,
                filters: try CostWords.filters(conditions))
            query.from = try from.map(CostWords.day)
            query.to = try to.map(CostWords.day)
            return query
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }
}

struct CostsReport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Adds up calls, tokens and costs by any dimensions.",
        discussion: "Dimensions: \(CostDimension.allCases.map(\.rawValue).joined(separator: ", ")).")

    @Option(help: ArgumentHelp("By what costs are told apart, with commas.", valueName: "dimensions"))
    var by = "department"

    @Flag(help: "Comma-separated values instead of a table.")
    var csv = false

    @OptionGroup var costs: CostOptions
    @OptionGroup var remote: RemoteOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if csv, output.json { throw ValidationError("--csv and --json exclude each other") }
    }

    func run() async throws {
        let query = try costs.query(by: by)
        if let host = try remote.host(beside: store) {
            guard !csv else { throw CommandFailure(.usage, "--csv is made from a store; a host is asked for --json") }
            let answer = try await host.get(
                "/costs",
                [("by", by), ("from", costs.from), ("to", costs.to), ("zone", costs.zone)]
                    + costs.conditions.map { ("where", $0) })
            guard !output.json else { return Terminal.standard.line(answer.serialized()) }
            return RecordTables.costs(answer).show()
        }
        let report = try await HostSession.ask(store) { journal throws(JournalError) in try journal.costs(query) }
        CostsView(report: report).show(query, csv: csv, json: output.json)
    }
}

struct CostsShowback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "showback", abstract: "Shows each department what it used in a month.",
        discussion: """
            A statement for each tenant and department: its cost and share, the change against the month before, and
            the models and agents that it spent most on.
            """)

    @Option(help: ArgumentHelp("The month.", valueName: "yyyy-mm"))
    var month: String

    @Option(help: ArgumentHelp("The time zone in which the month begins, as Europe/Berlin.", valueName: "zone"))
    var zone = "UTC"

    @Flag(help: "A Markdown document instead of a table.")
    var markdown = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if markdown, output.json { throw ValidationError("--markdown and --json exclude each other") }
    }

    func run() async throws {
        let first: CivilDate
        do {
            first = try CostWords.month(month)
        } catch {
            throw CommandFailure(.usage, "--month \(error.message)")
        }
        let queries = Showback.Queries(month: first, zone: zone)
        let zone = zone
        let showback = try await HostSession.ask(store) { journal throws(JournalError) in
            Showback(
                month: first, zone: zone, current: try journal.costs(queries.month),
                before: try journal.costs(queries.before), models: try journal.costs(queries.models),
                agents: try journal.costs(queries.agents))
        }
        ShowbackView(showback: showback).show(markdown: markdown, json: output.json)
    }
}

struct CostsExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes each charge as a row that other tools read.",
        discussion: """
            focus is the FinOps Open Cost and Usage Specification, version 1.2, as comma-separated values: one row for
            each charge, in order of time, amounts exact. Columns of this host's own begin with x_.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case focus }

    @Option(help: "The format.")
    var format = Format.focus

    @OptionGroup var costs: CostOptions
    @OptionGroup var store: StoreOptions

    func run() async throws {
        let query = try costs.query()
        let terminal = Terminal.standard
        // Written as they are read: one snapshot of the store, and no more than some rows in memory.
        try await HostSession.ask(store) { journal throws(JournalError) in
            var text = CSVLine.text(FocusRow.columns)
            try journal.charges(query) { charge in
                if FocusRow.isRow(charge) { text += CSVLine.text(FocusRow(charge).values) }
                if text.utf8.count > 1 << 16 {
                    terminal.bytes(Array(text.utf8))
                    text = ""
                }
                return true
            }
            terminal.bytes(Array(text.utf8))
        }
    }
}
