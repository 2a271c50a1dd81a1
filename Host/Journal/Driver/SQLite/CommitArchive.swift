import Foundation
import Kernel
import Synchronization

/// Copies each commit out of SQLite's log of changes into sealed files, before a checkpoint may let it be overwritten.
///
/// That is exact because the host's writer is the only one that writes and the only one that checkpoints: between two
/// checkpoints the log only grows, and before each of them everything in it has been copied. A chain of segments is
/// unbroken when each continues the log that the one before it was read from; where that cannot be shown, a new chain
/// begins, and a restore needs a base backup of after that.
final class CommitArchive: Sendable {
    /// A segment is written when so much waits, even before its time.
    private static let segmentBytes: Int64 = 4 << 20
    /// The log may grow so far while the archive cannot be written; then the chain is broken instead.
    static let maximumWaitingBytes: Int64 = 512 << 20

    private struct State {
        var setup: ArchiveSetup
        /// Of the segment that comes.
        var next: Int64
        var salts: [UInt32] = []
        /// Frames of the log with these salts that are archived.
        var frames: Int64 = 0
        /// Frames of the log as it is now, after the newest commit.
        var committed: Int64 = 0
        /// When each commit that waits was made, by its last frame.
        var times: [Int64: Instant] = [:]
        var latest = Instant(unixMilliseconds: 0)
        var waitingSince: Instant?
        var host: Int64 = 0
        var problem: String?
    }

    private let store: String
    private let key: BackupKey
    private let clock: @Sendable () -> Instant
    private let state: Mutex<State>

    private var wal: String { "\(store)/\(SQLiteJournal.fileName)-wal" }

    /// - Parameter lastHost: the incarnation that had the store before this one.
    init(
        store: String, setup: ArchiveSetup, lastHost: Int64, clock: @escaping @Sendable () -> Instant
    ) throws(JournalError) {
        self.store = store
        self.clock = clock
        key = try setup.key()
        guard mkdir(setup.folder, 0o700) == 0 || errno == EEXIST else {
            throw JournalError(
                .storage, "the archive \(setup.folder) cannot be made: \(String(cString: strerror(errno)))")
        }
        var state = State(setup: setup, next: 0)
        if let last = ArchiveFolder.segments(setup.folder, epoch: setup.epoch).last {
            let head = try ArchiveFolder.head(setup.folder, ArchivePosition(epoch: setup.epoch, segment: last))
            let header = try LogFile.header("\(store)/\(SQLiteJournal.fileName)-wal")
            if Self.continues(head, header?.salts, lastHost) {
                state.next = last + 1
                (state.salts, state.frames) = (head.salts, head.frames)
                state.latest = head.to
            } else {
                try state.setup.beginEpoch(store: store)
            }
        }
        self.state = Mutex(state)
    }

    /// Whether nothing can have been committed since a segment that is not in the log any more.
    private static func continues(_ last: SegmentHead, _ salts: [UInt32]?, _ lastHost: Int64) -> Bool {
        guard let salts else { return last.isClosing && last.host == lastHost }
        // The same log, or the one after it: SQLite adds one to the first salt when it begins a log anew.
        return salts == last.salts || salts[0] == last.salts[0] &+ 1
    }

    var position: ArchivePosition { state.withLock { ArchivePosition(epoch: $0.setup.epoch, segment: $0.next) } }
    /// Why nothing can be archived now.
    var problem: String? { state.withLock { $0.problem } }

    func noteHost(_ host: Int64) { state.withLock { $0.host = host } }

    /// A commit ended with this frame of the log.
    func note(frames: Int64) {
        let now = clock()
        state.withLock { state in
            state.latest = max(state.latest, now)
            state.committed = frames
            state.times[frames] = state.latest
            state.waitingSince = state.waitingSince ?? now
        }
    }

    var isDue: Bool {
        let now = clock()
        return state.withLock { state in
            guard let since = state.waitingSince else { return false }
            let waiting = max(0, state.committed - state.frames) * Int64(LogFile.usualPageBytes)
            return waiting >= Self.segmentBytes
                || now.unixMilliseconds - since.unixMilliseconds >= state.setup.intervalSeconds * 1_000
        }
    }

