import ArgumentParser
import Journal
import Kernel
import Packages

struct TrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust", abstract: "Says whose signatures this store believes.",
        subcommands: [Add.self, Remove.self, List.self], defaultSubcommand: List.self)

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trusts a publisher's key.")

        @OptionGroup var subject: Subject

        func run() async throws { try await subject.decide(isTrusted: true) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Trusts a key no more; what is installed stays.")

        @OptionGroup var subject: Subject

        func run() async throws { try await subject.decide(isTrusted: false) }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the trusted keys.")

        @OptionGroup var storage: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let trusted = try await PluginShelf.load(storage).trusted
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(
                    JSONValue.object(["publishers": .array(trusted.map(\.json))]).serialized())
            }
            var table = Table("key", "for")
            for publisher in trusted { table.add(publisher.key.description, publisher.scope) }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Subject: ParsableArguments {
        @Argument(help: "The public key, as its publisher gives it out.")
        var key: String

        @Option(help: ArgumentHelp("Only for this plugin (default: for all).", valueName: "id"))
        var plugin: String?

        @OptionGroup var storage: StoreOptions
        @OptionGroup var output: OutputOptions

        /// A decision that stands already is not recorded again.
        func decide(isTrusted: Bool) async throws(CommandFailure) {
            let publisher = TrustedPublisher(key: try PackageFile.key(key), plugin: plugin)
            let record = PublisherRecord(
                isTrusted: isTrusted, key: publisher.key.description, plugin: plugin, by: Environment.user)
            if !isTrusted, try await !PluginShelf.load(storage).trusted.contains(publisher) {
                throw CommandFailure(.notFound, "\(publisher.key.name) is not trusted for \(publisher.scope)")
            }
            try await PluginShelf.changing(storage) { shelf, journal throws(CommandFailure) in
                guard shelf.trusted.contains(publisher) != isTrusted else { return }
                _ = try await journal.commit { journal throws(JournalError) in try journal.publisherAppend(record) }
            }
            let json = publisher.json.objectValue ?? [:]
            Terminal.standard.line(
                output.json
                    ? JSONValue.object(json.merging(["trusted": .bool(isTrusted)]) { $1 }).serialized()
                    : "\(publisher.key.name) is \(isTrusted ? "trusted" : "trusted no more") for \(publisher.scope)")
        }
    }
}

extension TrustedPublisher {
    fileprivate var scope: String { plugin?.printable ?? "all plugins" }

    fileprivate var json: JSONValue {
        ["key": .string(key.description), "plugin": plugin.map { .string($0) } ?? .null]
    }
}
