import Foundation
import Synchronization

/// The store belongs to one host: an exclusive `flock` on `journal.lock`, held for the life of the process or until
/// ``release()``. The file holds the owner's process id, for people.
final class StoreLock: Sendable {
    private let descriptor: Mutex<Int32?>

    init(folder: String) throws(JournalError) {
        let path = folder + "/journal.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw JournalError(.storage, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard Self.acquire(descriptor) else {
            let holder = Self.contents(descriptor)
            close(descriptor)
            throw JournalError(
                .inUse, "the store \(folder) is in use by process \(holder.isEmpty ? "unknown" : holder)")
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            close(descriptor)
            throw JournalError(.storage, "cannot write \(path): \(String(cString: strerror(errno)))")
        }
        self.descriptor = Mutex(descriptor)
    }

    private static let tries = 4
    private static let pauseMicroseconds: UInt32 = 20_000

    /// Who only asks for the holder has the lock for a moment.
    private static func acquire(_ descriptor: Int32) -> Bool {
        for attempt in 1...tries {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            if attempt < tries { usleep(pauseMicroseconds) }
        }
        return false
    }

    /// Who holds the store of this folder; nil when nobody does.
    static func holder(folder: String) -> String? {
        let descriptor = open(folder + "/journal.lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
        let holder = contents(descriptor)
        return holder.isEmpty ? "unknown" : holder
    }

    func release() {
        let descriptor = self.descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let descriptor { close(descriptor) }
    }

    private static func contents(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).prefix { (48...57).contains($0) }, as: UTF8.self)
    }
}
