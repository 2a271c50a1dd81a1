import ArgumentParser
import Engine
import Journal

struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", abstract: "Cares for the store: checks, sizes, compaction, schema.",
        discussion: """
            check and info work beside a running host. vacuum and migrate need the store for themselves and refuse
            with who holds it.
            """,
        subcommands: [Check.self, Info.self, Vacuum.self, Migrate.self])

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