    /// Writes one segment with all commits that wait. On the writer's thread, between groups.
    func flush(isClosing: Bool = false) throws(JournalError) {
        let before = state.withLock { $0 }
        guard before.waitingSince != nil || isClosing else { return }
        do throws(JournalError) {
            let head = try write(before, isClosing: isClosing)
            state.withLock { state in
                state.next += 1
                (state.salts, state.frames) = (head.salts, head.frames)
                (state.times, state.waitingSince, state.problem) = ([:], nil, nil)
            }
        } catch {
            state.withLock { $0.problem = error.message }
            throw error
        }
    }

    private func write(_ state: State, isClosing: Bool) throws(JournalError) -> SegmentHead {
        let header = try LogFile.header(wal)
        let isSameLog = header?.salts == state.salts
        let first = isSameLog ? state.frames : 0
        // Nothing was committed in it yet when no commit waits.
        let end = state.waitingSince == nil ? first : state.committed
        let times = state.times.values.sorted()
        let head = SegmentHead(
            position: ArchivePosition(epoch: state.setup.epoch, segment: state.next),
            pageBytes: Int64(header?.pageBytes ?? LogFile.usualPageBytes), salts: header?.salts ?? [0, 0], frames: end,
            from: times.first ?? state.latest, to: times.last ?? state.latest, host: state.host, isClosing: isClosing)
        let writer = try SealedWriter(
            ArchiveFolder.path(state.setup.folder, head.position), head: head.json, key: key)
        if let header, end > first {
            let log = try LogFile(wal, header)
            for number in first..<end {
                let frame = try log.frame(number)
                let time = frame.commits == 0 ? 0 : (state.times[number + 1] ?? state.latest).unixMilliseconds
                try writer.write(ArchivedFrame.bytes(page: frame.page, commits: frame.commits, at: time))
                try writer.write(frame.content)
            }
        }
        try writer.finish()
        return head
    }

    /// The archive cannot be written, and the log must not grow for ever: what was archived ends here.
    func breakChain() throws(JournalError) {
        var setup = state.withLock { $0.setup }
        try setup.beginEpoch(store: store)
        state.withLock { state in
            state.setup = setup
            (state.next, state.salts, state.frames) = (0, [], 0)
            (state.times, state.waitingSince) = ([:], nil)
        }
    }
}

/// What stands before each page in a segment.
enum ArchivedFrame {
    static let prefixBytes = 16

    static func bytes(page: UInt32, commits: UInt32, at milliseconds: Int64) -> [UInt8] {
        withUnsafeBytes(of: page.bigEndian) { Array($0) } + withUnsafeBytes(of: commits.bigEndian) { Array($0) }
            + withUnsafeBytes(of: milliseconds.bigEndian) { Array($0) }
    }
}

/// SQLite's log of changes, as https://www.sqlite.org/fileformat2.html#the_write_ahead_log describes it.
final class LogFile {
    static let usualPageBytes = 8_192
    private static let headerBytes = 32
    private static let frameHeaderBytes = 24

    struct Header {
        var pageBytes: Int
        var salts: [UInt32]
    }

    struct Frame {
        var page: UInt32
        /// Pages of the file after the commit that this frame ends; 0 in the middle of one.
        var commits: UInt32
        var content: [UInt8]
    }

    private let path: String
    private let header: Header
    private let descriptor: Int32

    /// Nil for a log that is not there or has nothing in it.
    static func header(_ path: String) throws(JournalError) -> Header? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw JournalError(.storage, "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: headerBytes)
        guard pread(descriptor, &bytes, headerBytes, 0) == headerBytes else { return nil }
        guard number(bytes, 0) & ~1 == 0x377f_0682 else { throw JournalError(.storage, "\(path) is no log of SQLite") }
        return Header(pageBytes: Int(number(bytes, 8)), salts: [number(bytes, 16), number(bytes, 20)])
    }

    init(_ path: String, _ header: Header) throws(JournalError) {
        self.path = path
        self.header = header
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw JournalError(.storage, "\(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Frames count from 0.
    func frame(_ number: Int64) throws(JournalError) -> Frame {
        let length = Self.frameHeaderBytes + header.pageBytes
        var bytes = [UInt8](repeating: 0, count: length)
        let offset = off_t(Self.headerBytes) + off_t(number) * off_t(length)
        guard pread(descriptor, &bytes, length, offset) == length,
            [Self.number(bytes, 8), Self.number(bytes, 12)] == header.salts
        else { throw JournalError(.storage, "\(path) does not hold frame \(number), which was committed") }
        return Frame(
            page: Self.number(bytes, 0), commits: Self.number(bytes, 4),
            content: Array(bytes[Self.frameHeaderBytes...]))
    }

    private static func number(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
