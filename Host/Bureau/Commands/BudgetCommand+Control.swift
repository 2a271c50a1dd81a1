import ArgumentParser
import Journal
import Kernel
import Server

extension BudgetCommand {
    struct Stop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The kill switch: nothing is paid or begun at or below a node, and its runs are cancelled.",
            discussion: "While a host serves the store, ask it: POST /budgets/stop.")

        @Argument(help: "The node; see bureau budget --help.")
        var node: BudgetNode

        @Option(help: "Why; runs that are cancelled and calls that are refused say it.")
        var reason = "stopped by the operator"

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let by = Environment.user
            let count = try await HostSession.change(store) { [node, reason] journal throws(JournalError) in
                try journal.budgetStop(node, by: by, reason: reason)
                let open = try journal.runsOpen(below: node)
                for run in open {
                    _ = try journal.runRequestCancel(run, reason: "\(node) was stopped by \(by): \(reason)")
                }
                return open.count
            }
            let json: JSONValue = [
                "node": .string(node.description), "stopped": true, "cancelled_runs": .integer(Int64(count)),
            ]
            Terminal.standard.line(
                output.json ? json.serialized() : "\(node): stopped; \(count) open run(s) cancelled")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a stop back; cancelled runs stay cancelled.")

        @Argument(help: "The node; see bureau budget --help.")
        var node: BudgetNode

        @Option(help: "Why.")
        var reason = "resumed by the operator"

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [node, reason] journal throws(JournalError) in
                try journal.budgetResume(node, by: by, reason: reason)
            }
            let json: JSONValue = ["node": .string(node.description), "stopped": false]
            Terminal.standard.line(output.json ? json.serialized() : "\(node): resumed")
        }
    }

    struct Forecast: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what each open window will have cost when it closes.",
            discussion: """
                What is spent, and for each day that is left the mean of the same weekday over the last 28 days. The
                range holds in 19 cases of 20 if days are independent; without two days of history it is a guess
                from the rate so far, and the range says so.
                """)

        @Argument(help: "The node; all with a limit per period when left out.")
        var node: BudgetNode?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let forecasts = try await HostSession.ask(store) { [node] journal throws(JournalError) in
                let known = try journal.budgets().filter { !$0.periods.isEmpty }.map(\.node)
                let nodes = node.map { [$0] } ?? known
                var found: [BudgetForecastRecord] = []
                for node in nodes { found += try journal.budgetForecasts(node) }
                return found
            }
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(JSONValue.object(["forecasts": .array(forecasts.map(\.json))]).serialized())
            }
            var table = Table([
                ("node", .left), ("period", .left), ("limit", .right), ("spent", .right), ("expected", .right),
                ("low", .right), ("high", .right), ("closes", .left),
            ])
            for record in forecasts {
                table.add(
                    record.node.description, record.period.limit.period.description,
                    record.period.balance.issued?.description ?? "", record.forecast.spent.description,
                    record.forecast.expected.description, record.forecast.low.description,
                    record.forecast.high.description, record.period.window.closes.timestamp)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }
}
