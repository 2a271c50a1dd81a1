import ArgumentParser
import Journal
import Kernel
import Server

extension BudgetCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows limits, what is held, what is spent, and the alerts.",
            discussion: "Runs with a cap of their own are shown when they are named, or with --runs.")

        @Argument(help: "The node; all when left out.")
        var node: BudgetNode?

        @Flag(help: "Runs with a cap of their own, too.")
        var runs = false

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        private static let shownAlerts = 10

        func run() async throws {
            if let host = try remote.host(beside: store) { return try await ask(host) }
            let (all, alerts) = try await HostSession.ask(store) { journal throws(JournalError) in
                (try journal.budgets(), try journal.budgetAlerts(limit: 1_000))
            }
            let budgets = all.filter { isWanted($0.node) }, raised = alerts.filter { isWanted($0.account.node) }
            if let node, budgets.isEmpty { throw CommandFailure(.notFound, "nothing was set or spent at \(node)") }
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(
                    JSONValue.object([
                        "budgets": .array(budgets.map(\.json)), "alerts": .array(raised.map(\.json)),
                    ]).serialized())
            }
            show(budgets.map(\.json), alerts: raised.map(\.json))
        }

        private func show(_ budgets: [JSONValue], alerts: [JSONValue]) {
            let terminal = Terminal.standard
            BudgetTree(budgets).lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            for alert in alerts.prefix(Self.shownAlerts) {
                let what = alert["forecast"] == true ? "forecast" : "\(alert.text("threshold_percent")) %"
                let period = alert.text("period")
                let span = period == BudgetPeriod.lifetime.description ? "" : " (\(period))"
                terminal.line("alert \(alert.text("at"))  \(alert.text("node"))\(span): \(what)")
            }
        }

        private func ask(_ host: HostClient) async throws(CommandFailure) {
            let answer = try await host.get("/budgets")
            let budgets = (answer["budgets"]?.arrayValue ?? []).filter { isWanted(BudgetNode($0.text("node"))) }
            let alerts = (answer["alerts"]?.arrayValue ?? []).filter { isWanted(BudgetNode($0.text("node"))) }
            if let node, budgets.isEmpty { throw CommandFailure(.notFound, "nothing was set or spent at \(node)") }
            guard !output.json else {
                return Terminal.standard.line(
                    JSONValue.object(["budgets": .array(budgets), "alerts": .array(alerts)]).serialized())
            }
            show(budgets, alerts: alerts)
        }

        private func isWanted(_ other: BudgetNode?) -> Bool {
            guard let other else { return false }
            if let node { return node == other }
            if case .run = other { return runs }
            return true
        }
    }
}

/// The tree of budgets as a table: a line for each node, and one for each of its periods.
struct BudgetTree {
    private static let barWidth = 20
    private let budgets: [(node: BudgetNode, json: JSONValue)]

    /// - Parameter budgets: as `--json` shows them.
    init(_ budgets: [JSONValue]) {
        let known = budgets.compactMap { json in BudgetNode(json.text("node")).map { (node: $0, json: json) } }
        self.budgets = known.sorted { Self.place($0.node).lexicographicallyPrecedes(Self.place($1.node)) }
    }

    func lines(style: Style) -> [String] {
        var table = Table([
            ("node", .left), ("limit", .right), ("held", .right), ("spent", .right), ("free", .right), ("used", .left),
        ])
        for (node, json) in budgets {
            let depth = Self.place(node).count - 1
            let stop = json["stop"].flatMap { stop in
                stop["stopped"] == true ? " STOPPED by \(stop.text("by")): \(stop.text("reason"))" : nil
            }
            let name = String(repeating: "  ", count: depth) + node.description
            add(name, json, limit: "limit_nanodollars", suffix: stop ?? "", to: &table)
            for period in json["periods"]?.arrayValue ?? [] {
                let name = String(repeating: "  ", count: depth + 1) + "per \(period.text("period"))"
                add(name, period, limit: "issued_nanodollars", suffix: "", to: &table)
            }
        }
        return table.lines(style: style)
    }

    private func add(
        _ name: String, _ json: JSONValue, limit: String, suffix: String, to table: inout Table
    ) {
        let amount = { (member: String) in json[member]?.integerValue.map { Nanodollars($0) } }
        let (held, spent) = (amount("held_nanodollars") ?? .zero, amount("spent_nanodollars") ?? .zero)
        table.add(
            name, amount(limit)?.description ?? "none", held.description, spent.description,
            amount("available_nanodollars")?.description ?? "", Self.bar(amount(limit), used: held + spent) + suffix)
    }

    /// `████████░░░░░░░░░░░░  40 %`; empty without a limit.
    static func bar(_ limit: Nanodollars?, used: Nanodollars) -> String {
        guard let limit, limit > .zero else { return "" }
        let percent = Int(clamping: Int128(used.value) * 100 / Int128(limit.value))
        let full = min(barWidth, max(0, percent * barWidth / 100))
        return String(repeating: "█", count: full) + String(repeating: "░", count: barWidth - full) + " \(percent) %"
    }

    /// The names from the root down: sorts a node after its parent.
    private static func place(_ node: BudgetNode) -> [String] {
        if case .run = node { return ["organisation", "~", node.description] }
        return (node.parent.map(place) ?? []) + [node.description]
    }
}
