import Crypto
import Foundation
package import Kernel

/// The key of backups: 32 bytes, known to whoever may read them.
package struct BackupKey: Sendable {
    package static let digits = 64
    let master: SymmetricKey

    /// Nil unless there are 64 hexadecimal digits, with space around them.
    package init?(_ text: String) {
        let digits = text.filter { !$0.isWhitespace }.lowercased()
        guard digits.utf8.count == Self.digits, let bytes = Hex.decode(digits) else { return nil }
        master = SymmetricKey(data: bytes)
    }
}

/// The form of backups: a readable head, then the content in sealed chunks.
///
///     magic · length of head · head (JSON) · salt · (length · ciphertext · tag)*
///
/// Each file has a key of its own, derived from the master key and its salt. A chunk's nonce is its number and whether
/// it is the last one, and each authenticates the head: chunks cannot be changed, exchanged, repeated or cut off.
enum SealedFile {
    static let magic = Array("BUREAU-SEALED-1\n".utf8)
    static let saltBytes = 32
    static let chunkBytes = 1 << 20
    static let tagBytes = 16
    static let maximumHeadBytes = 1 << 16

    static func key(_ master: BackupKey, salt: [UInt8]) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master.master, salt: salt, info: Array("bureau.sealed/1".utf8), outputByteCount: 32)
    }

    static func nonce(_ number: UInt64, isLast: Bool) throws -> ChaChaPoly.Nonce {
        let counter = withUnsafeBytes(of: number.bigEndian) { Array($0) }
        return try ChaChaPoly.Nonce(data: [0, 0, 0] + counter + [isLast ? 1 : 0])
    }

    static func length(_ count: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) } }

    static func failure(_ path: String, _ reason: String) -> JournalError {
        JournalError(.storage, "\(path): \(reason)")
    }
}

/// Writes a sealed file under a draft name; it has its own name once it is whole and on the disk.
final class SealedWriter {
    private let path: String
    private let draft: String
    private let descriptor: Int32
    private let key: SymmetricKey
    private let context: [UInt8]
    private var number: UInt64 = 0
    private var waiting: [UInt8] = []
    private var isFinished = false

    init(_ path: String, head: JSONValue, key master: BackupKey) throws(JournalError) {
        self.path = path
        draft = path + ".part"
        let head = head.bytes
        let salt = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
        let opening = SealedFile.magic + SealedFile.length(head.count) + head + salt
        context = Digest.sha256(opening).bytes
        key = SealedFile.key(master, salt: salt)
        descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SealedFile.failure(draft, String(cString: strerror(errno))) }
        try put(opening)
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(draft) }
    }

    func write(_ bytes: some Collection<UInt8>) throws(JournalError) {
        waiting.append(contentsOf: bytes)
        while waiting.count > SealedFile.chunkBytes {
            try seal(waiting[..<SealedFile.chunkBytes], isLast: false)
            waiting.removeFirst(SealedFile.chunkBytes)
        }
    }

    func finish() throws(JournalError) {
        try seal(waiting[...], isLast: true)
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard fsync(descriptor) == 0, rename(draft, path) == 0, DurableFile.sync(folder) else {
            throw SealedFile.failure(path, String(cString: strerror(errno)))
        }
        isFinished = true
    }

    private func seal(_ chunk: ArraySlice<UInt8>, isLast: Bool) throws(JournalError) {
        let sealed: ChaChaPoly.SealedBox
        do {
            sealed = try ChaChaPoly.seal(
                chunk, using: key, nonce: SealedFile.nonce(number, isLast: isLast), authenticating: context)
        } catch {
            throw SealedFile.failure(path, "a chunk cannot be sealed: \(error)")
        }
        number += 1
        try put(SealedFile.length(chunk.count + SealedFile.tagBytes) + sealed.ciphertext + sealed.tag)
    }

    private func put(_ bytes: [UInt8]) throws(JournalError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code: JournalError.Code = errno == ENOSPC || errno == EDQUOT ? .full : .storage
                throw JournalError(code, "\(draft): \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(count)
        }
    }
}

/// Reads a sealed file from its beginning to its end. What it gives was authenticated.
final class SealedReader {
    let head: JSONValue
    private let path: String
    private let descriptor: Int32
    private let context: [UInt8]
    private let salt: [UInt8]
    private var number: UInt64 = 0
    /// The length of the chunk that comes; nil after the last.
    private var next: Int?

    /// Reads the head, which needs no key and is believed only when the content was opened.
    init(_ path: String) throws(JournalError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SealedFile.failure(path, String(cString: strerror(errno))) }
        do throws(JournalError) {
            let start = try Self.read(descriptor, SealedFile.magic.count + 4, path)
            let length = Self.number(start.suffix(4))
            guard start.starts(with: SealedFile.magic), length <= SealedFile.maximumHeadBytes else {
                throw SealedFile.failure(path, "it is no sealed file of Bureau")
            }
            let bytes = try Self.read(descriptor, length, path)
            salt = try Self.read(descriptor, SealedFile.saltBytes, path)
            context = Digest.sha256(start + bytes + salt).bytes
            guard let head = try? JSONParser.parse(bytes) else {
                throw SealedFile.failure(path, "its head is unreadable")
            }
            self.head = head
            next = Self.number(try Self.read(descriptor, 4, path)[...])
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// The next chunk; nil after the last one, which says so itself.
    func chunk(_ master: BackupKey) throws(JournalError) -> [UInt8]? {
        guard let count = next else { return nil }
        guard (SealedFile.tagBytes...SealedFile.chunkBytes + SealedFile.tagBytes).contains(count) else {
            throw SealedFile.failure(path, "chunk \(number) has an impossible length")
        }
        let sealed = try Self.read(descriptor, count, path)
        let following = try Self.read(descriptor, 4, path, mayEnd: true)
        next = following.isEmpty ? nil : Self.number(following[...])
        do {
            let box = try ChaChaPoly.SealedBox(
                nonce: SealedFile.nonce(number, isLast: next == nil), ciphertext: sealed.dropLast(SealedFile.tagBytes),
                tag: sealed.suffix(SealedFile.tagBytes))
            let plain = try ChaChaPoly.open(box, using: SealedFile.key(master, salt: salt), authenticating: context)
            number += 1
            return Array(plain)
        } catch {
            throw SealedFile.failure(path, "chunk \(number) cannot be opened: another key, altered, or cut short")
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    private static func read(
        _ descriptor: Int32, _ count: Int, _ path: String, mayEnd: Bool = false
    ) throws(JournalError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var length = 0
        while length < count {
            let got = bytes.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress?.advanced(by: length), count - length)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw SealedFile.failure(path, String(cString: strerror(errno))) }
            if got == 0 { break }
            length += got
        }
        guard length == count || (mayEnd && length == 0) else { throw SealedFile.failure(path, "it is cut short") }
        return length == 0 ? [] : bytes
    }
}
