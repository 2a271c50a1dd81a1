import Glibc
package import Kernel
import Synchronization

/// The folder with one file for each attempt whose end the host has not committed.
///
/// It also says **since when it knows of every attempt**: one that began later and has no file was never sent. Before
/// that nothing can be said, because a power cut, another way of sending, or age may have taken a file away.
package final class SpoolFolder: Sendable {
    package struct Limits: Sendable {
        /// Of all files together, counting what is under way at its largest.
        package var totalBytes: Int
        package var days: Int

        package init(totalBytes: Int = 4 << 30, days: Int = 7) {
            self.totalBytes = totalBytes
            self.days = days
        }
    }

    private struct Books: Sendable {
        /// Bytes of the files of exchanges that are over.
        var kept: [String: Int]
        var keptBytes: Int { kept.values.reduce(0, +) }
        /// For what is under way.
        var promised = 0
    }

    private static let knowledge = "known-since"
    /// What an exchange's record holds beside the response.
    private static let overheadBytes = 1 << 18

    package let path: String
    private let limits: Limits
    private let books: Mutex<Books>
    package let knownSince: Instant

    /// Makes the folder where it is missing, and removes what is too old.
    package init(path: String, limits: Limits, now: Instant) throws(Failure) {
        self.path = path
        self.limits = limits
        try Self.make(path)
        guard chmod(path, 0o700) == 0 else { throw Self.failure("close to others", path) }
        let oldest = now.advanced(byMilliseconds: -Int64(limits.days) * 86_400_000)
        var newest = Instant(unixMilliseconds: .min)
        var hasExpired = false
        for attempt in Self.attempts(in: path) {
            guard let file = try? Self.existing(path, attempt), let changed = file.changedAt else { continue }
            newest = max(newest, changed)
            guard changed < oldest, file.file.lock() else { continue }
            unlink(Self.path(path, attempt))
            hasExpired = true
        }
        books = Mutex(
            Books(
                kept: Dictionary(
                    uniqueKeysWithValues: Self.attempts(in: path).map { ($0, Self.size(Self.path(path, $0))) })))
        let stored = Self.storedKnowledge(path)
        if let stored, stored.boot == Self.boot, !hasExpired {
            knownSince = stored.since
        } else {
            // The clock may have gone back with the machine.
            let before = stored?.since ?? Instant(unixMilliseconds: .min)
            knownSince = max(now, max(before, newest).advanced(byMilliseconds: 1))
            try Self.store(path, knownSince)
        }
    }

    /// The attempts that have a file.
    package static func attempts(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var attempts: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let attempt = AttemptName.attempt(ofFile: name) { attempts.append(attempt) }
        }
        return attempts.sorted()
    }

    /// Somebody else is about to send: from here on, an attempt without a file says nothing.
    package static func disown(_ path: String) { unlink(path + "/" + knowledge) }

    package static func remove(_ attempt: String, in path: String) {
        if AttemptName.fileName(attempt) != nil { unlink(Self.path(path, attempt)) }
    }

    /// The attempt's file.
    ///
    /// - Returns: nil with `creating: false` when there is none.
    package func open(_ attempt: String, creating: Bool) throws(Failure) -> SpoolFile? {
        guard AttemptName.fileName(attempt) != nil else {
            throw Failure(.invalid, "\"\(attempt)\" is no name of an attempt")
        }
        let file = Self.path(path, attempt)
        let descriptor = Glibc.open(
            file, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (creating ? O_CREAT : 0), 0o600)
        if descriptor < 0, errno == ENOENT, !creating { return nil }
        guard descriptor >= 0 else { throw Self.failure("open", file) }
        return SpoolFile(descriptor: descriptor, path: file)
    }

    /// Promises room for one more exchange, until ``settle(_:_:)``.
    ///
    /// - Throws: `.busy` when the spool is full, by its limit or by the disk's.
    package func promise(responseBytes: Int) throws(Failure) -> Promise {
        let bytes = responseBytes + Self.overheadBytes
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { throw Self.failure("measure", path) }
        let free = Int(clamping: UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize)).0)
        return try books.withLock { books throws(Failure) in
            guard books.keptBytes + books.promised + bytes <= limits.totalBytes else {
                throw Failure(
                    .busy,
                    "the egress spool is full: \(books.keptBytes) bytes are kept and \(books.promised) promised of "
                        + "\(limits.totalBytes); nothing was sent")
            }
            guard books.promised + bytes <= free else {
                throw Failure(
                    .busy, "the egress spool's disk is full: \(free) bytes are free for \(path); nothing was sent")
            }
            books.promised += bytes
            return Promise(bytes: bytes)
        }
    }

    package struct Promise: Sendable { fileprivate let bytes: Int }

    /// The exchange is over, and its file is as large as it will be.
    package func settle(_ promise: Promise, _ attempt: String) {
        let size = Self.size(Self.path(path, attempt))
        books.withLock { books in
            books.promised -= promise.bytes
            books.kept[attempt] = size
        }
    }

    package func remove(_ attempt: String) {
        Self.remove(attempt, in: path)
        books.withLock { $0.kept[attempt] = nil }
    }

    /// Makes names durable.
    package func sync() {
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    // MARK: Helpers

    private static func make(_ path: String) throws(Failure) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw failure("make", path)
        }
        try make(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure("make", path) }
    }

    private static func path(_ folder: String, _ attempt: String) -> String {
        folder + "/" + (AttemptName.fileName(attempt) ?? "")
    }

    private static func existing(
        _ folder: String, _ attempt: String
    ) throws(Failure) -> (file: SpoolFile, changedAt: Instant?) {
        let file = path(folder, attempt)
        let descriptor = Glibc.open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw failure("open", file) }
        var status = stat()
        let changed =
            fstat(descriptor, &status) == 0
            ? Instant(unixMilliseconds: Int64(status.st_mtim.tv_sec) * 1000) : nil
        return (SpoolFile(descriptor: descriptor, path: file), changed)
    }

    private static func size(_ file: String) -> Int {
        var status = stat()
        return stat(file, &status) == 0 ? Int(status.st_size) : 0
    }

    private static let boot = text(of: "/proc/sys/kernel/random/boot_id") ?? "unknown"

    private static func storedKnowledge(_ folder: String) -> (boot: String, since: Instant)? {
        guard let parts = text(of: folder + "/" + knowledge)?.split(separator: " "), parts.count == 2,
            let since = Int64(parts[1])
        else { return nil }
        return (String(parts[0]), Instant(unixMilliseconds: since))
    }

    private static func store(_ folder: String, _ since: Instant) throws(Failure) {
        let file = folder + "/" + knowledge
        let text = Array("\(boot) \(since.unixMilliseconds)\n".utf8)
        let descriptor = Glibc.open(file + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("write", file) }
        defer { close(descriptor) }
        guard write(descriptor, text, text.count) == text.count, rename(file + ".new", file) == 0 else {
            throw failure("write", file)
        }
    }

    private static func text(of file: String) -> String? {
        let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        let content = bytes.prefix(max(0, count)).prefix { $0 != 10 }
        return content.isEmpty ? nil : String(decoding: content, as: UTF8.self)
    }

    private static func failure(_ verb: String, _ path: String) -> Failure {
        Failure(.io, "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
