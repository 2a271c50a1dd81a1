import Glibc
import Placement

/// Tells which sources changed, once they have come to rest. Events of the kernel only say when to look: what changed
/// is found by looking at the whole tree, so that none can be lost, and a file that a build wrote anew with the same
/// content is none.
final class SourceWatch: Sendable {
    /// An editor's save is several events.
    private static let settleMilliseconds: UInt64 = 40
    /// A tree that never rests is looked at nevertheless.
    private static let patienceMilliseconds: UInt64 = 500

    /// Relative to the project's folder, each time at least one.
    let changes: AsyncStream<[String]>

    private let told: AsyncStream<[String]>.Continuation
    private let inotify: Int32
    private let stop: OneWay

    /// - Throws: when the system has no more watches to give.
    init(_ tree: SourceTree) throws(CommandFailure) {
        inotify = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard inotify >= 0 else { throw Self.failure(errno) }
        stop = try OneWay()
        (changes, told) = AsyncStream.makeStream(of: [String].self)
        var tree = tree
        // What is written from here on is told: each folder is watched before its files are read once more.
        _ = tree.changes()
        try Self.watch(tree, inotify)
        _ = tree.changes()
        let start = tree
        guard OSThread.start(name: "source watch", { [self] in run(start) }) else {
            throw CommandFailure(.internal, "no thread to watch the sources")
        }
        told.onTermination = { [stop] _ in stop.signal() }
    }

    deinit { close(inotify) }

    private func run(_ tree: SourceTree) {
        var tree = tree
        var sources = [
            pollfd(fd: inotify, events: Int16(POLLIN), revents: 0),
            pollfd(fd: stop.reader, events: Int16(POLLIN), revents: 0),
        ]
        var restlessSince: UInt64?
        var due: UInt64?
        while true {
            let now = Monotonic.milliseconds()
            _ = poll(&sources, nfds_t(sources.count), due.map { Int32(clamping: $0 > now ? $0 - now : 0) } ?? -1)
            if sources[1].revents != 0 { return }
            let seen = Monotonic.milliseconds()
            if drain() {
                let since = restlessSince ?? seen
                restlessSince = since
                due = min(seen + Self.settleMilliseconds, since + Self.patienceMilliseconds)
            }
            guard let time = due, time <= seen else { continue }
            (due, restlessSince) = (nil, nil)
            var changed = tree.changes()
            // A folder that is new may have got files before it was watched.
            try? Self.watch(tree, inotify)
            changed += tree.changes().filter { !changed.contains($0) }
            if !changed.isEmpty { told.yield(changed) }
        }
    }

    /// - Returns: whether anything happened.
    private func drain() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var any = false
        while read(inotify, &buffer, buffer.count) > 0 { any = true }
        return any
    }

    /// Watching a folder again changes nothing; one that is gone unwatches itself.
    private static func watch(_ tree: SourceTree, _ inotify: Int32) throws(CommandFailure) {
        let events =
            IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | Int32(IN_ONLYDIR)
            | Int32(IN_EXCL_UNLINK)
        for folder in tree.folders where inotify_add_watch(inotify, folder, UInt32(bitPattern: events)) < 0 {
            if errno == ENOSPC || errno == ENOMEM { throw failure(errno) }
        }
    }

    private static func failure(_ number: Int32) -> CommandFailure {
        CommandFailure(
            .internal,
            "the sources cannot be watched: \(String(cString: strerror(number))); see fs.inotify in sysctl")
    }
}

/// Two ends of a pipe over which one thread tells another, once, to stop.
final class OneWay: Sendable {
    let reader: Int32
    private let writer: Int32

    init() throws(CommandFailure) {
        (reader, writer) = try Self.pipe()
    }

    deinit {
        close(reader)
        close(writer)
    }

    func signal() {
        var byte: UInt8 = 1
        _ = write(writer, &byte, 1)
    }

    /// Programs started at the same moment on another thread could inherit the ends; all that the host starts close
    /// what they were not given.
    static func pipe() throws(CommandFailure) -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else {
            throw CommandFailure(.internal, "no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
