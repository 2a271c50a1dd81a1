import ArgumentParser
import Engine
import HostConfiguration
import Journal
import Kernel

struct ExecuteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "execute",
        abstract: "Tells an agent in words, or by a task's name, what to do; follows it to its end.",
        discussion: """
            bureau execute tool_discovery "Find new AI tools". The agent is a department, department:name, a named
            agent, or a task that one department alone has. Words are matched to its tasks by the planner's rules.
            """)

    @Argument(help: "The agent.")
    var agent: String

    @Argument(help: "What to do.")
    var task: String

    @Option(help: "What is known already, for the task's input: inline JSON, a .json file, or -.")
    var parameters: String?

    @OptionGroup var caps: CapOptions

    @Option(help: "Folder for the run's artifacts (default: output/<run> in the store).")
    var outputDir: String?

    @Flag(help: "Show nothing while it runs.")
    var noProgress = false

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let data = try Self.object(try InputReader().read(parameters))
        if let server = try remote.host(beside: host.storage) {
            var body: [String: JSONValue] = ["task": .string(task), "parameters": .object(data)]
            body.merge(caps.members) { _, cap in cap }
            let answer = try await server.send(
                "POST", "/agents/\(PercentEncoding.encode(agent))/execute", .object(body))
            return try await RemoteRun(
                host: server, id: answer.text("job_id"), isJSON: output.json, showsProgress: !noProgress
            ).follow()
        }
        let runtime = try await HostSession.open(host)
        let failure: CommandFailure?
        do {
            let record = try await submit(data, to: runtime)
            failure = try await RunPresentation(
                runtime: runtime, outputFolder: outputDir, store: host.storage, isJSON: output.json,
                showsProgress: !noProgress
            ).present(record)
        } catch {
            await runtime.shutdown()
            throw (error as? EngineError).map { CommandFailure($0) } ?? error
        }
        await runtime.shutdown()
        if let failure { throw failure }
    }

    static func object(_ bytes: [UInt8]) throws(CommandFailure) -> [String: JSONValue] {
        guard let members = (try? JSONParser.parse(bytes))?.objectValue else {
            throw CommandFailure(.badInput, "--parameters must be a JSON object")
        }
        return members
    }

    private func submit(_ data: [String: JSONValue], to runtime: HostRuntime) async throws -> RunRecord {
        let target = try await AgentTarget.find(agent, in: runtime)
        var reference = target.task ?? TaskReference("\(target.address.department)/\(task)"), input = data
        if target.task != nil || (reference == nil && task.contains(" ")) {
            let profile = target.profile
            let meant = try runtime.meant(task, in: target.address.department, data: data) { name, tags in
                (target.task?.task ?? name) == name && profile.takes(name, tags: tags)
            }
            (reference, input) = (meant.task, meant.input.objectValue ?? [:])
        }
        guard let reference else {
            throw CommandFailure(.notFound, "\(target.address.department) has no task \"\(task)\"")
        }
        return try await runtime.submit(
            RunSubmission(
                task: reference, agent: target.address.name == AgentAddress.defaultName ? nil : target.address.name,
                input: JSONValue.object(input).bytes, caps: caps.caps, user: caps.user))
    }
}

/// The agent that a word stands for.
struct AgentTarget {
    var address: AgentAddress
    /// What it takes.
    var profile: AgentProfile
    /// The only task that was meant.
    var task: TaskReference?

    /// A department (its own agent), `department:name`, a name that only one agent has, or a task that only one
    /// department has, with `_` for `-`.
    static func find(_ name: String, in runtime: HostRuntime) async throws(CommandFailure) -> AgentTarget {
        let departments = await runtime.departments()
        if departments.contains(where: { $0.name == name }) {
            return AgentTarget(address: AgentAddress(department: name), profile: .all)
        }
        let found: AgentRecord?
        do throws(JournalError) {
            found = try await runtime.journal.read { journal throws(JournalError) -> AgentRecord? in
                guard let address = try journal.agentAddress(name) else { return nil }
                return try journal.agent(address)
            }
        } catch {
            guard error.code == .notFound || error.code == .invalid else { throw CommandFailure(error) }
            found = nil
        }
        if let found { return AgentTarget(address: found.address, profile: found.profile) }
        let wanted = name.replacing("_", with: "-")
        let tasks = runtime.planner.catalogue.departments.flatMap(\.tasks).map(\.reference)
            .filter { $0.task.replacing("_", with: "-") == wanted }
        if tasks.count == 1, let task = tasks.first {
            return AgentTarget(address: AgentAddress(department: task.department), profile: .all, task: task)
        }
        let names = departments.map(\.name).sorted()
        let near = NearestName.of(name, in: names).map { "; did you mean \($0)?" } ?? ""
        throw CommandFailure(.notFound, "there is no agent \(name)\(near)")
    }
}
