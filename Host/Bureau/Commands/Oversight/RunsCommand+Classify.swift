import ArgumentParser
import Journal
import Kernel
import Server

extension RunsCommand {
    struct Classify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says how far a run's data may go, when no host has the store open.",
            discussion: """
                Rules only raise the class of a run; a person may also lower it. Who, and why, is in the audit log.
                """)

        @Argument(help: "The run's id.")
        var id: RunID

        @Argument(help: "public, internal, confidential or restricted.")
        var sensitivity: Sensitivity

        @Option(help: "Why, for the record.")
        var reason: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let by = Environment.user
            let record = try await HostSession.change(store) { [id, sensitivity, reason] journal throws(JournalError) in
                try journal.runClassify(id, as: sensitivity, by: by, because: reason)
            }
            let text = "run \(id) is \(record.sensitivity.rawValue); it was \(record.before.rawValue)"
            Terminal.standard.line(output.json ? record.json.serialized() : text)
        }
    }
}

extension Sensitivity: ExpressibleByArgument {}
