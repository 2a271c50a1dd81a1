import ArgumentParser
import Engine
import Journal
import Kernel

struct ReplayRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Executes recorded runs again, offline and at no cost, and shows the first difference.",
        discussion: """
            Every effect is answered from the journal: no model, tool, child or person is asked, and nothing is
            written. Steps that the plugin computes itself are computed again and compared. Works beside a running
            host. Ends with code 11 when a replay differs.
            """)

    @Argument(help: "The run's id.")
    var id: RunID?

    @Option(help: "Replays the last runs of this department instead of one run.")
    var department: String?

    @Option(help: "How many of the department's runs, newest first.")
    var last = 20

    @Option(help: ArgumentHelp("The plugin to replay with (default: the department's current one).", valueName: "file"))
    var plugin: String?

    @Flag(help: "Take steps that the plugin computes itself from the journal, and do not compare them.")
    var keepLocalSteps = false

    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard (id == nil) != (department == nil) else {
            throw ValidationError("give a run's id or --department, and not both")
        }
        guard (1...1000).contains(last) else { throw ValidationError("--last is a number from 1 to 1000") }
    }

    func run() async throws {
        let recordings = try await recordings()
        let session = try await ReplaySession.open(
            for: recordings.map(\.run.task), plugin: plugin, host, localSteps: keepLocalSteps ? .keep : .compare)
        var results: [ReplayResult] = []
        for recording in recordings { results.append(await session.replay(recording)) }
        await session.close()
        let view = ReplayView(results: results, isSingle: id != nil)
        let terminal = Terminal.standard
        if output.json {
            terminal.line(view.json.serialized())
        } else {
            view.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
        if let failure = view.failure { throw failure }
    }

    private static let replayable: Set<RunState> = [.done, .failed, .cancelled, .dead, .paused]

    private func recordings() async throws(CommandFailure) -> [RunRecording] {
        let (id, department, last) = (id, department, last)
        let found = try await HostSession.ask(host.storage) { journal throws(JournalError) in
            if let id { return try journal.recording(of: id).map { [$0] } ?? [] }
            let filter = RunFilter(states: Self.replayable, department: department)
            var found: [RunRecording] = []
            for run in try journal.runs(filter, before: nil, limit: last) {
                if let recording = try journal.recording(of: run.id) { found.append(recording) }
            }
            return found
        }
        if let id {
            guard let run = found.first?.run else { throw CommandFailure(.notFound, "no run \(id)") }
            guard Self.replayable.contains(run.state) else {
                throw CommandFailure(.usage, "run \(id) is \(run.state.name): it can be replayed once it has ended")
            }
        } else if found.isEmpty {
            throw CommandFailure(.notFound, "department \(department ?? "") has no run that has ended")
        }
        return found
    }
}
