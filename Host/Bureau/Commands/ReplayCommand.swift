import ArgumentParser
import Journal
import Kernel

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Makes regression tests of recorded runs.", subcommands: [Export.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a run as a fixture, which PluginTesting replays in a unit test.",
            discussion: """
                The fixture holds the run's input, what its steps asked and were answered, and how it ended; values
                under names of secrets are taken out of requests and configuration. Look at it before you publish it:
                inputs and answers are the run's own data.
                """)

        @Argument(help: "The run's id.")
        var id: RunID

        @Option(name: [.customShort("o"), .customLong("output")], help: "The file (default: standard output).")
        var file: String?

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let recording = try await HostSession.ask(store) { [id] journal throws(JournalError) in
                try journal.recording(of: id)
            }
            guard let recording else { throw CommandFailure(.notFound, "no run \(id)") }
            let document: JSONValue
            do {
                document = try ReplayFixture.document(of: recording)
            } catch {
                throw CommandFailure(.usage, error.message)
            }
            let text = document.serialized(pretty: true)
            guard let file else { return Terminal.standard.line(text) }
            if let problem = FilePath.write(Array((text + "\n").utf8), to: FilePath.absolute(file)) {
                throw CommandFailure(.storeUnavailable, problem.text)
            }
            Terminal.standard.line("run \(id) is in \(file): \(recording.steps.count) steps")
        }
    }
}
