import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct AgentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "Lists and makes agents: named instances of departments.",
        subcommands: [List.self, Create.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists each department's own agent, and the named ones.")

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalogue = try await Catalogue.load(host)
            var named: [AgentRecord] = []
            if FilePath.exists(host.storage.folder) {
                named = try await HostSession.ask(host.storage) { journal throws(JournalError) in
                    try journal.agents(department: nil)
                }
            }
            let defaults = catalogue.entries.filter { $0.descriptor != nil }.map(\.name)
            let terminal = Terminal.standard
            if output.json {
                let list = defaults.map { JSONValue.object(["name": .string($0), "department": .string($0)]) }
                return terminal.line(
                    JSONValue.object(["agents": .array(list + named.map(\.json))]).serialized())
            }
            var table = Table("agent", "department", "created")
            for name in defaults { table.add(name, name, "with its department") }
            for agent in named { table.add(agent.name, agent.department, agent.createdAt.timestamp) }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a named agent of a department.")

        @Argument(help: "The agent's name.")
        var name: String

        @Option(help: "The department it works for.")
        var department: String

        @Option(help: "Its configuration: inline JSON, a .json file, or -.")
        var config: String?

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try InputReader().read(config)
            let runtime = try await HostSession.open(host)
            do {
                try await runtime.createAgent(name: name, department: department, configuration: configuration)
            } catch {
                await runtime.shutdown()
                throw CommandFailure(error)
            }
            await runtime.shutdown()
            Terminal.standard.line(
                output.json
                    ? JSONValue.object(["name": .string(name), "department": .string(department)]).serialized()
                    : "agent \(name) of \(department) is ready")
        }
    }
}
