import Glibc
package import Journal
package import Kernel

/// Publishes what the journal committed: tiles and entry bundles, then a signed checkpoint over them, first outside
/// the store and then beside the tiles. Never on the way of a commit.
///
/// What was written is read again and hashed before anything is signed, and the root must be the one that the journal
/// committed with the leaves. A signature on a wrong tree could never be taken back.
package struct LogPublisher: Sendable {
    private static let page = 1_024

    package let place: AuditPlace
    /// What the log is called when its first key is made; nil: a name that no other log has.
    package let newOrigin: String?

    package init(place: AuditPlace, newOrigin: String? = nil) {
        self.place = place
        self.newOrigin = newOrigin
    }

    /// A checkpoint that stands in the published log.
    package struct Publication: Hashable, Sendable {
        package var note: Note
        package var checkpoint: CheckpointNote
        /// Whether this call made it.
        package var isNew: Bool
    }

    /// Publishes up to the newest committed checkpoint. Nil when nothing was committed yet.
    ///
    /// - Parameter rebuilding: lays all tiles out anew, from the journal, whatever stands there.
    /// - Throws: ``AuditError`` `.rollback` when the journal is not what earlier checkpoints promised.
    package func publish(
        _ reading: any JournalReading, rebuilding: Bool = false
    ) throws(AuditError) -> Publication? {
        let latest: AuditCheckpoint?
        do throws(JournalError) {
            latest = try reading.latestAuditCheckpoint()
        } catch {
            throw AuditError(error)
        }
        guard let latest else { return nil }
        let lock = try FolderLock(place.lockPath)
        defer { lock.release() }
        let keys = try keys()
        let file = CheckpointFile(path: place.outsidePath, origin: keys.origin, keys: keys.publicKeys)
        let outside: CheckpointNote?, signed: Note?
        do throws(CheckpointFileError) {
            outside = try file.read()
            signed = try file.signed()
        } catch {
            throw AuditError(error)
        }
        if let outside { try Self.compare(latest, with: outside) }
        let log = place.published
        let standing = rebuilding ? nil : try log.checkpoint(keys: keys.publicKeys)
        guard standing == nil || outside != nil else {
            throw AuditError(
                .damaged,
                "the log was signed, but \(place.outsidePath) outside the store is gone: put it back, or "
                    + "run bureau audit checkpoint --rebuild")
        }
        if let standing, standing.checkpoint.size == latest.size, outside?.size == latest.size, let signed,
            signed.signatures.count == standing.note.signatures.count
        {
            guard standing.checkpoint.root == latest.root else { throw Self.fork(latest.size) }
            if keys.publicKeys.allSatisfy({ key in standing.note.signatures.contains { $0.isOf(key) } }) {
                return Publication(note: standing.note, checkpoint: standing.checkpoint, isNew: false)
            }
        }
        try writeTiles(reading, to: latest, from: standing?.checkpoint, outside: outside, log)
        return try sign(latest, keys, file, keeping: [signed, standing?.note].compactMap(\.self))
    }

    /// Adds witnesses' signatures to the published checkpoint, if it still is the newest.
    package func add(_ signatures: [Note.Signature], to checkpoint: CheckpointNote) throws(AuditError) -> Note? {
        let lock = try FolderLock(place.lockPath)
        defer { lock.release() }
        let keys = try keys()
        guard let standing = try place.published.checkpoint(keys: keys.publicKeys), standing.checkpoint == checkpoint
        else { return nil }
        let note = standing.note.adding(signatures)
        do throws(CheckpointFileError) {
            try CheckpointFile(path: place.outsidePath, origin: keys.origin, keys: keys.publicKeys).write(note)
        } catch {
            throw AuditError(error)
        }
        try replaceCheckpoint(note)
        return note
    }

    /// The log's keys; made when there are none, unless something was signed before.
    package func keys() throws(AuditError) -> LogKeys {
        if let keys = try LogKeys.read(place.keyPath) { return keys }
        guard try place.published.note() == nil else {
            throw AuditError(
                .key,
                "the log was signed, but its key \(place.keyPath) is gone: put it back, or move \(place.folder) and "
                    + "\(place.outsidePath) aside to begin a log under another name")
        }
        let keys = try LogKeys(origin: newOrigin)
        try keys.write(place.keyPath)
        return keys
    }

    private static func compare(_ latest: AuditCheckpoint, with outside: CheckpointNote) throws(AuditError) {
        guard outside.size <= latest.size else {
            throw AuditError(
                .rollback,
                "the checkpoint outside the store covers \(outside.size) leaves, the store has \(latest.size): "
                    + "it was put back to an earlier state")
        }
        if outside.size == latest.size, outside.root != latest.root { throw fork(latest.size) }
    }

    private static func fork(_ size: Int64) -> AuditError {
        AuditError(
            .rollback, "the first \(size) leaves of the store are not those that were signed: its history was rewritten"
        )
    }

    // MARK: Tiles

    private func writeTiles(
        _ reading: any JournalReading, to latest: AuditCheckpoint, from standing: CheckpointNote?,
        outside: CheckpointNote?, _ log: PublishedLog
    ) throws(AuditError) {
        var builder = TileBuilder()
        if let standing {
            guard standing.size <= latest.size else { throw Self.fork(latest.size) }
            builder = try log.builder(size: standing.size)
            guard builder.root == standing.root else {
                throw AuditError(
                    .damaged,
                    "the tiles in \(log.folder) are not those that were signed: run bureau audit verify, then "
                        + "bureau audit checkpoint --rebuild")
            }
        }
        let start = builder.size
        var folders: Set<String> = []
        if outside?.size == start, outside?.root != builder.root { throw Self.fork(start) }
        while builder.size < latest.size {
            for leaf in try leaves(reading, from: builder.size, to: latest.size) {
                guard leaf.index == builder.size, leaf.bytes.count <= TileBuilder.maximumEntryBytes else {
                    throw AuditError(.damaged, "leaf \(builder.size) is missing in the journal, or too large")
                }
                for file in builder.append(leaf.bytes) { try write(file, log, &folders) }
                if outside?.size == builder.size, outside?.root != builder.root { throw Self.fork(builder.size) }
            }
        }
        for file in builder.partial { try write(file, log, &folders) }
        for folder in folders.sorted() { try DurableFile.syncFolder(folder) }
        guard builder.root == latest.root else {
            throw AuditError(
                .damaged,
                "the journal's leaves do not have the root of its checkpoint of size \(latest.size): "
                    + "nothing was signed; run bureau audit verify")
        }
        try readBack(reading, from: start, latest, log)
        removePartial(from: start, to: latest.size, log)
    }

    private func leaves(
        _ reading: any JournalReading, from index: Int64, to end: Int64
    ) throws(AuditError) -> ArraySlice<AuditLeaf> {
        let leaves: [AuditLeaf]
        do throws(JournalError) {
            leaves = try reading.auditLeaves(from: index, limit: Self.page)
        } catch {
            throw AuditError(error)
        }
        guard !leaves.isEmpty else { throw AuditError(.damaged, "leaf \(index) is missing in the journal") }
        return leaves.prefix(Int(min(Int64(leaves.count), end - index)))
    }

    private func write(_ file: TileBuilder.File, _ log: PublishedLog, _ folders: inout Set<String>) throws(AuditError) {
        let path = "\(log.folder)/\(file.path)", folder = DurableFile.parent(path)
        if !folders.contains(folder) {
            folders.formUnion(try DurableFile.makeFolders(folder))
            folders.insert(folder)
        }
        try DurableFile.replace(path, with: file.bytes)
    }

    /// Reads what was written as a stranger would, and compares it with the journal.
    private func readBack(
        _ reading: any JournalReading, from start: Int64, _ latest: AuditCheckpoint, _ log: PublishedLog
    ) throws(AuditError) {
        func differs(_ path: TilePath) -> AuditError {
            AuditError(.io, "\(log.folder)/\(path) does not read back as it was written: the medium failed")
        }
        for index in start / 256..<(latest.size + 255) / 256 {
            let width = Int(min(256, latest.size - index * 256))
            let path = TilePath(.entries, index: index, width: width)
            let entries = try log.entries(path)
            let hashes = try log.hashes(TilePath(.hashes(level: 0), index: index, width: width))
            guard entries.map(MerkleTree.leafHash) == hashes else { throw differs(path) }
            let committed = try leaves(reading, from: index * 256, to: index * 256 + Int64(width))
            guard committed.map(\.bytes) == entries else { throw differs(path) }
        }
        var level = 1
        while latest.size >> Int64(8 * level) > 0 {
            let end = latest.size >> Int64(8 * level)
            for position in start >> Int64(8 * level)..<end {
                let width = TilePath.width(level: level, index: position / 256, size: latest.size)
                let path = TilePath(.hashes(level: level), index: position / 256, width: width)
                let below = try log.hashes(TilePath(.hashes(level: level - 1), index: position))
                guard try log.hashes(path)[Int(position % 256)] == MerkleTree.root(of: below) else {
                    throw differs(path)
                }
            }
            level += 1
        }
        guard try log.root(size: latest.size, of: latest.size) == latest.root else {
            throw AuditError(.io, "the tiles in \(log.folder) do not read back as they were written")
        }
    }

    /// Partial resources of places that are full now. What remains of a removal that fails hurts nobody.
    private func removePartial(from start: Int64, to end: Int64, _ log: PublishedLog) {
        for path in TileBuilder.edge(size: start) {
            let level: Int = if case .hashes(let level) = path.kind { level } else { 0 }
            guard TilePath.width(level: level, index: path.index, size: end) == TilePath.fullWidth else { continue }
            let folder = DurableFile.parent("\(log.folder)/\(path)")
            for name in DurableFile.names(in: folder) { unlink("\(folder)/\(name)") }
            rmdir(folder)
        }
    }

    // MARK: The checkpoint

    private func sign(
        _ latest: AuditCheckpoint, _ keys: LogKeys, _ file: CheckpointFile, keeping earlier: [Note]
    ) throws(AuditError) -> Publication {
        guard let checkpoint = CheckpointNote(origin: keys.origin, size: latest.size, root: latest.root) else {
            throw AuditError(.key, "\(keys.origin) cannot name a log")
        }
        var note = try keys.sign(checkpoint)
        // Witnesses' signatures on the very same checkpoint stay.
        for other in earlier where other.text == note.text {
            note = note.adding(
                other.signatures.filter { signature in
                    !note.signatures.contains(signature) && signature.name != keys.origin
                })
        }
        do throws(CheckpointFileError) {
            try file.write(note)
        } catch {
            throw AuditError(error)
        }
        try replaceCheckpoint(note)
        return Publication(note: note, checkpoint: checkpoint, isNew: true)
    }

    private func replaceCheckpoint(_ note: Note) throws(AuditError) {
        let log = place.published
        for folder in try DurableFile.makeFolders(log.folder) { try DurableFile.syncFolder(folder) }
        try DurableFile.replace(log.checkpointPath, with: Array(note.serialized.utf8))
        try DurableFile.syncFolder(log.folder)
    }
}

/// One publisher at a time, whichever process it is in.
struct FolderLock {
    private let descriptor: CInt

    init(_ path: String) throws(AuditError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw AuditError(.io, "\(path) cannot be opened: \(DurableFile.reason())") }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                close(descriptor)
                throw AuditError(.io, "\(path) cannot be locked: \(DurableFile.reason())")
            }
        }
    }

    func release() { close(descriptor) }
}
