import ArgumentParser
import Engine
import Journal
import Kernel

extension DatabaseCommand {
    struct Info: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what the store holds and takes up, by table.",
            discussion: "Works beside a running host. Reads every page.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = store.folder
            let info = try await DatabaseCommand.perform { () throws(JournalError) in
                try await SQLiteJournal.info(folder: folder)
            }
            let terminal = Terminal.standard
            if output.json { return terminal.line(info.json.serialized()) }
            terminal.line("store        \(folder)")
            terminal.line("schema       \(info.schema)\(info.schema == info.newestSchema ? "" : ", not the newest")")
            terminal.line("open in      \(info.holder.map { "process \($0)" } ?? "no host")")
            terminal.line("file         \(ByteCount.text(info.fileBytes)), \(info.pages) pages")
            terminal.line(
                "free pages   \(info.freePages) (\(ByteCount.text(info.freePages * info.pageBytes)); bureau db vacuum)")
            terminal.line("log          \(ByteCount.text(info.walBytes)) not folded in yet")
            terminal.line("audit        \(info.auditLeaves) leaves")
            var table = Table([("table", .left), ("rows", .right), ("size", .right)])
            for entry in info.tables { table.add(entry.name, String(entry.rows), ByteCount.text(entry.bytes)) }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Vacuum: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the store anew without the room that was freed in it.",
            discussion: """
                Needs the store for itself. It is one transaction of the database: a kill at any moment leaves the old
                content. It says first how much room it needs, and begins nothing without it.
                """)

        @Flag(help: "Only say what it needs.")
        var dryRun = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = store.folder, terminal = Terminal.standard
            let plan = try await DatabaseCommand.perform { () throws(JournalError) in
                try await SQLiteJournal.vacuum(folder: folder, isDryRun: true)
            }
            terminal.note(
                "compacting \(ByteCount.text(plan.bytesBefore)) needs \(ByteCount.text(plan.neededBytes)) for a while; "
                    + "\(ByteCount.text(plan.freeBytes)) are free")
            let report =
                dryRun
                ? plan
                : try await DatabaseCommand.perform { () throws(JournalError) in
                    try await SQLiteJournal.vacuum(folder: folder, isDryRun: false)
                }
            if output.json { return terminal.line(report.json.serialized()) }
            if !dryRun {
                terminal.line("\(ByteCount.text(report.bytesBefore)) → \(ByteCount.text(report.bytesAfter))")
            }
        }
    }

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Brings the store to the schema of this version, after a copy of it as it was.",
            discussion: """
                Needs the store for itself. bureau serve does the same by itself, but without the copy. The migration
                is one transaction; the copy stays in the store's folder until you remove it.
                """)

        @Flag(help: "Only say from where to where.")
        var dryRun = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let folder = store.folder, terminal = Terminal.standard
            let report = try await DatabaseCommand.perform { [dryRun] () throws(JournalError) in
                try await SQLiteJournal.migrate(folder: folder, clock: { SystemClock.now() }, isDryRun: dryRun)
            }
            if output.json { return terminal.line(report.json.serialized()) }
            guard report.isDue else { return terminal.line("schema \(report.from) is the newest") }
            terminal.line("schema \(report.from) → \(report.to)")
            if dryRun {
                terminal.line("needs \(ByteCount.text(report.neededBytes)), with the copy that it makes first")
            }
            if let copy = report.copy { terminal.line("the store as it was: \(copy)") }
        }
    }
}

extension StoreInfo {
    fileprivate var json: JSONValue {
        [
            "schema": .integer(schema), "newest_schema": .integer(newestSchema), "page_bytes": .integer(pageBytes),
            "pages": .integer(pages), "free_pages": .integer(freePages), "file_bytes": .integer(fileBytes),
            "wal_bytes": .integer(walBytes), "audit_leaves": .integer(auditLeaves),
            "holder": holder.map { .string($0) } ?? .null,
            "tables": .array(
                tables.map { ["name": .string($0.name), "rows": .integer($0.rows), "bytes": .integer($0.bytes)] }),
        ]
    }
}

extension VacuumReport {
    fileprivate var json: JSONValue {
        [
            "bytes_before": .integer(bytesBefore), "bytes_after": .integer(bytesAfter),
            "needed_bytes": .integer(neededBytes), "free_bytes": .integer(freeBytes),
        ]
    }
}

extension MigrationReport {
    fileprivate var json: JSONValue {
        [
            "from": .integer(from), "to": .integer(to), "copy": copy.map { .string($0) } ?? .null,
            "needed_bytes": .integer(neededBytes), "free_bytes": .integer(freeBytes),
        ]
    }
}
