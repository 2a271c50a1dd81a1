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

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        private static let shownAlerts = 10

        func run() async throws {
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
            BudgetTree(budgets).lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            for alert in raised.prefix(Self.shownAlerts) {
                let what = alert.threshold == BudgetAlert.forecastThreshold ? "forecast" : "\(alert.threshold) %"
                let period = alert.account.period == .lifetime ? "" : " (\(alert.account.period))"
                terminal.line("alert \(alert.at.timestamp)  \(alert.account.node)\(period): \(what)")
            }
        }

        private func isWanted(_ other: BudgetNode) -> Bool {
            if let node { return node == other }
            if case .run = other { return runs }
            return true
        }
    }
}

/// The tree of budgets as a table: a line for each node, and one for each of its periods.
struct BudgetTree {
    private static let barWidth = 20
    private let budgets: [BudgetRecord]

    init(_ budgets: [BudgetRecord]) {
        self.budgets = budgets.sorted { Self.place($0.node).lexicographicallyPrecedes(Self.place($1.node)) }
    }

    func lines(style: Style) -> [String] {
        var table = Table([
            ("node", .left), ("limit", .right), ("held", .right), ("spent", .right), ("free", .right), ("used", .left),
        ])
        for budget in budgets {
            let depth = Self.place(budget.node).count - 1
            let stop = budget.stop.flatMap { $0.isStopped ? " STOPPED by \($0.by): \($0.reason)" : nil } ?? ""
            let name = String(repeating: "  ", count: depth) + budget.node.description
            add(name, budget.limit, budget.balance, suffix: stop, to: &table)
            for period in budget.periods {
                let name = String(repeating: "  ", count: depth + 1) + "per \(period.limit.period)"
                add(name, period.balance.issued, period.balance, suffix: "", to: &table)
            }
        }
        return table.lines(style: style)
    }

    private func add(
        _ name: String, _ limit: Nanodollars?, _ balance: BudgetBalance, suffix: String, to table: inout Table
    ) {
        table.add(
            name, limit?.description ?? "none", balance.held.description, balance.spent.description,
            balance.available?.description ?? "", Self.bar(balance) + suffix)
    }

    /// `████████░░░░░░░░░░░░  40 %`; empty without a limit.
    static func bar(_ balance: BudgetBalance) -> String {
        guard let limit = balance.issued, limit > .zero else { return "" }
        let percent = Int(clamping: Int128(balance.used.value) * 100 / Int128(limit.value))
        let full = min(barWidth, max(0, percent * barWidth / 100))
        return String(repeating: "█", count: full) + String(repeating: "░", count: barWidth - full) + " \(percent) %"
    }

    /// The names from the root down: sorts a node after its parent.
    private static func place(_ node: BudgetNode) -> [String] {
        if case .run = node { return ["organisation", "~", node.description] }
        return (node.parent.map(place) ?? []) + [node.description]
    }
}
