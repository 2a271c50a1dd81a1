package import Kernel
import Foundation
import Synchronization

/// The journal on SQLite: one folder, one writing host, any number of readers beside it.
package final class SQLiteJournal: JournalStore {
    private let clock: @Sendable () -> Instant
    private let zones: ZoneDirectory
    let keys: SubjectKeys
    private let readers: ReadPool
    /// Nil when opened read-only.
    let writer: WriteLoop?
    private let signal: EventSignal
    package let readyRuns: ReadyFeed
    private let space: StoreSpace
    private let archive: CommitArchive?
    private let closing = Mutex(false)
    private let closed = Completion()

    private init(
        clock: @escaping @Sendable () -> Instant, zones: ZoneDirectory, keys: SubjectKeys, readers: ReadPool,
        writer: WriteLoop?,
        signal: EventSignal = EventSignal(), feed: ReadyFeed = ReadyFeed(), space: StoreSpace,
        archive: CommitArchive? = nil
    ) {
        readyRuns = feed
        self.clock = clock
        self.zones = zones
        self.keys = keys
        self.readers = readers
        self.writer = writer
        self.signal = signal
        self.space = space
        self.archive = archive
    }

    /// A journal that is let go without ``close()`` still writes what was submitted, and frees the store after that.
    deinit {
        readers.end()
        writer?.end()
    }

    /// Opens the store in `folder` for this host, creating what is missing.
    ///
    /// - Parameters:
    ///   - hostID: for people; each opening is a new incarnation, whatever its id.
    ///   - faults: hooks around each commit, for tests.
    ///   - space: how much room is left on the medium, and what is done when there is none.
    ///   - subjects: files that stand outside the store; nil: beside it.
    /// - Throws: `.inUse` while another process has it open; `.storage` when the medium refuses, a durability setting
    ///   does not hold, the schema is newer than this host, or the audit log does not end as its checkpoint says.
    package static func open(
        folder: String, clock: @escaping @Sendable () -> Instant, hostID: String, faults: CommitFaults = .none,
        space: SpaceSettings = SpaceSettings(), subjects: SubjectFiles? = nil
    ) async throws(JournalError) -> SQLiteJournal {
        let files = subjects ?? .beside(folder)
        let opened = await onThread {
            Result { () throws(JournalError) in
                try start(folder: folder, clock: clock, hostID: hostID, faults: faults, space: space, files)
            }
        }
        let journal = try opened.get()
        do throws(JournalError) {
            try await journal.applyErasures()
        } catch {
            await journal.close()
            throw error
        }
        return journal
    }

    /// Reads a store that a host may have open at the same time. `write` throws `.closed`.
    package static func openReadOnly(
        folder: String, clock: @escaping @Sendable () -> Instant, subjects: SubjectFiles? = nil
    ) async throws(JournalError) -> SQLiteJournal {
        let files = subjects ?? .beside(folder)
        let opened = await onThread {
            Result { () throws(JournalError) in
                try startReading(folder: folder, clock: clock, files)
            }
        }
        return try opened.get()
    }

    // MARK: JournalStore

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        guard let rider = JournalRider.current, rider.board() else { return try await submit(body) }
        do throws(JournalError) {
            let value = try await submit { transaction throws(JournalError) in
                let value = try body(transaction)
                try rider.body(transaction)
                return value
            }
            rider.leave(written: true)
            return value
        } catch {
            rider.leave(written: false)
            throw error
        }
    }

    private func submit<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        guard let writer else { throw JournalError(.closed, "the journal was opened for reading only") }
        let result = await withCheckedContinuation { continuation in
            writer.submit(PendingWrite(body: body, continuation: continuation))
        }
        return try result.get()
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
            let taken = readers.submit { [clock, zones, keys] connection in
                continuation.resume(returning: Self.answer(connection, clock(), zones, keys, body))
            }
            if !taken { continuation.resume(returning: .failure(JournalError(.closed, "the journal is closed"))) }
        }
        return try result.get()
    }

    /// What the writing connection holds, as it reads back.
    package func durability() async throws(JournalError) -> SQLiteDurability {
        try await write { transaction throws(JournalError) in
            guard let session = (transaction as? SQLTransaction)?.session else {
                throw JournalError(.invalid, "the writer is not SQLite's")
            }
            return SQLiteDurability(
                synchronous: try session.first("PRAGMA synchronous") { $0.integer() } ?? -1,
                journalMode: try session.first("PRAGMA journal_mode") { $0.text() } ?? "",
                foreignKeys: try session.first("PRAGMA foreign_keys") { $0.flag() } ?? false,
                automaticCheckpointPages: try session.first("PRAGMA wal_autocheckpoint") { $0.integer() } ?? -1,
                pageBytes: try session.first("PRAGMA page_size") { $0.integer() } ?? -1)
        }
    }

    /// Where the archive of commits stands; nil when this store has none.
    package var archiveStatus: ArchiveStatus? {
        archive.map { ArchiveStatus(position: $0.position, problem: $0.problem) }
    }

    /// Has commits archived that have waited for their time; while nothing is written nobody else would.
    package func archiveIfDue() async {
        guard archive?.isDue == true else { return }
        // The writer looks after each group.
        try? await write { _ throws(JournalError) in }
    }

    var folder: String { space.folder }
    var now: Instant { clock() }

    /// Measured now: cheap enough to ask before each run.
    package var storage: StorageStatus { space.status }

    /// Yields at once, and whenever this host has committed events; ends with the journal.
    package func eventsCommitted() -> AsyncStream<Void> { signal.listen() }

    package func close() async {
        let first = closing.withLock { closing in
            defer { closing = true }
            return !closing
        }
        guard first else { return await closed.wait() }
        // Readers first: the writer's last checkpoint can then fold the whole log into the file.
        await readers.stop()
        await writer?.stop()
        closed.complete()
    }

    private static func answer<Value>(
        _ connection: Result<any SQLConnection, SQLFailure>, _ now: Instant, _ zones: ZoneDirectory,
        _ keys: SubjectKeys, _ body: (any JournalReading) throws(JournalError) -> Value
    ) -> Result<Value, JournalError> {
        Result { () throws(JournalError) in
            switch connection {
            case .success(let connection):
                return try body(SQLReading(SQLSession(connection), now: now, zones: zones, keys: keys))
            case .failure(let failure):
                throw JournalError(.storage, "the journal's store cannot be read: \(failure)")
            }
        }
    }

    // MARK: Opening

    /// Types of leaves that the journal's own operations append.
    package static var leafTypes: Set<String> { AuditSubject.ownTypes }

    /// In the folder of a store.
    package static let fileName = "journal.sqlite"

    private static func start(
        folder: String, clock: @escaping @Sendable () -> Instant, hostID: String, faults: CommitFaults,
        space settings: SpaceSettings, _ files: SubjectFiles
    ) throws(JournalError) -> SQLiteJournal {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw JournalError(.storage, "cannot create \(folder): \(String(cString: strerror(errno)))")
        }
        let lock = try StoreLock(folder: folder)
        let keys: SubjectKeys
        do throws(JournalError) {
            keys = try SubjectKeys(files)
        } catch {
            lock.release()
            throw error
        }
        let zones = ZoneDirectory()
        let space = StoreSpace(folder: folder, settings: settings)
        space.prepareToOpen()
        do throws(JournalError) {
            let driver = try storage { () throws(SQLFailure) in
                try SQLiteDriver(creating: folder + "/" + fileName, lock: lock)
            }
            let archive = try beginArchive(driver, folder, clock)
            let (host, chain) = try driver.withWriter { connection in
                Result { () throws(JournalError) in
                    try SQLiteSchema.migrate(connection)
                    keys.noteSubjects(try SQLSession(connection).first(SubjectSQL.any) { $0.flag() } ?? true)
                    return try begin(SQLSession(connection), zones, hostID: hostID, now: clock())
                }
            }.get()
            archive?.noteHost(host)
            try archive?.flush()
            let readers = try storage { () throws(SQLFailure) in try ReadPool(open: driver.openSnapshots) }
            let signal = EventSignal(), feed = ReadyFeed()
            let writer = WriteLoop(
                driver: driver, clock: clock, zones: zones, keys: keys, host: host, faults: faults, signal: signal,
                feed: feed, space: space, chain: chain)
            space.restock()
            return SQLiteJournal(
                clock: clock, zones: zones, keys: keys, readers: readers, writer: writer, signal: signal, feed: feed,
                space: space, archive: archive)
        } catch {
            lock.release()
            throw error
        }
    }

    /// Before the first commit; nil when the store archives nothing.
    private static func beginArchive(
        _ driver: SQLiteDriver, _ folder: String, _ clock: @escaping @Sendable () -> Instant
    ) throws(JournalError) -> CommitArchive? {
        guard let setup = try ArchiveSetup.read(store: folder) else { return nil }
        let lastHost = try driver.withWriter { connection in
            Result { () throws(JournalError) -> Int64 in
                let session = SQLSession(connection)
                // A store that is being made has no hosts yet.
                guard try SQLiteSchema.version(session) > 0 else { return 0 }
                return try session.first("SELECT coalesce(max(host_no), 0) FROM host") { $0.integer() } ?? 0
            }
        }.get()
        let archive = try CommitArchive(store: folder, setup: setup, lastHost: lastHost, clock: clock)
        driver.startArchiving(archive)
        return archive
    }

    private static func startReading(
        folder: String, clock: @escaping @Sendable () -> Instant, _ files: SubjectFiles
    ) throws(JournalError) -> SQLiteJournal {
        let path = folder + "/" + fileName
        guard access(path, R_OK) == 0 else {
            throw JournalError(.notFound, "there is no journal in \(folder)")
        }
        let version = try storage { () throws(SQLFailure) in
            let snapshot = try SQLiteSnapshots(path: path)
            defer { snapshot.close() }
            return try snapshot.read { connection in
                Result { () throws(JournalError) in try SQLiteSchema.requireNewest(SQLSession(connection)) }
            }
        }
        try version.get()
        let readers = try storage { () throws(SQLFailure) in
            try ReadPool { () throws(SQLFailure) in try SQLiteSnapshots(path: path) }
        }
        return SQLiteJournal(
            clock: clock, zones: ZoneDirectory(), keys: try SubjectKeys(files), readers: readers, writer: nil,
            space: StoreSpace(folder: folder, settings: SpaceSettings()))
    }

    /// A new incarnation of the host, and the audit log's tip.
    private static func begin(
        _ session: SQLSession, _ zones: ZoneDirectory, hostID: String, now: Instant
    ) throws(JournalError) -> (host: Int64, chain: AuditChain) {
        let chain = try AuditChain(stored: SQLReading(session, now: now, zones: zones))
        let host = try session.first(HostSQL.insert, [.text(hostID), .instant(now)]) { $0.integer() }
        guard let host else { throw JournalError(.storage, "the store gave this host no number") }
        return (host, chain)
    }

    static func storage<Value>(_ body: () throws(SQLFailure) -> Value) throws(JournalError) -> Value {
        do {
            return try body()
        } catch {
            throw JournalError(
                error.kind == .full ? .full : .storage, "the journal's store cannot be opened: \(error)")
        }
    }

    /// Opening blocks (recovery may read the whole log), so it does not run on the cooperative pool.
    static func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}

