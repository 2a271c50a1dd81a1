import Foundation
import Kernel
import Synchronization

/// A waiting writer.
protocol WriteRequest: Sendable {
    /// Runs the closure; false when its savepoint must be rolled back.
    func perform(in transaction: SQLTransaction) -> Bool
    /// Resumes the caller: with what `perform` kept, or with the failure of the whole group.
    func finish(_ failure: JournalError?)
}

/// The one writer: a thread that takes all waiting requests, runs each in a savepoint of its own, commits the group
/// with one sync, and only then resumes the callers.
final class WriteLoop: Sendable {
    static let maximumGroup = 64
    static let maximumGroupBytes = 1 << 20

    private let driver: any SQLDriver
    private let clock: @Sendable () -> Instant
    private let zones: ZoneDirectory
    private let keys: SubjectKeys
    private let host: Int64
    private let faults: CommitFaults
    private let signal: EventSignal
    private let feed: ReadyFeed
    private let space: StoreSpace
    private let queue = WorkQueue<any WriteRequest>()
    private let ended = Completion()

    init(
        driver: any SQLDriver, clock: @escaping @Sendable () -> Instant, zones: ZoneDirectory, keys: SubjectKeys,
        host: Int64,
        faults: CommitFaults, signal: EventSignal, feed: ReadyFeed, space: StoreSpace, chain: AuditChain
    ) {
        self.driver = driver
        self.clock = clock
        self.zones = zones
        self.keys = keys
        self.host = host
        self.faults = faults
        self.signal = signal
        self.feed = feed
        self.space = space
        Thread.detachNewThread {
            Thread.current.name = "journal-writer"
            self.run(chain)
        }
    }

    func submit(_ request: any WriteRequest) {
        if !queue.put(request) { request.finish(JournalError(.closed, "the journal is closed")) }
    }

    /// After the commits before it, on the writer thread; false when the log could not be emptied.
    func foldLog() async -> Bool {
        await withCheckedContinuation { continuation in submit(LogFold(driver, continuation)) }
    }

    /// Ends the thread after the requests already submitted.
    func stop() async {
        end()
        await ended.wait()
    }

    /// The same, without waiting for it.
    func end() { queue.close() }

    private struct Progress {
        var chain: AuditChain
        var commits = 0
        /// Set once the medium failed: nothing is written after that, since nothing could be promised.
        var broken: JournalError?
        /// Set once the medium was full, until a write to it has succeeded again.
        var isFull = false
    }

    private func run(_ chain: AuditChain) {
        var progress = Progress(chain: chain)
        while true {
            let requests = queue.take(Self.maximumGroup, idle: { self.maintain(idle: true, &progress) })
            if requests.isEmpty { break }
            var rest = requests[...]
            while !rest.isEmpty { commitGroup(&rest, &progress) }
            maintain(idle: false, &progress)
        }
        signal.end()
        feed.end()
        // A failing close loses nothing: all that was acknowledged is synced, and opening recovers the rest.
        try? driver.close()
        ended.complete()
    }

    private func maintain(idle: Bool, _ progress: inout Progress) {
        guard progress.broken == nil, !progress.isFull else { return }
        do throws(SQLFailure) {
            try driver.maintain(idle: idle)
        } catch {
            note(error, &progress)
        }
        if idle { space.restock() }
    }

    private func note(_ failure: SQLFailure, _ progress: inout Progress) {
        switch failure.kind {
        case .disk:
            progress.broken = Self.closedByDisk(failure)
            space.noteFailed()
        case .full:
            progress.isFull = true
            space.noteFull(true)
        case .constraint, .other: break
        }
    }

    // MARK: Room

    private static let probeMilliseconds = 200

    /// Nil once a group may be written. On a full medium writers wait here, unless they were told not to or the
    /// journal closes: an execution that waits loses nothing, one that is refused may lose an answer it has paid for.
    private func awaitRoom(_ progress: inout Progress) -> JournalError? {
        if !progress.isFull, space.hasRoomToCommit() { return nil }
        progress.isFull = true
        space.noteFull(true)
        while true {
            space.giveBack()
            if space.hasRoomToCommit(), probe(&progress) { break }
            if let broken = progress.broken { return broken }
            guard space.settings.isPatient, !queue.isClosed else { return Self.noRoom(space) }
            Thread.sleep(forTimeInterval: Double(Self.probeMilliseconds) / 1_000)
        }
        progress.isFull = false
        space.noteFull(false)
        return nil
    }

