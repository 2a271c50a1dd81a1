import ArgumentParser
import Engine
import Glibc
import Journal
import Kernel

/// Where the key of backups is read from.
struct BackupKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file with the key: 64 hexadecimal digits (default: BUREAU_BACKUP_KEY).", valueName: "file"))
    var keyFile: String?

    func key() throws(CommandFailure) -> BackupKey {
        do {
            return try BackupKey.read(file: keyFile.map(FilePath.absolute))
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension DatabaseCommand {
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies the store into one encrypted file, and reads it back.",
            discussion: """
                Works beside a running host, which goes on writing. A copy of the store stands in its folder meanwhile.
                """)

        @Argument(help: "A new file, or a folder in which one is named by the time.")
        var target: String

        @OptionGroup var key: BackupKeyOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let key = try key.key(), target = FilePath.absolute(target), folder = store.folder
            let report = try await DatabaseCommand.perform { () throws(JournalError) in
                try await SQLiteJournal.backup(folder: folder, to: target, key: key, clock: { SystemClock.now() })
            }
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(
                    report.head.json(at: report.path, [("bytes", .integer(report.fileBytes))]).serialized())
            }
            terminal.line("\(report.path): \(ByteCount.text(report.fileBytes)), \(report.head.text); read back")
        }
    }

    struct Backups: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backups", abstract: "Lists, verifies and prunes the backups of a folder.",
            subcommands: [List.self, Verify.self, Prune.self], defaultSubcommand: List.self)

        /// Oldest first.
        static func found(in folder: String) -> [(path: String, head: BackupHead)] {
            FilePath.entries(folder).map { "\(folder)/\($0)" }
                .compactMap { path in SQLiteJournal.backupHead(path).map { (path, $0) } }
                .sorted { $0.head.takenAt < $1.head.takenAt }
        }

        struct List: ParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Lists what each file says of itself.")

            @Argument(help: "The folder.")
            var folder: String

            @OptionGroup var output: OutputOptions

            func run() throws {
                let found = Backups.found(in: FilePath.absolute(folder)), terminal = Terminal.standard
                if output.json {
                    return terminal.line(
                        JSONValue.object(["backups": .array(found.map { $0.head.json(at: $0.path) })]).serialized())
                }
                for backup in found { terminal.line("\(backup.path): \(backup.head.text)".printable) }
            }
        }

        struct Verify: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Reads a backup, or all of a folder, to the end: every byte is opened with the key.",
                discussion: "The exit code is 8 when one cannot be read.")

            @Argument(help: "A backup, or a folder of them.")
            var source: String

            @OptionGroup var key: BackupKeyOptions
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let key = try key.key(), source = FilePath.absolute(source), terminal = Terminal.standard
                let paths = FilePath.isFolder(source) ? Backups.found(in: source).map(\.path) : [source]
                guard !paths.isEmpty else { throw CommandFailure(.notFound, "there is no backup in \(source)") }
                var results: [(path: String, problem: String?)] = []
                for path in paths {
                    do throws(JournalError) {
                        _ = try await SQLiteJournal.verifyBackup(path, key: key)
                        results.append((path, nil))
                    } catch {
                        results.append((path, error.message))
                    }
                }
                if output.json {
                    let list = results.map { result -> JSONValue in
                        [
                            "path": .string(result.path), "sound": .bool(result.problem == nil),
                            "problem": result.problem.map { .string($0) } ?? .null,
                        ]
                    }
                    terminal.line(JSONValue.object(["backups": .array(list)]).serialized())
                } else {
                    for result in results where result.problem == nil { terminal.line("\(result.path): sound") }
                }
                let problems = results.compactMap(\.problem)
                guard problems.isEmpty else { throw CommandFailure(.storeUnavailable, lines: problems) }
            }
        }

        struct Prune: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Removes the oldest backups of a folder, and archived commits that none of the rest needs.")

            @Argument(help: "The folder.")
            var folder: String

            @Option(help: "So many of the newest stay.")
            var keep: Int

            @Flag(help: "Only say what would go.")
            var dryRun = false

            mutating func validate() throws {
                guard keep >= 1 else { throw ValidationError("--keep is at least 1") }
            }

            func run() throws {
                let folder = FilePath.absolute(folder), found = Backups.found(in: folder)
                let old = found.dropLast(keep).map(\.path)
                let commits = SQLiteJournal.segments(in: folder, neededByNone: found.suffix(keep).map(\.head))
                for path in old + commits {
                    Terminal.standard.line(path)
                    guard dryRun || unlink(path) == 0 else {
                        throw CommandFailure(.storeUnavailable, "\(path): \(String(cString: strerror(errno)))")
                    }
                }
            }
        }
    }
}

extension BackupHead {
    fileprivate var text: String {
        "of \(takenAt.timestamp), \(pages) pages, \(auditSize) audit leaves"
            + (archive.map { ", then commits from \($0.epoch)/\($0.segment)" } ?? "")
    }

    fileprivate func json(at path: String, _ more: [(String, JSONValue)] = []) -> JSONValue {
        var members: [String: JSONValue] = [
            "path": .string(path), "taken_at": .string(takenAt.timestamp), "schema": .integer(schema),
            "pages": .integer(pages), "page_bytes": .integer(pageBytes), "audit_size": .integer(auditSize),
            "audit_root": .string(auditRoot.hex),
            "archive": archive.map { ["epoch": .string($0.epoch), "segment": .integer($0.segment)] } ?? .null,
        ]
        for (key, value) in more { members[key] = value }
        return .object(members)
    }
}
