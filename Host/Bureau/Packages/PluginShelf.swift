import Engine
import Glibc
import Journal
import Kernel
import Packages
import Server

/// What is installed in a store, and whom it trusts: libraries by content in its folder, decisions in its journal. A
/// library is whole and on the disk before the journal names it, so a kill at any moment leaves the old state or the
/// new one.
struct PluginShelf: Sendable {
    /// Oldest first.
    let history: [InstallRecord]
    /// Oldest first.
    let publishers: [PublisherRecord]
    let installed: InstalledPlugins

    private init(history: [InstallRecord], publishers: [PublisherRecord], storeFolder: String) {
        self.history = history
        self.publishers = publishers
        installed = InstalledPlugins(history, storeFolder: storeFolder)
    }

    /// Works beside a running host. Empty when there is no store yet.
    static func load(_ storage: StoreOptions) async throws(CommandFailure) -> PluginShelf {
        guard FilePath.isFolder(storage.folder) else {
            return PluginShelf(history: [], publishers: [], storeFolder: storage.folder)
        }
        let folder = storage.folder
        return try await HostSession.ask(storage) { journal throws(JournalError) in
            try PluginShelf(journal, storeFolder: folder)
        }
    }

    /// The store is this command's alone until `body` ends, so what was judged is what is changed. Afterwards the
    /// folder holds the libraries that the journal names, and nothing that an earlier kill left.
    static func changing<Value: Sendable>(
        _ storage: StoreOptions,
        _ body: (PluginShelf, SQLiteJournal) async throws(CommandFailure) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await writer(storage)
        do throws(CommandFailure) {
            let value = try await body(try await read(journal, storage), journal)
            try await sweep(journal, storage)
            await journal.close()
            return value
        } catch {
            // The command's own failure is what counts; what is left over is swept by the next.
            try? await sweep(journal, storage)
            await journal.close()
            throw error
        }
    }

    private init(_ journal: any JournalReading, storeFolder: String) throws(JournalError) {
        self.init(
            history: try journal.installs(), publishers: try journal.publishers(), storeFolder: storeFolder)
    }

    private static func writer(_ storage: StoreOptions) async throws(CommandFailure) -> SQLiteJournal {
        do {
            return try await SQLiteJournal.open(
                folder: storage.folder, clock: { SystemClock.now() }, hostID: "bureau-command")
        } catch {
            guard error.code == .inUse else { throw CommandFailure(error) }
            throw CommandFailure(
                .storeUnavailable, "\(error.message): stop that host first, and start it again when this is done")
        }
    }

    private static func read(
        _ journal: SQLiteJournal, _ storage: StoreOptions
    ) async throws(CommandFailure) -> PluginShelf {
        let folder = storage.folder
        do {
            return try await journal.read { journal throws(JournalError) in
                try PluginShelf(journal, storeFolder: folder)
            }
        } catch {
            throw CommandFailure(error)
        }
    }

    private static func sweep(_ journal: SQLiteJournal, _ storage: StoreOptions) async throws(CommandFailure) {
        let shelf = try await read(journal, storage)
        let kept = Set(shelf.installed.records.flatMap { shelf.lineage($0.department) }.map { "\($0.library.hex).so" })
        for name in FilePath.entries(shelf.installed.folder) where !kept.contains(name) {
            unlink("\(shelf.installed.folder)/\(name)")
        }
    }

    /// What was done for a department since it was last removed: the versions that it can go back to.
    func lineage(_ department: String) -> [InstallRecord] {
        let records = history.filter { $0.department == department }
        guard let end = records.lastIndex(where: { $0.action == .removed }) else { return records }
        return Array(records[(end + 1)...])
    }

    func current(_ department: String) throws(CommandFailure) -> InstallRecord {
        guard let record = installed.records.first(where: { $0.department == department }) else {
            let names = installed.records.map(\.department).joined(separator: ", ")
            throw CommandFailure(
                .notFound,
                "no plugin is installed for department \"\(department.printable)\"; installed: "
                    + (names.isEmpty ? "none" : names))
        }
        return record
    }

    /// The newest decision about a key and a plugin counts.
    var trusted: [TrustedPublisher] {
        publishers.compactMap { record in
            let newest = publishers.last { $0.key == record.key && $0.plugin == record.plugin }
            guard record.isTrusted, newest?.number == record.number,
                let key = try? NoteKey(publisher: record.key)
            else { return nil }
            return TrustedPublisher(key: key, plugin: record.plugin)
        }
    }

    /// Puts a library where the journal will point, durably, under the name of its content; one that is there already
    /// is made whole again.
    func keep(_ library: [UInt8]) throws(CommandFailure) -> String {
        let path = installed.path(of: Digest.sha256(library))
        if case .success(let bytes) = FilePath.read(path, maximumBytes: TapeArchive.maximumBytes), bytes == library {
            return path
        }
        if let problem = FilePath.makeFolder(installed.folder) ?? FilePath.replace(path, with: library) {
            throw CommandFailure(.storeUnavailable, problem.text)
        }
        return path
    }
}

extension SQLiteJournal {
    /// One change, with a command's failure.
    func commit<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(CommandFailure) -> Value {
        do {
            return try await write(body)
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension InstallRecord {
    var signedBy: String {
        signer.map { "signed by \($0.split(separator: "+").prefix(2).joined(separator: "+"))" } ?? "unsigned"
    }

    var json: JSONValue {
        [
            "number": .integer(number), "at": .string(at.timestamp), "action": .string(action.rawValue),
            "department": .string(department), "plugin": .string(plugin), "version": .string(version),
            "library": .string(library.hex), "package": .string(package.hex), "by": .string(by),
            "signer": signer.map { .string($0) } ?? .null,
        ]
    }
}
