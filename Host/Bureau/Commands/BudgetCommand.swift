import ArgumentParser
import Journal
import Kernel
import Server

struct BudgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "budget", abstract: "Shows and sets budgets.",
        discussion: """
            A node is organisation, tenant:<name>, department:<tenant>/<name>, agent:<tenant>/<department>/<name>,
            user:<tenant>/<name> or run:<id>; a bare department's name stands for department:default/<name>.
            """,
        subcommands: [
            Show.self, Set.self, Caps.self, Stop.self, Resume.self, Forecast.self,
        ], defaultSubcommand: Show.self)

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets one limit of a node, or takes it away.",
            discussion: """
                A node may have several limits, each for another period: all of them bind. A window counts from the
                first charge after its limit was set.

                bureau budget set research 100 --per month --zone Europe/Berlin --soft 80,95 --rollover unused:50usd
                """)

        @Argument(help: "The node; see bureau budget --help.")
        var node: BudgetNode

        @Argument(help: "Dollars, such as 12.50 or 100usd, or none.")
        var amount: Limit?

        @Option(help: ArgumentHelp("The same as the second argument.", valueName: "amount"))
        var limit: Limit?

        @Option(
            help: ArgumentHelp(
                "lifetime, day, week, month, quarter or year, or a length such as 36h or 14d.", valueName: "period"))
        var per = "lifetime"

        @Option(help: ArgumentHelp("The time zone of a calendar period.", valueName: "zone"))
        var zone = "UTC"

        @Option(help: ArgumentHelp("The day of the month on which months, quarters and years begin.", valueName: "day"))
        var anchor = 1

        @Option(help: ArgumentHelp("The UTC day from which windows of one length count.", valueName: "yyyy-mm-dd"))
        var from: String?

        @Option(help: ArgumentHelp("Percent of the limit that raise an alert.", valueName: "p,p…"))
        var soft = "50,80,95,100"

        @Option(
            help: ArgumentHelp(
                "What goes on to the next window: none, unused:<amount at most>, or debt.", valueName: "rule"))
        var rollover = "none"

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard (amount == nil) != (limit == nil) else { throw ValidationError("give one amount, or none") }
            guard period != nil else {
                throw ValidationError(
                    "--per \(per) --zone \(zone) is no period: write lifetime, day, week, month, quarter, year, or a "
                        + "length such as 36h, of at least a minute")
            }
            guard BudgetWords.thresholds(soft) != nil else {
                throw ValidationError("--soft takes up to 8 rising percentages, such as 80,95")
            }
            guard BudgetWords.rollover(rollover) != nil else {
                throw ValidationError("--rollover is none, debt or unused:<amount>, such as unused:50usd")
            }
        }

        private var period: BudgetPeriod? {
            var start = Instant(unixMilliseconds: 0)
            if let from {
                guard let date = CivilDate(from) else { return nil }
                start = Instant(unixMilliseconds: Int64(date.daysSinceEpoch) * 86_400_000)
            }
            return BudgetWords.period(per, zone: zone, anchor: anchor, from: start)
        }

        func run() async throws {
            let period = period ?? .lifetime
            let amount = (amount ?? limit)?.limit
            let thresholds = BudgetWords.thresholds(soft) ?? BudgetLimit.defaultThresholds
            let rollover = BudgetWords.rollover(rollover) ?? .none
            let record = try await HostSession.change(store) { [node] journal throws(JournalError) in
                if let amount {
                    try journal.budgetSet(
                        node,
                        BudgetLimit(period: period, amount: amount, thresholds: thresholds, rollover: rollover))
                } else {
                    try journal.budgetRemoveLimit(node, period: period)
                }
                return try journal.budget(node)
            }
            guard let record else { throw CommandFailure(.internal, "the budget \(node) was not kept") }
            let length = period == .lifetime ? "" : " (\(period))"
            let text = "\(node): \(amount.map { "at most \($0)" } ?? "no limit")\(length)"
            Terminal.standard.line(output.json ? record.json.serialized() : text)
        }
    }

    struct Caps: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sets what each run below a node may use when it brings no cap of its own.",
            discussion: "Without options, shows what is set; a cap that is not given is taken away.")

        @Argument(help: "The node; see bureau budget --help.")
        var node: BudgetNode?

        @OptionGroup var caps: CapOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            if caps.user != nil { throw ValidationError("--user belongs to a run, not to a node") }
        }

        func run() async throws {
            if let node {
                try await HostSession.change(store) { [caps = caps.caps] journal throws(JournalError) in
                    try journal.runCapsSet(node, caps)
                }
            }
            let all = try await HostSession.ask(store) { journal throws(JournalError) in try journal.runCaps() }
            let terminal = Terminal.standard
            let sorted = all.sorted { $0.key.description < $1.key.description }
            if output.json {
                let rows = sorted.map { ($0.key.description, $0.value.json) }
                return terminal.line(JSONValue.object(Dictionary(rows, uniquingKeysWith: { $1 })).serialized())
            }
            var table = Table([
                ("node", .left), ("cost", .right), ("tokens", .right), ("steps", .right), ("seconds", .right),
            ])
            for (node, caps) in sorted {
                table.add(
                    node.description, caps.cost?.description ?? "", caps.tokens.map(String.init) ?? "",
                    caps.steps.map(String.init) ?? "", caps.seconds.map(String.init) ?? "")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Limit: ExpressibleByArgument {
        var limit: Nanodollars?

        init?(argument: String) {
            if argument == "none" { return }
            guard let amount = BudgetWords.amount(argument) else { return nil }
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
