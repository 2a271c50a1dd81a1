import ArgumentParser
import Engine
import Journal
import Kernel

struct InteractiveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interactive", abstract: "Asks instead of taking options: for a person at a terminal.",
        subcommands: [ExecuteAgent.self, ReviewApprovals.self])

    struct ReviewApprovals: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "review-approvals", abstract: "Goes through what waits for a decision, by keys.",
            discussion: "What is decided in a store goes on when a host next opens it; bureau serve does by itself.")

        @Option(name: [.customLong("as"), .customLong("by")], help: "Who decides (default: the user's name).")
        var name: String?

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var host: HostOptions

        func run() async throws {
            try Keyboard.require()
            let server = try remote.host(beside: host.storage)
            let session = ReviewSession(
                desk: ApprovalDesk(options: host, server: server), user: name ?? Environment.user)
            let decided = try await session.run()
            guard decided > 0 else { return }
            Terminal.standard.line("\(decided) decided")
        }
    }

    struct ExecuteAgent: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "execute-agent", abstract: "Asks for an agent and what it is to do, and does it.")

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var host: HostOptions

        func run() async throws {
            try Keyboard.require()
            let terminal = Terminal.standard
            let names = try await names()
            guard !names.isEmpty else { throw CommandFailure(.notFound, "there are no agents") }
            for (index, name) in names.enumerated() { terminal.line("\(index + 1)  \(name.printable)") }
            let answer = try Prompt.line("agent (its number or name)")
            let chosen = Int(answer).flatMap { names.indices.contains($0 - 1) ? names[$0 - 1] : nil } ?? answer
            var execute = ExecuteCommand()
            execute.agent = chosen
            execute.task = try Prompt.line("what is it to do")
            terminal.draw("what is known already, as JSON (may be empty): ")
            execute.parameters = readLine().flatMap { $0.isEmpty ? nil : $0 }
            execute.caps = try CapOptions.parse([])
            execute.outputDir = nil
            execute.noProgress = false
            execute.remote = remote
            execute.host = host
            execute.output = try OutputOptions.parse([])
            try await execute.run()
        }

        private func names() async throws -> [String] {
            if let server = try remote.host(beside: host.storage) {
                return try await server.get("/agents")["agents"]?.arrayValue?.map { $0.text("name") } ?? []
            }
            let own = try await Catalogue.load(host).entries.filter { $0.descriptor != nil }.map(\.name)
            guard FilePath.exists(host.storage.folder) else { return own }
            let named = try await HostSession.ask(host.storage) { journal throws(JournalError) in
                try journal.agents(department: nil).filter { $0.state != .retired }.map(\.address.description)
            }
            return own + named
        }
    }
}
