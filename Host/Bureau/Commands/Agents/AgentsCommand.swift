import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct AgentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "Lists, makes, changes and talks to agents: named instances of departments.",
        discussion: """
            An agent is named as department:name, or by its name where only one has it.
            """,
        subcommands: [
            List.self, Show.self, Create.self, Configure.self, History.self, Back.self, Capabilities.self,
            Start.self, Pause.self, Resume.self, Drain.self, Retire.self, Message.self, Inbox.self, Stats.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists each department's own agent, and the named ones.")

        @Option(help: "Only of this department.")
        var department: String?

        @Flag(help: "The retired ones too.")
        var all = false

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let server = try remote.host(beside: host.storage) {
                let answer = try await server.get("/agents", [("department", department)])
                guard !output.json else { return Terminal.standard.line(answer.serialized()) }
                return RecordTables.agents(answer["agents"]?.arrayValue ?? []).show()
            }
            let catalogue = try await Catalogue.load(host)
            var named: [AgentRecord] = []
            if FilePath.exists(host.storage.folder) {
                named = try await HostSession.ask(host.storage) { [department, all] journal throws(JournalError) in
                    try journal.agents(department: department).filter { all || $0.state != .retired }
                }
            }
            let defaults = catalogue.entries.filter { $0.descriptor != nil && (department ?? $0.name) == $0.name }
                .map(\.name)
            let list =
                defaults.map { name -> JSONValue in
                    ["id": .string(name), "name": .string(name), "department": .string(name)]
                } + named.map(\.json)
            guard !output.json else {
                return Terminal.standard.line(JSONValue.object(["agents": .array(list)]).serialized())
            }
            RecordTables.agents(list).show()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one: what it is and what became of its runs.")

        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let shown = try await agent.ask { journal, address throws(JournalError) in
                let agent = try journal.known(address)
                return (agent, try journal.agentStatistics(address))
            }
            let terminal = Terminal.standard
            var members = shown.0.json.objectValue ?? [:]
            members["statistics"] = shown.1.json
            guard !output.json else { return terminal.line(JSONValue.object(members).serialized()) }
            terminal.line("\(shown.0.address) is \(shown.0.state.name), version \(shown.0.version)")
            terminal.line("configuration  \(JSONValue.document(shown.0.configuration).serialized().printable)")
            terminal.line("profile        \(shown.0.profile.json.serialized())")
            AgentWords.lines(of: shown.1).forEach { terminal.line($0) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a named agent of a department.")

        @Argument(help: "The agent's name.")
        var name: String

        @Option(help: "The department it works for.")
        var department: String

        @OptionGroup var settings: AgentSettings

        @Flag(help: "Make it, but start nothing: its runs wait for bureau agents start.")
        var stopped = false

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let configuration = try InputReader().read(settings.config)
            let profile = try settings.profile(over: .all)
            let address = AgentAddress(department: department, name: name)
            let state: AgentState = stopped ? .created : .active
            let agent = try await AgentWords.withDesk(host) { desk throws(EngineError) in
                try await desk.create(
                    address, configuration: configuration, profile: profile, state: state, by: Environment.user)
            }
            Terminal.standard.line(
                output.json ? agent.json.serialized() : "agent \(name) of \(department) is ready")
        }
    }

    struct Stats: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What became of an agent's runs: by state, cost, times, last active.")

        @OptionGroup var agent: AgentArgument
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let statistics = try await agent.ask { journal, address throws(JournalError) in
                _ = try journal.known(address)
                return try journal.agentStatistics(address)
            }
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(statistics.json.serialized()) }
            AgentWords.lines(of: statistics).forEach { terminal.line($0) }
        }
    }
}

/// Which agent, in which store.
struct AgentArgument: ParsableArguments {
    @Argument(help: "The agent: department:name, or its name.")
    var agent: String

    @OptionGroup var store: StoreOptions

