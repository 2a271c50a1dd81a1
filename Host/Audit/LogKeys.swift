import Crypto
import Glibc
package import Kernel

/// The keys that sign the log, newest first; all of them sign, so that who knows any of them can follow the log over a
/// change of keys. A file with one private key a line, which only its owner may read.
package struct LogKeys: Sendable {
    package static let maximumKeys = 8
    private static let maximumBytes = 8_192

    package private(set) var secrets: [NoteSecret]

    package var publicKeys: [NoteKey] { secrets.map(\.key) }
    /// The log's name in checkpoints. All keys have it.
    package var origin: String { secrets[0].key.name }

    /// A log's first key.
    ///
    /// - Parameter origin: nil: a name that no other log has.
    package init(origin: String?) throws(AuditError) {
        let fresh = Array(Curve25519.Signing.PrivateKey().rawRepresentation)
        let name = origin ?? "\(AuditPlace.unsignedOrigin)/\(Hex.encode(Digest.sha256(fresh + [0]).bytes.prefix(8)))"
        secrets = [try Self.secret(name: name, seed: fresh)]
    }

    /// Nil when there is no file.
    package static func read(_ path: String) throws(AuditError) -> LogKeys? {
        guard let bytes = try DurableFile.read(path, maximumBytes: maximumBytes) else { return nil }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw AuditError(.key, "the log's key \(path) may be used by others than its owner; run chmod 600 on it")
        }
        var secrets: [NoteSecret] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            do throws(NoteError) {
                secrets.append(try NoteSecret(parsing: String(line)))
            } catch {
                throw AuditError(.key, "the log's key \(path): \(error.message)")
            }
        }
        guard let first = secrets.first, secrets.allSatisfy({ $0.key.name == first.key.name }) else {
            throw AuditError(.key, "the log's key \(path) holds no key, or keys of several logs")
        }
        return LogKeys(secrets)
    }

    package func write(_ path: String) throws(AuditError) {
        try DurableFile.replace(path, with: Array(secrets.map { $0.text + "\n" }.joined().utf8), mode: 0o600)
        try DurableFile.syncFolder(DurableFile.parent(path))
    }

    /// A new key before the others, and the note over it that the newest of the others signs.
    package mutating func rotate() throws(AuditError) -> Note {
        guard secrets.count < Self.maximumKeys else {
            throw AuditError(.invalid, "\(secrets.count) keys sign already: retire one first")
        }
        let old = secrets[0]
        let fresh = try Self.secret(
            name: origin, seed: Array(Curve25519.Signing.PrivateKey().rawRepresentation))
        secrets.insert(fresh, at: 0)
        do throws(NoteError) {
            return try Note("bureau/audit-key/1\n\(fresh.key)\n", signedBy: [old])
        } catch {
            throw AuditError(error)
        }
    }

    /// Takes a key out; the newest stays.
    ///
    /// - Parameter fingerprint: `NAME+ID`, or the ID alone.
    package mutating func retire(_ fingerprint: String) throws(AuditError) -> NoteKey {
        let place = secrets.firstIndex {
            $0.key.fingerprint == fingerprint || $0.key.fingerprint.hasSuffix("+" + fingerprint)
        }
        guard let place else { throw AuditError(.notFound, "no key \(fingerprint) signs this log") }
        guard place > 0 else { throw AuditError(.invalid, "the newest key signs on: rotate first") }
        return secrets.remove(at: place).key
    }

    func sign(_ note: CheckpointNote) throws(AuditError) -> Note {
        do throws(NoteError) {
            return try Note(note.text, signedBy: secrets)
        } catch {
            throw AuditError(error)
        }
    }

    private init(_ secrets: [NoteSecret]) { self.secrets = secrets }

    private static func secret(name: String, seed: [UInt8]) throws(AuditError) -> NoteSecret {
        do throws(NoteError) {
            return try NoteSecret(name: name, seed: seed)
        } catch {
            throw AuditError(.invalid, error.message)
        }
    }
}
