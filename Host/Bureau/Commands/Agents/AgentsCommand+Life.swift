import ArgumentParser
import Engine
import Journal
import Kernel
import Server

extension AgentsCommand {
    struct Configure: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes the next version of an agent. Runs that began keep the version they began with.")

        @Argument(help: "The agent: department:name, or its name.")
        var agent: String

        @OptionGroup var settings: AgentSettings

        @Option(help: "Refuse, unless this is the version that is changed.")
        var expectedVersion: Int?

        @Option(help: "What is changed, for the history.")
        var note = "configured"

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            if settings.config == nil, settings.on == nil, settings.capabilities.isEmpty {
                throw ValidationError("give --config, --on or --capability")
            }
        }

        func run() async throws {
            let known = try await HostSession.ask(host.storage) { [agent] journal throws(JournalError) in
                try journal.known(try journal.meant(agent))
            }
            let configuration = try settings.config.map { try InputReader().read($0) }
            let profile = try settings.profile(over: known.profile)
            let changed = try await AgentWords.withDesk(host) { desk throws(EngineError) in
                try await desk.configure(
                    known.address, configuration: configuration, profile: profile, expected: expectedVersion,
                    by: Environment.user, note: note)
            }
            Terminal.standard.line(
                output.json
                    ? changed.json.serialized() : "agent \(changed.address) is at version \(changed.version)")
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists an agent's versions.")

        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let versions = try await agent.ask { journal, address throws(JournalError) in
                _ = try journal.known(address)
                return try journal.agentVersions(address)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["versions": .array(versions.map(\.json))]).serialized())
            }
            var table = Table("version", "at", "by", "note", "configuration", "profile")
            for version in versions {
                table.add(
                    String(version.version), version.at.timestamp, version.by, version.note,
                    JSONValue.document(version.configuration).serialized(), version.profile.json.serialized())
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Back: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollback", abstract: "Makes an older version's content the next version.")

        @Argument(help: "The agent: department:name, or its name.")
        var agent: String

        @Option(help: "The version to go back to.")
        var to: Int

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let address = try await AgentWords.address(agent, host)
            let changed = try await AgentWords.withDesk(host) { desk throws(EngineError) in
                try await desk.goBack(address, to: to, by: Environment.user)
            }
            Terminal.standard.line(
                output.json
                    ? changed.json.serialized()
                    : "agent \(address) is at version \(changed.version), which is version \(to) again")
        }
    }

    struct Capabilities: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what an agent takes, and adds or removes some of it.")

        @Argument(help: "The agent: department:name, or its name.")
        var agent: String

        @Option(parsing: .singleValue, help: "A task, or tag:NAME, perhaps with * at the end; may be repeated.")
        var add: [String] = []

        @Option(parsing: .singleValue, help: "One that it has; may be repeated.")
        var remove: [String] = []

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            var record = try await HostSession.ask(host.storage) { [agent] journal throws(JournalError) in
                try journal.known(try journal.meant(agent))
            }
            if !add.isEmpty || !remove.isEmpty {
                let address = record.address
                record = try await AgentWords.withDesk(host) { desk throws(EngineError) in
                    try await desk.changeCapabilities(address, add: add, remove: remove, by: Environment.user)
                }
            }
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(record.json.serialized()) }
            guard let capabilities = record.profile.capabilities else {
                return terminal.line("\(record.address) takes every task of its department")
            }
            terminal.line("\(record.address) takes: \(capabilities.joined(separator: ", "))")
        }
    }

    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Starts an agent that was made stopped.")
        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions
        func run() async throws { try await agent.apply(.start, output) }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets an agent begin nothing; its runs stay queued.")
        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions
        func run() async throws { try await agent.apply(.pause, output) }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a paused agent go on.")
        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions
        func run() async throws { try await agent.apply(.resume, output) }
    }

    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets an agent finish what it has, and take nothing new.")
        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions
        func run() async throws { try await agent.apply(.drain, output) }
    }

    struct Retire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ends an agent that has no open runs. For good; its history stays.")
        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions
        func run() async throws { try await agent.apply(.retire, output) }
    }
}

extension AgentArgument {
    fileprivate func apply(_ transition: AgentTransition, _ output: OutputOptions) async throws {
        let by = Environment.user
        let changed = try await change { journal, address throws(JournalError) in
            try journal.agentApply(transition, to: address, by: by)
        }
        Terminal.standard.line(
            output.json ? changed.json.serialized() : "agent \(changed.address) is \(changed.state.name)")
    }
}
