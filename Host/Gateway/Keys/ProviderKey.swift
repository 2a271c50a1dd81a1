import Foundation
import Glibc
package import Kernel

/// Where a secret of a provider's comes from. It is read for every call, so that a new one is used at once, and is
/// kept nowhere: not in settings, logs, errors or the journal.
package enum ProviderKey: Sendable, CustomStringConvertible {
    /// The name of an environment variable.
    case environment(String)
    /// A file with the key alone in it, which nobody but its owner may read.
    case file(String)
    /// An entry of the encrypted key store.
    case vault(String, KeyVault)
    case closure(@Sendable () -> String?)

    /// Says where, never what.
    package var description: String {
        switch self {
        case .environment(let name): "the key in the environment variable \(name)"
        case .file(let path): "the key in the file \(path)"
        case .vault(let name, _): "the key \"\(name)\" of the key store"
        case .closure: "the key"
        }
    }

    package func read() throws(Failure) -> String {
        let text: String? =
            switch self {
            case .environment(let name): getenv(name).map { String(cString: $0) }
            case .file(let path): String(decoding: try SecretFile.read(path, called: description), as: UTF8.self)
            case .vault(let name, let vault): try vault.value(of: name)
            case .closure(let read): read()
            }
        let key = (text ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty else { throw Failure(.denied, "\(self) is missing or empty") }
        guard key.utf8.allSatisfy({ (33...126).contains($0) }) else {
            throw Failure(.denied, "\(self) holds characters that no key has")
        }
        return key
    }
}

/// One of a provider's keys, with a name that is no secret.
package struct ProviderKeyEntry: Sendable {
    package var id: String
    package var key: ProviderKey
    /// How often it is taken beside the others.
    package var weight: Int

    package init(id: String, key: ProviderKey, weight: Int = 1) {
        self.id = id
        self.key = key
        self.weight = weight
    }
}

/// Files that hold secrets.
enum SecretFile {
    private static let maximumBytes = 1 << 20
    private static let othersMayUse: mode_t = 0o077

    /// - Throws: `.denied` when it cannot be read, or when others than its owner may read or change it.
    static func read(_ path: String, called name: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Failure(.denied, "\(name) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Failure(.denied, "\(name) is not a plain file")
        }
        guard status.st_mode & othersMayUse == 0 else {
            throw Failure(.denied, "\(name) may be used by others than its owner; run chmod 600 on it")
        }
        guard (0...Int(maximumBytes)).contains(Int(status.st_size)) else {
            throw Failure(.denied, "\(name) is larger than a secret can be")
        }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count else { throw Failure(.denied, "\(name) cannot be read whole") }
        return bytes
    }

    /// Beside the old one, then in its place: a reader sees the old content or the new.
    static func write(_ bytes: [UInt8], to path: String, called name: String) throws(Failure) {
        let draft = "\(path).\(getpid()).new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Failure(.io, "\(name) cannot be written: \(String(cString: strerror(errno)))")
        }
        let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        let isWritten = count == bytes.count && fsync(descriptor) == 0
        close(descriptor)
        guard isWritten, rename(draft, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw Failure(.io, "\(name) cannot be written: \(reason)")
        }
    }
}
