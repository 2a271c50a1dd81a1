import ArgumentParser
import Journal
import Kernel
import Server

struct BudgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Shows and sets budgets.",
        discussion: """
            A node is organisation, tenant:<name>, department:<tenant>/<name> or run:<id>; a bare department's name
            stands for department:default/<name>.
            """,
        subcommands: [Show.self, Set.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows limits, what is held, and what is spent.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let budgets = try await HostSession.ask(store) { journal throws(JournalError) in try journal.budgets() }
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(JSONValue.object(["budgets": .array(budgets.map(\.json))]).serialized())
            }
            var table = Table([
                ("node", .left), ("limit", .right), ("held", .right), ("spent", .right), ("free", .right),
            ])
            for budget in budgets {
                let free = budget.limit.map { ($0 - budget.held - budget.spent).description }
                table.add(
                    budget.node.description, budget.limit?.description ?? "none", budget.held.description,
                    budget.spent.description, free ?? "")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Sets a node's limit, or takes it away.")

        @Argument(help: "The node; see bureau budget --help.")
        var node: BudgetNode

        @Argument(help: "Dollars, such as 12.50, or none.")
        var amount: Limit

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let record = try await HostSession.change(store) { [node, amount] journal throws(JournalError) in
                try journal.budgetSet(node, limit: amount.limit)
                return try journal.budget(node)
            }
            guard let record else { throw CommandFailure(.internal, "the budget \(node) was not kept") }
            let text = "\(node): \(record.limit.map { "at most \($0)" } ?? "no limit")"
            Terminal.standard.line(output.json ? record.json.serialized() : text)
        }
    }

    struct Limit: ExpressibleByArgument {
        var limit: Nanodollars?

        init?(argument: String) {
            if argument == "none" { return }
            guard let amount = Nanodollars(dollars: argument) else { return nil }
            limit = amount
        }
    }
}

extension BudgetNode: ExpressibleByArgument {
    package init?(argument: String) {
        if argument != "organisation", Name.isValid(argument) {
            self = .department(tenant: "default", argument)
        } else {
            self.init(argument)
        }
    }
}
