import Glibc
package import Kernel

/// The newest checkpoint, kept in a file outside the store: who restores an old store cannot also restore what this
/// file says without being noticed.
///
/// It holds a signed note. A file from before logs had keys holds the bare text, which is believed until the first
/// signed one takes its place. One writer at a time, which the publisher's lock ensures.
package struct CheckpointFile: Hashable, Sendable {
    package let path: String
    package let origin: String
    /// One of them must have signed.
    package let keys: [NoteKey]

    /// - Parameters:
    ///   - path: of the file; its folder must exist and should be another than the store's.
    ///   - origin: the log's name, without spaces.
    package init(path: String, origin: String, keys: [NoteKey] = []) {
        self.path = path
        self.origin = origin
        self.keys = keys
    }

    /// Nil when there is no file.
    ///
    /// - Throws: ``CheckpointFileError`` when the file cannot be read, is no checkpoint, is not signed by the log, or
    ///   belongs to another log.
    package func read() throws(CheckpointFileError) -> CheckpointNote? { try content()?.checkpoint }

    /// The signed note in the file; nil when there is none, or it is not signed.
    package func signed() throws(CheckpointFileError) -> Note? { try content()?.note }

    private func content() throws(CheckpointFileError) -> (checkpoint: CheckpointNote, note: Note?)? {
        let bytes: [UInt8]?
        do {
            bytes = try DurableFile.read(path, maximumBytes: Note.maximumBytes)
        } catch {
            throw failure(.io, error.message)
        }
        guard let bytes else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw notOne }
        if let checkpoint = CheckpointNote(text) {
            // What carries no signature is from before the log had a key.
            guard [origin, AuditPlace.unsignedOrigin].contains(checkpoint.origin) else { throw other(checkpoint) }
            return (checkpoint, nil)
        }
        guard let note = try? Note(parsing: bytes), let checkpoint = CheckpointNote(note.text) else { throw notOne }
        guard checkpoint.origin == origin else { throw other(checkpoint) }
        do {
            try note.requireSigner(among: keys)
        } catch {
            throw failure(.forged, "was altered, or another log's key signed it: \(error.message)")
        }
        return (checkpoint, note)
    }

    private var notOne: CheckpointFileError {
        failure(.malformed, "is not a checkpoint; compare it with a copy, it is not overwritten")
    }

    private func other(_ checkpoint: CheckpointNote) -> CheckpointFileError {
        failure(.otherLog, "belongs to the log \(checkpoint.origin), not to \(origin)")
    }

    /// Replaces the checkpoint if the new one covers more, or the same with more signatures: a compare and swap.
    ///
    /// - Throws: ``CheckpointFileError`` `.rollback` when the file covers more leaves, or as many with another root:
    ///   the store is then older than what was promised.
    package func write(_ note: Note) throws(CheckpointFileError) {
        guard let new = CheckpointNote(note.text), new.origin == origin else {
            throw failure(.malformed, "cannot hold a checkpoint of another log")
        }
        if let current = try content() {
            guard current.note != note else { return }
            let isSame = current.checkpoint.size == new.size && current.checkpoint.root == new.root
            guard isSame || current.checkpoint.size < new.size else {
                throw failure(
                    .rollback, "covers \(current.checkpoint.size) leaves, the store only \(new.size), or others")
            }
        }
        try replace(note)
    }

    /// Moves a checkpoint aside that covers more than the store has, which an operator accepted. The next one may be
    /// smaller.
    ///
    /// - Returns: where the old one is kept.
    /// - Throws: `.rollback` when the file is not the one that was accepted any more.
    package func setAside(accepting old: CheckpointNote) throws(CheckpointFileError) -> String {
        guard try read() == old else { throw failure(.rollback, "changed meanwhile") }
        let kept = "\(path).before-\(old.size)"
        guard rename(path, kept) == 0 else { throw failure(.io, "cannot be kept as \(kept): \(Self.reason())") }
        do {
            try DurableFile.syncFolder(DurableFile.parent(path))
        } catch {
            throw failure(.io, error.message)
        }
        return kept
    }

    private func replace(_ note: Note) throws(CheckpointFileError) {
        do {
            try DurableFile.replace(path, with: Array(note.serialized.utf8), mode: 0o600)
            try DurableFile.syncFolder(DurableFile.parent(path))
        } catch {
            throw failure(.io, error.message)
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private func failure(_ code: CheckpointFileError.Code, _ message: String) -> CheckpointFileError {
        CheckpointFileError(code: code, message: "the checkpoint file \(path) \(message)")
    }
}

package struct CheckpointFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case io
        case malformed
        /// It names another origin.
        case otherLog
        /// None of the log's keys signed it, or the signature does not fit.
        case forged
        /// What is to be written is older than, or contradicts, what the file holds.
        case rollback
    }

    package var code: Code
    package var message: String

    package var description: String { message }
}
