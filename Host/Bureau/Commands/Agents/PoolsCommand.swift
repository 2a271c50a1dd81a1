import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct PoolsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pools", abstract: "Sets of agents with one configuration, that grow and shrink with their work.",
        discussion: """
            Work is sent to a pool as to an agent (bureau run --agent POOL): one of its agents takes it. Pools grow \
            and shrink while bureau serve runs.
            """,
        subcommands: [List.self, Set.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them with their agents.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let pools = try await HostSession.ask(store) { journal throws(JournalError) in
                var pools: [(AgentPoolRecord, [PoolScaling.Member])] = []
                for pool in try journal.pools() { pools.append((pool, try journal.poolMembers(pool.address))) }
                return pools
            }
            let terminal = Terminal.standard
            guard !output.json else {
                let list = pools.map { $0.json($1) }
                return terminal.line(JSONValue.object(["pools": .array(list)]).serialized())
            }
            var table = Table("pool", "size", "strategy", "open", "queued", "agents")
            for (pool, members) in pools {
                table.add(
                    pool.address.description, "\(pool.policy.minimum) to \(pool.policy.maximum)",
                    pool.policy.strategy.rawValue, String(members.reduce(0) { $0 + $1.open }),
                    String(members.reduce(0) { $0 + $1.queued }),
                    members.map { $0.state == .active ? $0.name : "\($0.name) (\($0.state.name))" }
                        .joined(separator: " "))
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a pool, or changes it: its agents get the new configuration as their next version.")

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "The department it works for.")
        var department: String

        @OptionGroup var settings: AgentSettings

        @Option(help: "Never fewer agents.")
        var min: Int64?

        @Option(help: "Never more agents.")
        var max: Int64?

        @Option(help: "Who gets the next run: least_busy or round_robin.")
        var strategy: String?

        @Option(help: "Grow when more runs than these wait for each agent …")
        var growAbove: Int64?

        @Option(help: "… for so long.")
        var growAfterSeconds: Int64?

        @Option(help: "An agent that had nothing to do for so long may go.")
        var shrinkAfterSeconds: Int64?

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try InputReader().read(settings.config), profile = try settings.profile(over: .all)
            var members: [String: JSONValue] = [:]
            let numbers = [
                "min": min, "max": max, "grow_above": growAbove, "grow_after_seconds": growAfterSeconds,
                "shrink_after_seconds": shrinkAfterSeconds,
            ]
            for (key, number) in numbers { members[key] = number.map { .integer($0) } }
            members["strategy"] = strategy.map { .string($0) }
            let policy: AgentPool
            do throws(Failure) {
                policy = try AgentPool(json: .object(members))
            } catch {
                throw CommandFailure(.usage, error.message)
            }
            let address = AgentAddress(department: department, name: name)
            let pool = try await AgentWords.withDesk(host) { desk throws(EngineError) in
                try await desk.setPool(
                    address, configuration: configuration, profile: profile, policy: policy, by: Environment.user)
            }
            Terminal.standard.line(
                output.json
                    ? pool.json([]).serialized()
                    : "pool \(address) has \(policy.minimum) to \(policy.maximum) agents")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes a pool: its agents finish what they have, and retire.")

        @OptionGroup var pool: AgentArgument

        func run() async throws {
            let by = Environment.user
            let address = try await pool.change { journal, address throws(JournalError) in
                try journal.poolRemove(address, by: by)
                return address
            }
            Terminal.standard.line("pool \(address) is removed")
        }
    }
}
