import Journal
import Kernel
import Server

/// A run that is not in the store any more.
struct ArchivedRunView {
    let id: RunID
    let store: StoreOptions

    /// Where it is, and with `--json` its rows as they were.
    func show(_ output: OutputOptions) async throws {
        let archived = try await HostSession.ask(store) { [id] journal throws(JournalError) in
            try journal.archivedRun(id)
        }
        guard let archived else { throw CommandFailure(.notFound, "no run \(id)") }
        let folder = store.folder
        let document = try await DatabaseCommand.perform { () throws(JournalError) in
            try await SQLiteJournal.archivedDocument(of: archived, folder: folder)
        }
        let terminal = Terminal.standard
        let rows = JSONValue.document(document)
        guard !output.json else {
            return terminal.line(
                JSONValue.object([
                    "id": .string(id.description), "archived_at": .string(archived.at.timestamp),
                    "file": .string("archive/\(archived.file)"), "rows": rows,
                ]).serialized())
        }
        terminal.line("\(terminal.outputStyle.bold(archived.task.description))  archived, \(archived.steps) steps")
        terminal.line("archived on \(archived.at.timestamp), in archive/\(archived.file); --json shows its rows")
    }
}
