import ArgumentParser
import Engine
import Journal
import Kernel
import Packages
import Server

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Goes back to a version that was installed before.")

    @Argument(help: "The department.")
    var department: String

    @Option(help: "The version (default: what the installed one replaced).")
    var to: String?

    @OptionGroup var storage: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let (record, before) = try await PluginShelf.changing(storage) { shelf, journal throws(CommandFailure) in
            let now = try shelf.current(department)
            let target = try target(now, shelf)
            try check(target, shelf)
            let record = InstallRecord(
                action: .rolledBack, department: department, plugin: target.plugin, version: target.version,
                library: target.library, package: target.package, signer: target.signer, by: Environment.user)
            return (
                try await journal.commit { journal throws(JournalError) in try journal.installAppend(record) }, now
            )
        }
        if output.json { return Terminal.standard.line(record.json.serialized()) }
        Terminal.standard.line("\(department) is \(record.version) again, it was \(before.version)")
    }

    /// Without a version: what stood before the installed one came, however often one went back and forth.
    private func target(_ now: InstallRecord, _ shelf: PluginShelf) throws(CommandFailure) -> InstallRecord {
        let lineage = shelf.lineage(department)
        let others = lineage.filter { $0.library != now.library }
        let arrival = lineage.firstIndex { $0.library == now.library } ?? lineage.endIndex
        let found = to.map { to in others.last { $0.version == to } } ?? lineage[..<arrival].last
        guard let found else {
            var seen: Set<String> = []
            let known = others.map(\.version).filter { seen.insert($0).inserted }.joined(separator: ", ")
            throw CommandFailure(
                .notFound,
                "\(department) \(now.version) has \(to.map { "no version \($0.printable)" } ?? "nothing") to go back "
                    + "to; other versions: \(known.isEmpty ? "none" : known)")
        }
        return found
    }

    /// The package was checked when it came. Its publisher must still be trusted, and its library be what it was.
    private func check(_ target: InstallRecord, _ shelf: PluginShelf) throws(CommandFailure) {
        let isTrusted = shelf.trusted.contains {
            $0.key.description == target.signer && ($0.plugin == nil || $0.plugin == target.plugin)
        }
        guard isTrusted || target.signer == nil else {
            throw CommandFailure(
                .pluginRefused,
                "\(department) \(target.version) is \(target.signedBy), which is trusted for it no more")
        }
        let path = shelf.installed.path(of: target.library)
        guard Digest.sha256(try PackageFile.contents(path, maximumBytes: TapeArchive.maximumBytes)) == target.library
        else {
            throw CommandFailure(
                .pluginRefused,
                "\(path) is not the library of \(department) \(target.version): upgrade to its package instead")
        }
    }
}

struct RemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Takes a plugin out of the store.",
        discussion: "Its libraries go, and its grant is taken back. Its history, its runs and its state stay.")

    @Argument(help: "The department.")
    var department: String

    @OptionGroup var storage: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let stored = try await PluginShelf.changing(storage) { shelf, journal throws(CommandFailure) in
            var record = try shelf.current(department)
            record.action = .removed
            record.by = Environment.user
            return try await journal.commit { [record] journal throws(JournalError) in
                if let latest = try journal.grants(department: record.department).last, !latest.isRevoked {
                    var grant = latest.grant
                    grant.by = record.by
                    _ = try journal.grantAppend(grant, isRevoked: true)
                }
                return try journal.installAppend(record)
            }
        }
        if output.json { return Terminal.standard.line(stored.json.serialized()) }
        Terminal.standard.line("removed \(department) \(stored.version)")
    }
}

struct InstalledCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists what is installed.")

    @OptionGroup var storage: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        InstallTable.show(try await PluginShelf.load(storage).installed.records, under: "plugins", output)
    }
}

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Lists what was installed for a department, oldest first.")

    @Argument(help: "The department.")
    var department: String

    @OptionGroup var storage: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let records = try await PluginShelf.load(storage).history.filter { $0.department == department }
        guard !records.isEmpty else {
            throw CommandFailure(.notFound, "nothing was ever installed for department \"\(department.printable)\"")
        }
        InstallTable.show(records, under: "history", output)
    }
}

private enum InstallTable {
    static func show(_ records: [InstallRecord], under name: String, _ output: OutputOptions) {
        let terminal = Terminal.standard
        if output.json {
            return terminal.line(JSONValue.object([name: .array(records.map(\.json))]).serialized())
        }
        var table = Table("department", "version", "action", "at", "by", "signature")
        for record in records {
            table.add(
                record.department, record.version, record.action.rawValue, record.at.timestamp, record.by.printable,
                record.signedBy)
        }
        table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }
}
