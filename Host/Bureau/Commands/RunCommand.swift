import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs a department's task to its end; replays and forks runs.",
        discussion: """
            bureau run TASK … is short for bureau run start TASK …; bureau help run start shows its options.
            """,
        subcommands: [StartRunCommand.self, ReplayRunCommand.self, ForkRunCommand.self],
        defaultSubcommand: StartRunCommand.self)
}

struct StartRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Runs a department's task to its end.",
        discussion: """
            --input takes inline JSON, a .json file, - for standard input, or a folder, which becomes
            {"path": "<absolute>"}. In a file, {"$file": "relative/path"} stands for that file's text, or for
            its document when it is a .json file.
            """)

    @Argument(help: "department/task, such as business/launch-case.")
    var task: String?

    @Option(help: "The task's input; see above.")
    var input: String?

    @Option(help: "A plan: a JSON file of tasks with dependencies, instead of one task.")
    var plan: String?

    @Option(help: "The named agent that runs it (default: the department's own).")
    var agent: String?

    @OptionGroup var caps: CapOptions

    @Option(help: "0 (last) to 4 (first).")
    var priority = 2

    @OptionGroup var order: OrderOptions

    @Option(
        name: .customLong("class"),
        help: "How far its data may go, at least: public, internal, confidential or restricted.")
    var sensitivity: Sensitivity?

    @Option(help: "Repeating a run with the same key answers with the first one.")
    var idempotencyKey: String?

    @Option(
        help: ArgumentHelp(
            "Whom its data is about, by id or alias: then all of it is sealed under a key of theirs, and can be erased "
                + "(bureau subjects).", valueName: "subject"))
    var subject: String?

    @Flag(help: "A person is to release the result before the run counts as done (bureau approvals).")
    var requiresApproval = false

    @Option(help: "Folder for the run's artifacts (default: output/<run> in the store; none for a --subject).")
    var outputDir: String?

    @Flag(help: "Show nothing while it runs.")
    var noProgress = false

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard (task == nil) != (plan == nil) else { throw ValidationError("give a task or --plan, and not both") }
        if plan != nil, input != nil { throw ValidationError("--plan takes no --input") }
        guard (0...4).contains(priority) else { throw ValidationError("--priority is a number from 0 to 4") }
        if let task, TaskReference(task) == nil {
            throw ValidationError("\"\(task)\" is no task: write department/task, such as business/launch-case")
        }
    }

    func run() async throws {
        let bytes = try InputReader().read(plan ?? input)
        if let server = try remote.host(beside: host.storage) { return try await start(bytes, at: server) }
        let runtime = try await HostSession.open(host, reading: InputReader.folder(input))
        do {
            let record = try await submit(bytes, to: runtime)
            await runtime.noteGrants(on: .standard)
            let failure = try await RunPresentation(
                runtime: runtime, outputFolder: outputDir, store: host.storage, isJSON: output.json,
                showsProgress: !noProgress
            ).present(record)
            await runtime.shutdown()
            if let failure { throw failure }
        } catch {
            await runtime.shutdown()
            throw error
        }
    }

    /// What a host takes with a task; the rest is the operator's at its own command line.
    private func start(_ bytes: [UInt8], at server: HostClient) async throws {
        guard let task, let reference = TaskReference(task), let data = try? JSONParser.parse(bytes) else {
            throw CommandFailure(
                .usage, "--plan is run beside its store; a host makes plans of words: bureau plan create")
        }
        var body = try order.members(from: SystemClock.now())
        body["task"] = .string(reference.task)
        body["data"] = data
        body["priority"] = .integer(Int64(priority))
        if requiresApproval { body["requires_approval"] = true }
        body["agent"] = agent.map { .string($0) }
        body["idempotency_key"] = idempotencyKey.map { .string($0) }
        body["subject"] = subject.map { .string($0) }
        body["classification"] = sensitivity.map { .string($0.rawValue) }
        body.merge(caps.members) { _, cap in cap }
        let answer = try await server.send(
            "POST", "/agents/\(PercentEncoding.encode(reference.department))/task", .object(body))
        try await RemoteRun(
            host: server, id: answer.text("job_id"), isJSON: output.json, showsProgress: !noProgress
        ).follow()
    }

    private func submit(_ bytes: [UInt8], to runtime: HostRuntime) async throws(CommandFailure) -> RunRecord {
        let now = SystemClock.now()
        do {
            let subject = try await SubjectFinder.find(subject, in: runtime.journal)
            guard let task, let reference = TaskReference(task) else {
                return try await runtime.submitPlan(
                    bytes, budget: nil, caps: caps.caps, user: caps.user, subject: subject,
                    isReviewed: requiresApproval)
            }
            var submission = RunSubmission(
                task: reference, agent: agent, input: bytes, priority: priority,
                idempotencyKey: idempotencyKey, startAt: try order.start(from: now), caps: caps.caps,
                user: caps.user, scheduling: try order.scheduling(from: now), correlation: order.correlation,
                subject: subject)
            submission.sensitivity = sensitivity
            submission.isReviewed = requiresApproval
            return try await runtime.submit(submission)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw (error as? EngineError).map { CommandFailure($0) } ?? CommandFailure(.internal, "\(error)")
        }
    }
}

/// Follows a run and shows how it ended. Shared by all commands that set a run going.
struct RunPresentation {
    var runtime: HostRuntime
    var outputFolder: String?
    var store: StoreOptions
    var isJSON: Bool
    var showsProgress = true
    var terminal = Terminal.standard

    /// - Returns: the failure that the command ends with, or nil when the run is done.
    func present(_ run: RunRecord) async throws(CommandFailure) -> CommandFailure? {
        let mode: ProgressReporter.Mode = isJSON || !showsProgress ? .silent : terminal.isLive ? .live : .lines
        let (ended, open) = try await RunFollower(runtime: runtime, terminal: terminal, mode: mode).follow(run)
        let folder = outputFolder.map(FilePath.absolute) ?? FilePath.join(store.folder, "output/\(run.id)")
        let report = try await RunReport.collect(
            ended.id, from: runtime.journal, folder: folder, isNamed: outputFolder != nil)
        if isJSON {
            terminal.line(report.json.serialized())
        } else {
            if mode != .silent { terminal.note("") }
            report.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
        return Self.failure(of: report.run, open)
    }

    private static func failure(of run: RunRecord, _ open: [ApprovalRecord]) -> CommandFailure? {
        if !open.isEmpty {
            let lines = open.map { approval in
                "\(approval.request.title.printable): bureau approvals approve \(approval.run) \(approval.sequence)"
            }
            return CommandFailure(.needsDecision, lines: ["run \(run.id) waits for a decision"] + lines)
        }
        let status = ExitStatus(run)
        guard status != .success else { return nil }
        let reason = run.failure.map { ": \($0.message.printable)" } ?? ""
        let verb = run.state == .paused ? "is paused" : run.state == .dead ? "was given up" : "is \(run.state.name)"
        return CommandFailure(status, "run \(run.id) (\(run.task)) \(verb)\(reason)")
    }
}

/// An exact amount on the command line: `12.50`.
struct Dollars: ExpressibleByArgument {
    let amount: Nanodollars

    init?(argument: String) {
        guard let amount = BudgetWords.amount(argument) else { return nil }
        self.amount = amount
    }
}

extension RunID: ExpressibleByArgument {
    package init?(argument: String) { self.init(argument) }
}
