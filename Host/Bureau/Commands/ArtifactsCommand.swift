import ArgumentParser
import Journal
import Kernel
import Server

struct ArtifactsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifacts", abstract: "Lists and gets what runs have made.", subcommands: [List.self, Get.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists a run's artifacts, its children's included.")

        @Argument(help: "The run's id.")
        var run: RunID

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let artifacts = try await ArtifactsCommand.artifacts(of: run, store)
            let terminal = Terminal.standard
            if output.json {
                let list = artifacts.map { JSONValue.object($0.members) }
                return terminal.line(JSONValue.object(["artifacts": .array(list)]).serialized())
            }
            var table = Table([("name", .left), ("media type", .left), ("bytes", .right), ("digest", .left)])
            for artifact in artifacts {
                table.add(artifact.name, artifact.mediaType, "\(artifact.byteCount)", artifact.digest.hex)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes one artifact to standard output or a file.")

        @Argument(help: "The run's id.")
        var run: RunID

        @Argument(help: "The artifact's name or digest.")
        var name: String

        @Option(name: [.short, .long], help: "The file to write (default: standard output).")
        var output: String?

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let artifacts = try await ArtifactsCommand.artifacts(of: run, store)
            guard let found = artifacts.first(where: { $0.name == name || $0.digest.hex == name }) else {
                throw CommandFailure(.notFound, "run \(run) has no artifact \(name)")
            }
            let content = try await HostSession.ask(store) { journal throws(JournalError) in
                try journal.artifact(found.digest)
            }
            guard let content else { throw CommandFailure(.storeUnavailable, "the content of \(name) is missing") }
            guard let output else { return Terminal.standard.bytes(content.bytes) }
            if let problem = FilePath.write(content.bytes, to: FilePath.absolute(output)) {
                throw CommandFailure(.badInput, problem.text)
            }
        }
    }

    private static func artifacts(
        of id: RunID, _ store: StoreOptions
    ) async throws(CommandFailure) -> [ArtifactRecord] {
        let found = try await HostSession.ask(store) { journal throws(JournalError) in
            (run: try journal.run(id), artifacts: try journal.artifacts(of: id))
        }
        guard found.run != nil else { throw CommandFailure(.notFound, "no run \(id)") }
        return found.artifacts
    }
}
