import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct LimitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits", abstract: "How much of a queue, tenant, department, agent or key runs at once.",
        discussion: """
            Runs over a limit wait; nothing is refused. Shares between tenants, and between the departments of one, \
            go by weights. A host that is running takes changes over HTTP: PUT /limits.
            """,
        subcommands: [List.self, Set.self, Remove.self, Weight.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists limits and weights.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (limits, weights) = try await HostSession.ask(store) { journal throws(JournalError) in
                (try journal.claimLimits(), try journal.claimWeights())
            }
            let terminal = Terminal.standard
            let sorted = limits.sorted { $0.key.description < $1.key.description }
            guard !output.json else {
                return terminal.line(
                    JSONValue.object([
                        "limits": .array(sorted.map { $0.value.json(of: $0.key) }),
                        "weights": .array(weights.map(\.json)),
                    ]).serialized())
            }
            var table = Table("scope", "at once", "starts a minute", "burst")
            for (scope, limit) in sorted {
                table.add(
                    scope.description.printable, limit.concurrency.map(String.init) ?? "",
                    limit.starts.map { String($0.limit) } ?? "", limit.starts.map { String($0.burst) } ?? "")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            for weight in weights {
                let name = weight.department.map { "\(weight.tenant)/\($0)" } ?? weight.tenant
                terminal.line("\(name) has weight \(weight.weight)")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Limits a scope.",
            discussion: "A scope is \(ClaimScope.forms). --concurrency 0 stops it: what runs goes on, the rest waits.")

        @Argument(help: "\(ClaimScope.forms).")
        var scope: ClaimScope

        @Option(help: "Runs at the same time. Those that wait for something outside do not count.")
        var concurrency: Int?

        @Option(help: "Starts in any minute.")
        var startsPerMinute: Int64?

        @Option(help: "Of these, at once (default: a tenth of the minute's).")
        var burst: Int64?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard concurrency != nil || startsPerMinute != nil else {
                throw ValidationError("give --concurrency, --starts-per-minute, or both")
            }
            guard concurrency ?? 0 >= 0, startsPerMinute ?? 1 > 0, burst ?? 1 > 0,
                burst == nil || startsPerMinute != nil
            else { throw ValidationError("limits are whole numbers; --burst goes with --starts-per-minute") }
        }

        func run() async throws {
            let starts = startsPerMinute.map {
                TrafficLimits.PerMinute(limit: $0, burst: burst ?? max(1, $0 / 10))
            }
            let limit = ClaimLimit(concurrency: concurrency, starts: starts), by = Environment.user
            try await HostSession.change(store) { [scope] journal throws(JournalError) in
                try journal.claimLimitSet(scope, limit, by: by)
            }
            Terminal.standard.line(
                output.json ? limit.json(of: scope).serialized() : "\(scope.description.printable) is limited")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lifts a limit.")

        @Argument(help: "\(ClaimScope.forms).")
        var scope: ClaimScope

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [scope] journal throws(JournalError) in
                try journal.claimLimitSet(scope, nil, by: by)
            }
            Terminal.standard.line("\(scope.description.printable) has no limit")
        }
    }

    struct Weight: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a tenant, or a department within one, more than an equal share.",
            discussion: "A tenant of weight 3 starts three runs for each of a tenant of weight 1, while both wait.")

        @Argument(help: "tenant, or tenant/department.")
        var name: String

        @Argument(help: "1 (usual) to 10,000.")
        var weight: Int

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.allSatisfy({ Name.isValid($0) }) else {
                throw CommandFailure(.usage, "\"\(name)\": write a tenant, or tenant/department")
            }
            let changed = ClaimWeight(
                tenant: parts[0], department: parts.count == 2 ? parts[1] : nil, weight: weight)
            let by = Environment.user
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.claimWeightSet(changed, by: by)
            }
            Terminal.standard.line(output.json ? changed.json.serialized() : "\(name) has weight \(weight)")
        }
    }
}

extension ClaimScope: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
