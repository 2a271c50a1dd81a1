import Dispatch
import Glibc
package import Kernel

/// Cached answers as files, one each, named by their key: a digest of the rest, when they expire, and the answer. A
/// file that does not hold what its digest says is deleted, never used. All work is done on a queue of its own, in
/// order; a file that cannot be written is a miss after the next start, nothing else.
package final class CacheFolder: Sendable {
    package struct Entry: Hashable, Sendable {
        package var key: Digest
        package var reply: [UInt8]
        package var expiresAt: Instant
    }

    static let maximumFiles = 1_000_000
    private static let maximumFileBytes = 64 << 20

    private let path: String
    private let now: @Sendable () -> Instant
    private let queue = DispatchQueue(label: "bureau response cache")

    /// - Throws: `.io` when the folder cannot be made.
    package init(path: String, now: @escaping @Sendable () -> Instant) throws(Failure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw Failure(.io, "the cache's folder \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        self.path = path
        self.now = now
    }

    /// The newest of `limit` bytes, oldest first; the rest, and what is broken or expired, is deleted.
    func load(limit: Int64, _ body: @escaping @Sendable (Entry) -> Void) {
        queue.async { [self] in
            var room = limit
            var kept: [File] = []
            for file in files() {
                room -= file.bytes
                if room >= 0 { kept.append(file) } else { unlink("\(path)/\(file.name)") }
            }
            for file in kept.reversed() {
                if let entry = read(file), now() < entry.expiresAt {
                    body(entry)
                } else {
                    unlink("\(path)/\(file.name)")
                }
            }
        }
    }

    func write(_ entry: Entry) {
        queue.async { [self] in
            let file = "\(path)/\(entry.key.hex)"
            let aside = file + ".new"
            let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { return }
            let isWritten = Self.writeAll(Self.encode(entry), descriptor)
            close(descriptor)
            if !isWritten || rename(aside, file) != 0 { unlink(aside) }
        }
    }

    func remove(_ keys: [Digest]) {
        guard !keys.isEmpty else { return }
        queue.async { [self] in
            for key in keys { unlink("\(path)/\(key.hex)") }
        }
    }

    /// Until all that was asked for is done.
    package func drain() { queue.sync {} }

    // MARK: Files

    private static func encode(_ entry: Entry) -> [UInt8] {
        let rest = Array("\(entry.expiresAt.unixMilliseconds)\n".utf8) + entry.reply
        return Array((Digest.sha256(entry.key.bytes + rest).hex + "\n").utf8) + rest
    }

    private static func decode(_ bytes: [UInt8], key: Digest) -> Entry? {
        let lines = bytes.split(separator: 10, maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, let digest = Digest(hex: String(decoding: lines[0], as: UTF8.self)),
            digest == Digest.sha256(key.bytes + bytes.dropFirst(lines[0].count + 1)),
            let expiry = Int64(String(decoding: lines[1], as: UTF8.self))
        else { return nil }
        return Entry(key: key, reply: Array(lines[2]), expiresAt: Instant(unixMilliseconds: expiry))
    }

    private struct File {
        var name: String
        var key: Digest
        var bytes: Int64
        var seconds: Int
    }

    /// Newest first. What is not named like a file of this cache is not its own, and stays.
    private func files() -> [File] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var files: [File] = []
        while files.count < Self.maximumFiles, let item = readdir(folder) {
            let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            var status = stat()
            guard let key = Digest(hex: name), lstat("\(path)/\(name)", &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else { continue }
            files.append(File(name: name, key: key, bytes: Int64(status.st_size), seconds: status.st_mtim.tv_sec))
        }
        return files.sorted { $0.seconds > $1.seconds }
    }

    private func read(_ file: File) -> Entry? {
        let descriptor = open("\(path)/\(file.name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, (0...Self.maximumFileBytes).contains(Int(status.st_size)) else {
            return nil
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: length), buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            length += count
        }
        return Self.decode(bytes, key: file.key)
    }

    private static func writeAll(_ bytes: [UInt8], _ descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
