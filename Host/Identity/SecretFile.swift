import Glibc
import Kernel

/// Small files that only their owner may read, replaced whole.
enum SecretFile {
    private static let maximumBytes = 64 << 10

    /// Nil when there is none. Refuses links, and a file that others may read.
    static func read(_ path: String) throws(IdentityError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw IdentityError(.storage, "\(path) cannot be opened: \(reason())")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maximumBytes else {
            throw IdentityError(.storage, "\(path) is not a plain, small file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw IdentityError(.storage, "\(path) may be used by others than its owner; run chmod 600 on it")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size)), length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: length), buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            length += count
        }
        return Array(bytes.prefix(length))
    }

    /// Beside the old one and synced, then in its place.
    static func replace(_ path: String, with bytes: [UInt8]) throws(IdentityError) {
        let aside = path + ".new"
        unlink(aside)
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw IdentityError(.storage, "\(path) cannot be written: \(reason())") }
        let isWritten = write(bytes, descriptor) && fsync(descriptor) == 0
        let why = reason()
        close(descriptor)
        guard isWritten, rename(aside, path) == 0 else {
            unlink(aside)
            throw IdentityError(.storage, "\(path) cannot be written: \(why)")
        }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw IdentityError(.storage, "\(folder) cannot be made durable: \(reason())") }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw IdentityError(.storage, "\(folder) cannot be made durable: \(reason())") }
    }

    private static func write(_ bytes: [UInt8], _ descriptor: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