/// The settings on which the promise "acknowledged is durable" rests.
package struct SQLiteDurability: Hashable, Sendable {
    /// 2 is FULL: each commit is synced before it returns.
    package var synchronous: Int64
    package var journalMode: String
    package var foreignKeys: Bool
    /// 0: only the writer checkpoints, between groups.
    package var automaticCheckpointPages: Int64
    package var pageBytes: Int64
}

/// A write on its way: what its closure gave is kept until the group is durable.
private final class PendingWrite<Value: Sendable>: WriteRequest {
    private let body: @Sendable (any JournalTransaction) throws(JournalError) -> Value
    private let continuation: CheckedContinuation<Result<Value, JournalError>, Never>
    private let outcome = Mutex<Result<Value, JournalError>?>(nil)

    init(
        body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value,
        continuation: CheckedContinuation<Result<Value, JournalError>, Never>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func perform(in transaction: SQLTransaction) -> Bool {
        var result = Result { () throws(JournalError) in try body(transaction) }
        if let failure = transaction.session.failure {
            result = .failure(JournalError(.storage, "the journal's store failed: \(failure)"))
        }
        outcome.withLock { [result] in $0 = result }
        if case .success = result { return true }
        return false
    }

    func finish(_ failure: JournalError?) {
        let kept = outcome.withLock { $0 }
        let missing = JournalError(.storage, "the write was not performed")
        continuation.resume(returning: failure.map { .failure($0) } ?? kept ?? .failure(missing))
    }
}
