import Foundation
import GRDB
import GRDBSQLite
import Kernel
import Synchronization

/// SQLite through GRDB, in WAL mode with a sync at every commit.
///
/// A `DatabaseQueue`, not a `DatabasePool`: the pool sets `synchronous=NORMAL` on its writer after
/// `prepareDatabase` has run, and acknowledged commits could vanish at a power cut.
final class SQLiteDriver: SQLDriver {
    /// `PRAGMA synchronous` as it must read back: FULL.
    static let fullSync: Int64 = 2
    /// Passive checkpoint between groups after so much was written.
    private static let checkpointRows = 2_000
    private static let checkpointBytes = 8 << 20
    /// The file shrinks when nothing waits and it grew past this.
    private static let truncateBytes: Int64 = 64 << 20

    private let path: String
    private let lock: StoreLock
    private let writer: DatabaseQueue
    private let written = Mutex((rows: 0, bytes: 0))
    /// Set once, before the first commit.
    private let archive = Mutex<CommitArchive?>(nil)

    let beginWrite = "BEGIN IMMEDIATE"

    /// - Parameter lock: held until ``close()``.
    init(creating path: String, lock: StoreLock) throws(SQLFailure) {
        self.path = path
        self.lock = lock
        var configuration = Configuration()
        configuration.label = "journal.writer"
        configuration.allowsUnsafeTransactions = true
        // Only for the recovery that another process may be doing while this one opens; cleared below.
        configuration.busyMode = .timeout(5)
        do {
            writer = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw SQLiteConnection.failure(error)
        }
        do {
            try writer.inDatabase { database in
                try database.execute(sql: "PRAGMA page_size = 8192")
                try Self.set(database, "journal_mode", "WAL", reads: "wal")
                try Self.set(database, "synchronous", "FULL", reads: String(Self.fullSync))
                try Self.set(database, "foreign_keys", "ON", reads: "1")
                try Self.set(database, "wal_autocheckpoint", "0", reads: "0")
                try Self.set(database, "busy_timeout", "0", reads: "0")
                // What a savepoint would take back is kept in memory, not in a temporary file for each group.
                try Self.set(database, "temp_store", "MEMORY", reads: "2")
                // What is removed is overwritten: a freed page keeps no key.
                try Self.set(database, "secure_delete", "ON", reads: "1")
            }
        } catch let failure as SQLFailure {
            throw failure
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    /// Sets a pragma and reads it back: a setting that does not hold stops the start.
    private static func set(_ database: Database, _ name: String, _ value: String, reads expected: String) throws {
        try database.execute(sql: "PRAGMA \(name) = \(value)")
        let held = try Row.fetchOne(database, sql: "PRAGMA \(name)").map { $0[0] as DatabaseValue }
        let text = held.flatMap { String.fromDatabaseValue($0) ?? Int64.fromDatabaseValue($0).map(String.init) }
        guard text == expected else {
            throw SQLFailure(
                kind: .other, description: "SQLite does not hold \(name)=\(value) (it reads \(text ?? "nothing"))")
        }
    }

    func withWriter<Value>(_ body: (any SQLConnection) -> Value) -> Value {
        writer.inDatabase { database in
            let connection = SQLiteConnection(database)
            defer {
                written.withLock { written in
                    written.rows += connection.changedRows
                    written.bytes += connection.writtenBytes
                }
            }
            return body(connection)
        }
    }

    func openSnapshots() throws(SQLFailure) -> any SQLSnapshots { try SQLiteSnapshots(path: path) }

    /// From here on each commit is archived before its frames may be overwritten.
    func startArchiving(_ commits: CommitArchive) {
        archive.withLock { $0 = commits }
        writer.inDatabase { database in
            // The driver keeps the archive for as long as it has the connection.
            let context = Unmanaged.passUnretained(commits).toOpaque()
            sqlite3_wal_hook(
                database.sqliteConnection,
                { context, _, _, frames in
                    if let context {
                        Unmanaged<CommitArchive>.fromOpaque(context).takeUnretainedValue().note(frames: Int64(frames))
                    }
                    return SQLITE_OK
                }, context)
        }
    }

    /// False while the log must be kept, since the archive does not have all of it.
    private func archived() -> Bool {
        guard let commits = archive.withLock({ $0 }) else { return true }
        do throws(JournalError) {
            try commits.flush()
            return true
        } catch {
            guard walBytes > CommitArchive.maximumWaitingBytes else { return false }
            // The store goes on; the archive says that it has a gap.
            return (try? commits.breakChain()) != nil
        }
    }

    func maintain(idle: Bool) throws(SQLFailure) {
        if archive.withLock({ $0?.isDue ?? false }) { _ = archived() }
        let due = written.withLock { written in
            guard written.rows >= Self.checkpointRows || written.bytes >= Self.checkpointBytes else { return false }
            written = (0, 0)
            return true
        }
        if due { try checkpoint("PASSIVE") }
        if due || idle, walBytes > Self.truncateBytes { try checkpoint("TRUNCATE") }
    }

    /// A checkpoint that readers hold up does what it can and is no failure.
    private func checkpoint(_ mode: String) throws(SQLFailure) {
        guard archived() else { return }
        do {
            _ = try writer.inDatabase { try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(\(mode))") }
        } catch {
            let failure = SQLiteConnection.failure(error)
            if failure.kind.isOfMedium { throw failure }
        }
    }

    func foldLog() -> Bool {
        guard (try? checkpoint("TRUNCATE")) != nil else { return false }
        return walBytes == 0
    }

    func probe() throws(SQLFailure) {
        // The log of changes may be what took the room; folding it into the file gives it back.
        do throws(SQLFailure) {
            try checkpoint("TRUNCATE")
        } catch {
            guard error.kind == .full else { throw error }
        }
        do {
            try writer.inDatabase { database in
                let version = try Int64.fetchOne(database, sql: "PRAGMA user_version") ?? 0
                // The same number again: a commit like any other, and nothing is changed.
                try database.execute(sql: "PRAGMA user_version = \(version)")
            }
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    private var walBytes: Int64 {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int64(status.st_size) : 0
    }

    func close() throws(SQLFailure) {
        defer { lock.release() }
        if let commits = archive.withLock({ $0 }) {
            // What fails here shows at the next opening: the chain does not end with a closing segment.
            try? commits.flush(isClosing: true)
        }
        try checkpoint("TRUNCATE")
        do {
            try writer.close()
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }
}

/// A read-only connection; each read is one deferred transaction, thus one snapshot.
final class SQLiteSnapshots: SQLSnapshots {
    private let queue: DatabaseQueue

    init(path: String) throws(SQLFailure) {
        var configuration = Configuration()
        configuration.label = "journal.reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    func read<Value>(_ body: (any SQLConnection) -> Value) throws(SQLFailure) -> Value {
        do {
            return try queue.read { body(SQLiteConnection($0)) }
        } catch {
            throw SQLiteConnection.failure(error)
        }
    }

    func close() {
        // A reader holds nothing that could be lost.
        try? queue.close()
    }
}
