import ArgumentParser
import Journal
import Kernel

extension DatabaseCommand {
    struct Archive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Archives each commit, so that the store can be restored to any moment since a backup.",
            discussion: """
                Off at first. Every host and command that opens the store for writing then archives what it commits,
                and does not open without the key. After start, make a backup while a host runs: a restore begins from
                one. vacuum and migrate begin a new chain, which needs a new backup.
                """,
            subcommands: [Start.self, Stop.self, Status.self], defaultSubcommand: Status.self)

        struct Start: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Begins with the next host that opens the store.")

            @Argument(help: "The folder for archived commits; the same as for backups is usual.")
            var folder: String

            @Option(help: ArgumentHelp("How long a commit may wait to be archived.", valueName: "s"))
            var interval = ArchiveSetup.defaultIntervalSeconds

            @OptionGroup var key: BackupKeyOptions
            @OptionGroup var store: StoreOptions

            mutating func validate() throws {
                guard (1...86_400).contains(interval) else { throw ValidationError("--interval is 1 to 86400 seconds") }
            }

            func run() async throws {
                _ = try key.key()
                let setup = ArchiveSetup(
                    folder: FilePath.absolute(folder), keyFile: key.keyFile.map(FilePath.absolute),
                    intervalSeconds: interval)
                if let problem = FilePath.makeFolder(setup.folder) {
                    throw CommandFailure(.storeUnavailable, problem.text)
                }
                try await DatabaseCommand.perform { [folder = store.folder] () throws(JournalError) in
                    try await SQLiteJournal.setArchive(setup, folder: folder)
                }
                Terminal.standard.line("commits will be archived in \(setup.folder); now make a backup")
            }
        }

        struct Stop: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Ends it. What was archived stays.")

            @OptionGroup var store: StoreOptions

            func run() async throws {
                try await DatabaseCommand.perform { [folder = store.folder] () throws(JournalError) in
                    try await SQLiteJournal.setArchive(nil, folder: folder)
                }
            }
        }

        struct Status: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Shows where it stands, and which backups it goes on from.")

            @OptionGroup var store: StoreOptions
            @OptionGroup var output: OutputOptions

            func run() throws {
                let setup: ArchiveSetup?
                do {
                    setup = try ArchiveSetup.read(store: store.folder)
                } catch {
                    throw CommandFailure(error)
                }
                let terminal = Terminal.standard
                guard let setup else {
                    return terminal.line(output.json ? #"{"archive":null}"# : "commits are not archived")
                }
                let count = SQLiteJournal.segments(of: setup)
                let bases = Backups.found(in: setup.folder).filter { $0.head.archive?.epoch == setup.epoch }
                if output.json {
                    return terminal.line(
                        JSONValue.object([
                            "archive": [
                                "folder": .string(setup.folder), "epoch": .string(setup.epoch),
                                "interval_seconds": .integer(setup.intervalSeconds),
                                "segments": .integer(Int64(count)),
                                "bases": .array(bases.map { .string($0.path) }),
                            ]
                        ]).serialized())
                }
                terminal.line("folder    \(setup.folder)".printable)
                terminal.line("chain     \(setup.epoch), \(count) segments, every \(setup.intervalSeconds) s")
                terminal.line(
                    bases.first.map { "restores  to any moment since \($0.head.takenAt.timestamp)" }
                        ?? "restores  none yet: make a backup in this folder")
            }
        }
    }
}