    private func probe(_ progress: inout Progress) -> Bool {
        do throws(SQLFailure) {
            try driver.probe()
            return true
        } catch {
            note(error, &progress)
            return false
        }
    }

    private static func noRoom(_ space: StoreSpace) -> JournalError {
        JournalError(
            .full,
            "the store's medium is full (\(space.freeBytes >> 10) KiB free): nothing was written; free some room")
    }

    /// Takes requests from `rest` until the group is full, commits them, and resumes their callers.
    private func commitGroup(_ rest: inout ArraySlice<any WriteRequest>, _ progress: inout Progress) {
        var group: [any WriteRequest] = []
        var failure = progress.broken ?? awaitRoom(&progress)
        if failure == nil {
            let before = progress.chain
            failure = driver.withWriter { connection in
                performGroup(on: connection, &rest, &group, &progress)
            }
            if failure != nil { progress.chain = before }
        } else {
            group = Array(rest)
            rest = []
        }
        for request in group { request.finish(failure) }
    }

    /// Nil once committed and synced.
    private func performGroup(
        on connection: any SQLConnection, _ rest: inout ArraySlice<any WriteRequest>,
        _ group: inout [any WriteRequest], _ progress: inout Progress
    ) -> JournalError? {
        let session = SQLSession(connection)
        let transaction = SQLTransaction(
            session, now: clock(), zones: zones, keys: keys, host: host, chain: progress.chain, feed: feed)
        do throws(JournalError) {
            try session.execute(driver.beginWrite)
            while let request = rest.popFirst() {
                group.append(request)
                try perform(request, in: transaction)
                if session.writtenBytes >= Self.maximumGroupBytes { break }
                // Who came meanwhile still catches this sync.
                if rest.isEmpty { rest = queue.takeWaiting(Self.maximumGroup - group.count)[...] }
            }
            let hasEvents = transaction.savepoint.events != nil
            try transaction.closeGroup()
            progress.commits += 1
            try faults.before(progress.commits)
            try session.execute("COMMIT")
            progress.chain = transaction.chain
            faults.after(progress.commits)
            feed.add(transaction.savepoint.ready)
            if hasEvents { signal.raise() }
            return nil
        } catch {
            // SQLite has already rolled back by itself after a full disk; then there is nothing left to undo.
            _ = try? connection.execute("ROLLBACK", [])
            if group.isEmpty {
                group = Array(rest)
                rest = []
            }
            if let failure = session.failure { note(failure, &progress) }
            guard session.failure?.kind == .full || error.code == .full else {
                return JournalError(.storage, error.message)
            }
            progress.isFull = true
            space.noteRefusedGroup()
            return JournalError(.full, error.message)
        }
    }

    private func perform(_ request: any WriteRequest, in transaction: SQLTransaction) throws(JournalError) {
        let session = transaction.session
        let before = transaction.savepoint
        try session.execute("SAVEPOINT request")
        let kept = request.perform(in: transaction)
        if let failure = session.failure, failure.kind.isOfMedium {
            throw JournalError(.storage, "the journal's store failed: \(failure)")
        }
        if !kept {
            session.forgetFailure()
            transaction.savepoint = before
            try session.execute("ROLLBACK TO request")
        }
        try session.execute("RELEASE request")
    }

    private static func closedByDisk(_ failure: SQLFailure) -> JournalError {
        JournalError(
            .storage,
            "the journal is closed for writing since its medium failed (\(failure)); free or replace it, then restart")
    }
}

/// An empty write, after which nothing of the log of changes is left.
private final class LogFold: WriteRequest {
    private let driver: any SQLDriver
    private let continuation: CheckedContinuation<Bool, Never>

    init(_ driver: any SQLDriver, _ continuation: CheckedContinuation<Bool, Never>) {
        self.driver = driver
        self.continuation = continuation
    }

    func perform(in transaction: SQLTransaction) -> Bool { true }

    /// No transaction is open any more.
    func finish(_ failure: JournalError?) { continuation.resume(returning: failure == nil && driver.foldLog()) }
}

/// Ends once; any number of tasks may wait for it.
final class Completion: Sendable {
    private struct State {
        var done = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func complete() {
        let waiters = state.withLock { state in
            state.done = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let done = state.withLock { state in
                if !state.done { state.waiters.append(continuation) }
                return state.done
            }
            if done { continuation.resume() }
        }
    }
}
