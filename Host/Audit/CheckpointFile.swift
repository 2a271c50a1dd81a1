import Glibc
package import Kernel

/// The newest checkpoint, kept in a file outside the store: who restores an old store cannot also restore what this
/// file says without being noticed.
///
/// A reader sees the old content or the new one, never a part: the text is written beside, synced, renamed, and the
/// folder synced. One writer at a time, which the store's own lock ensures.
package struct CheckpointFile: Hashable, Sendable {
    package let path: String
    package let origin: String

    /// - Parameters:
    ///   - path: of the file; its folder must exist and should be another than the store's.
    ///   - origin: the log's name, without spaces.
    package init(path: String, origin: String) {
        self.path = path
        self.origin = origin
    }

    /// Nil when there is no file.
    ///
    /// - Throws: ``CheckpointFileError`` when the file cannot be read, is no checkpoint, or belongs to another log.
    package func read() throws(CheckpointFileError) -> CheckpointNote? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure(.io, "cannot be opened: \(Self.reason())")
        }
        defer { close(descriptor) }
        let bytes = try readAll(descriptor)
        guard let text = String(validating: bytes, as: UTF8.self), let note = CheckpointNote(text) else {
            throw failure(.malformed, "is not a checkpoint; compare it with a copy, it is not overwritten")
        }
        guard note.origin == origin else {
            throw failure(.otherLog, "belongs to the log \(note.origin), not to \(origin)")
        }
        return note
    }

    /// Replaces the checkpoint. Nothing is written when it is there already.
    ///
    /// - Throws: ``CheckpointFileError`` `.rollback` when the file covers more leaves, or as many with another root:
    ///   the store is then older than what was promised.
    package func write(size: Int64, root: Digest) throws(CheckpointFileError) {
        guard let note = CheckpointNote(origin: origin, size: size, root: root) else {
            throw failure(.malformed, "cannot hold the origin \(origin) with \(size) leaves")
        }
        if let current = try read() {
            guard current != note else { return }
            guard current.size < size else {
                throw failure(.rollback, "covers \(current.size) leaves, the store only \(size), or others")
            }
        }
        try replace(with: Array(note.text.utf8))
    }

    /// Puts an earlier state in the place of one that covers more, which an operator accepted. The old file stays
    /// beside it, under the name that is returned.
    ///
    /// - Throws: `.rollback` when the file is not the one that was accepted any more.
    package func replace(
        accepting old: CheckpointNote, size: Int64, root: Digest
    ) throws(CheckpointFileError) -> String {
        guard let note = CheckpointNote(origin: origin, size: size, root: root) else {
            throw failure(.malformed, "cannot hold the origin \(origin) with \(size) leaves")
        }
        guard try read() == old else { throw failure(.rollback, "changed meanwhile") }
        let kept = "\(path).before-\(old.size)"
        unlink(kept)
        guard link(path, kept) == 0 else { throw failure(.io, "cannot be kept as \(kept): \(Self.reason())") }
        try replace(with: Array(note.text.utf8))
        return kept
    }

    private func replace(with bytes: [UInt8]) throws(CheckpointFileError) {
        let aside = path + ".new"
        let descriptor = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure(.io, "cannot be replaced: \(Self.reason())") }
        let isWritten = Self.writeAll(bytes, descriptor) && fsync(descriptor) == 0
        let reason = Self.reason()
        close(descriptor)
        guard isWritten else {
            unlink(aside)
            throw failure(.io, "cannot be written: \(reason)")
        }
        guard rename(aside, path) == 0 else { throw failure(.io, "cannot be replaced: \(Self.reason())") }
        try syncFolder()
    }

    /// Without it a power cut may bring the old name back.
    private func syncFolder() throws(CheckpointFileError) {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(.io, "cannot be made durable: \(Self.reason())") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(.io, "cannot be made durable: \(Self.reason())") }
    }

    private func readAll(_ descriptor: CInt) throws(CheckpointFileError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: CheckpointNote.maximumBytes + 1)
        var length = 0
        while length < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(descriptor, buffer.baseAddress?.advanced(by: length), buffer.count - length)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(.io, "cannot be read: \(Self.reason())") }
            if count == 0 { break }
            length += count
        }
        return Array(bytes.prefix(length))
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
        /// What is to be written is older than, or contradicts, what the file holds.
        case rollback
    }

    package var code: Code
    package var message: String

    package var description: String { message }
}
