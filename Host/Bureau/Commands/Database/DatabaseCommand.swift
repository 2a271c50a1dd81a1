import ArgumentParser
import Engine
import Journal

struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Cares for the store: checks, sizes, compaction, schema, backups.",
        discussion: """
            check, info and backup work beside a running host. vacuum, migrate and archive need the store for themselves
            and refuse with who holds it.

            Backups are sealed with a key of 64 hexadecimal digits (openssl rand -hex 32) from --key-file or
            BUREAU_BACKUP_KEY. Keep it elsewhere: without it they cannot be read.
            """,
        subcommands: [
            Check.self, Info.self, Vacuum.self, Migrate.self, Backup.self, Backups.self, Restore.self,
            AcceptRestore.self, Archive.self, Retention.self,
        ])

    /// Every refusal as the command's end.
    static func perform<Value>(_ body: () async throws(JournalError) -> Value) async throws(CommandFailure) -> Value {
        do {
            return try await body()
        } catch {
            guard error.code == .notFound else { throw CommandFailure(error) }
            throw CommandFailure(.storeUnavailable, "\(error.message); a first run makes it")
        }
    }
}