    func ask<Value: Sendable>(
        _ question: @escaping @Sendable (any JournalReading, AgentAddress) throws(JournalError) -> Value
    ) async throws(CommandFailure) -> Value {
        try await HostSession.ask(store) { [agent] journal throws(JournalError) in
            try question(journal, try journal.meant(agent))
        }
    }

    func change<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction, AgentAddress) throws(JournalError) -> Value
    ) async throws(CommandFailure) -> Value {
        try await HostSession.change(store) { [agent] journal throws(JournalError) in
            try body(journal, try journal.meant(agent))
        }
    }
}

extension JournalReading {
    /// What nobody made is a department's own agent.
    func meant(_ text: String) throws(JournalError) -> AgentAddress {
        if let found = try agentAddress(text) { return found }
        guard let address = AgentAddress(text) else {
            throw JournalError(.notFound, "there is no agent \"\(text)\"")
        }
        return address
    }

    func known(_ address: AgentAddress) throws(JournalError) -> AgentRecord {
        if let agent = try agent(address) { return agent }
        throw JournalError(.notFound, "there is no agent \(address); bureau agents list shows them")
    }
}

enum AgentWords {
    static func lines(of statistics: AgentStatistics) -> [String] {
        let counts = statistics.runs.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.value) \($0.key.name)" }.joined(separator: ", ")
        func seconds(_ milliseconds: Int64?) -> String {
            milliseconds.map { "\($0 / 1000).\(String($0 % 1000 + 1000).dropFirst()) s" } ?? "unknown"
        }
        return [
            "runs           \(counts.isEmpty ? "none" : counts)", "cost           \(statistics.cost)",
            "mean           \(seconds(statistics.meanMilliseconds)), half within "
                + "\(seconds(statistics.medianMilliseconds)), 95 % within \(seconds(statistics.slowMilliseconds))",
            "last active    \(statistics.lastActive?.timestamp ?? "never")",
            "open messages  \(statistics.openMessages)",
        ]
    }

    /// What needs the department's plugin, which says whether it takes the configuration.
    static func withDesk<Value: Sendable>(
        _ host: HostOptions, _ body: (AgentDesk) async throws(EngineError) -> Value
    ) async throws(CommandFailure) -> Value {
        let runtime = try await HostSession.open(host)
        do {
            let value = try await body(runtime.agentDesk)
            await runtime.shutdown()
            return value
        } catch {
            await runtime.shutdown()
            throw CommandFailure(error)
        }
    }

    /// Who is meant, before the host opens the store.
    static func address(_ text: String, _ host: HostOptions) async throws(CommandFailure) -> AgentAddress {
        try await HostSession.ask(host.storage) { journal throws(JournalError) in try journal.meant(text) }
    }
}

/// What an agent, or each of a pool's, is told to be.
struct AgentSettings: ParsableArguments {
    @Option(help: "The configuration that the plugin gets: inline JSON, a .json file, or -.")
    var config: String?

    @Option(
        name: .customLong("capability"), parsing: .singleValue,
        help: "A task it takes, or tag:NAME, perhaps with * at the end; may be repeated (default: every task).")
    var capabilities: [String] = []

    @Option(
        help: ArgumentHelp(
            "What messages start: {\"type\": {\"task\": \"name\", \"priority\": 2, \"input\": …}}; in an input, "
                + "{\"$message\": \"/body/…\"} stands for a part of the message.", valueName: "json"))
    var on: String?

    func profile(over profile: AgentProfile) throws(CommandFailure) -> AgentProfile {
        var members = profile.json.objectValue ?? [:]
        if !capabilities.isEmpty { members["capabilities"] = .array(capabilities.map { .string($0) }) }
        if let on { members["on"] = try Self.document(on, "--on") }
        do {
            return try AgentProfile(json: .object(members))
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }

    static func document(_ text: String, _ option: String) throws(CommandFailure) -> JSONValue {
        do {
            return try JSONParser.parse(text)
        } catch {
            throw CommandFailure(.badInput, "\(option): \(error.description)")
        }
    }
}
