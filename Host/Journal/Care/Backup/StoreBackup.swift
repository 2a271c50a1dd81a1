import Foundation
package import Kernel

/// What was backed up, and that it can be read back.
package struct BackupReport: Hashable, Sendable {
    package var path: String
    package var head: BackupHead
    package var fileBytes: Int64
}

extension SQLiteJournal {
    private static let pagesPerRead = 128
    private static let marginBytes: Int64 = 1 << 20

    /// Copies the whole store into one sealed file, beside a running host, whose writer does not wait for it: the copy
    /// is made from one snapshot. While it lasts the log of changes cannot be folded in beyond that snapshot.
    ///
    /// - Parameter target: a file, or a folder in which a file is named by the time.
    /// - Throws: `.full` without room for the copy, which stands in the store's folder until it is sealed.
    package static func backup(
        folder: String, to target: String, key: BackupKey, clock: @escaping @Sendable () -> Instant
    ) async throws(JournalError) -> BackupReport {
        let source = try existing(folder)
        let answer = await onThread {
            Result { () throws(JournalError) in
                try oneAtATime(folder) { () throws(JournalError) in
                    try makeBackup(of: source, in: folder, to: target, key, clock)
                }
            }
        }
        return try answer.get()
    }

    /// Reads a backup to its end, and opens all of it.
    package static func verifyBackup(_ path: String, key: BackupKey) async throws(JournalError) -> BackupHead {
        let answer = await onThread {
            Result { () throws(JournalError) in try readBackup(path, key) { _ throws(JournalError) in } }
        }
        return try answer.get()
    }

    /// What a file says of itself, without its key; nil for another kind of file.
    package static func backupHead(_ path: String) -> BackupHead? {
        (try? SealedReader(path)).flatMap { BackupHead($0.head) }
    }

    private static func oneAtATime<Value>(
        _ folder: String, _ body: () throws(JournalError) -> Value
    ) throws(JournalError) -> Value {
        let path = folder + "/journal.backup-lock"
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SealedFile.failure(path, String(cString: strerror(errno))) }
        defer { Foundation.close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw JournalError(.inUse, "a backup of \(folder) is being made already")
        }
        return try body()
    }

    private static func makeBackup(
        of source: String, in folder: String, to target: String, _ key: BackupKey, _ clock: () -> Instant
    ) throws(JournalError) -> BackupReport {
        let needed = fileBytes(source) + fileBytes(source + "-wal") + marginBytes, room = free(folder)
        guard room >= needed else {
            throw JournalError(
                .full, "a backup needs \(needed >> 10) KiB of room in \(folder) for a while; \(room >> 10) KiB are free"
            )
        }
        // Segments before this one are in the copy, whatever is committed while it is made.
        let archive = try ArchiveSetup.read(store: folder).map { setup in
            let last = ArchiveFolder.segments(setup.folder, epoch: setup.epoch).last
            return ArchivePosition(epoch: setup.epoch, segment: last.map { $0 + 1 } ?? 0)
        }
        let copy = folder + "/journal.backup"
        unlink(copy)
        defer { unlink(copy) }
        try storage { () throws(SQLFailure) in try SQLiteTools.copy(from: source, to: copy) }
        let head = try describe(copy, archive, takenAt: clock())
        let path = isFolder(target) ? "\(target)/\(name(at: head.takenAt))" : target
        guard access(path, F_OK) != 0 else { throw SealedFile.failure(path, "it is there already") }
        try seal(copy, head, path, key)
        guard try readBackup(path, key, { _ throws(JournalError) in }) == head else {
            throw SealedFile.failure(path, "it does not read back as it was written")
        }
        return BackupReport(path: path, head: head, fileBytes: fileBytes(path))
    }

    private static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static let backupSuffix = ".backup"

    /// Sorts by time.
    static func name(at instant: Instant) -> String {
        let text = instant.timestamp.filter { $0.isNumber || $0 == "T" }
        return "bureau-\(text)\(backupSuffix)"
    }

    private static func describe(
        _ copy: String, _ archive: ArchivePosition?, takenAt: Instant
    ) throws(JournalError) -> BackupHead {
        try SQLiteTools.writing(copy) { connection throws(JournalError) in
            let session = SQLSession(connection)
            // One file: what the copy's own log holds is folded in.
            _ = try session.rows("PRAGMA wal_checkpoint(TRUNCATE)") { $0.integer() }
            let reading = SQLReading(session, now: takenAt, zones: ZoneDirectory())
            return BackupHead(
                takenAt: takenAt, schema: try SQLiteSchema.version(session),
                pageBytes: try session.first("PRAGMA page_size") { $0.integer() } ?? 0,
                pages: try session.first("PRAGMA page_count") { $0.integer() } ?? 0,
                auditSize: try reading.auditSize(),
                auditRoot: try reading.latestAuditCheckpoint()?.root ?? MerkleTree.emptyRoot, archive: archive)
        }
    }

    private static func seal(_ copy: String, _ head: BackupHead, _ path: String, _ key: BackupKey) throws(JournalError)
    {
        let descriptor = Foundation.open(copy, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SealedFile.failure(copy, String(cString: strerror(errno))) }
        defer { Foundation.close(descriptor) }
        let writer = try SealedWriter(path, head: head.json, key: key)
        var buffer = [UInt8](repeating: 0, count: Int(head.pageBytes) * pagesPerRead)
        var left = head.pages * head.pageBytes
        while left > 0 {
            let count = Foundation.read(descriptor, &buffer, min(buffer.count, Int(left)))
            guard count > 0 else { throw SealedFile.failure(copy, "it ended \(left) bytes early") }
            try writer.write(buffer[..<count])
            left -= Int64(count)
        }
        try writer.finish()
    }

    /// Gives the pages in order, as bytes of any length.
    static func readBackup(
        _ path: String, _ key: BackupKey, _ body: ([UInt8]) throws(JournalError) -> Void
    ) throws(JournalError) -> BackupHead {
        let reader = try SealedReader(path)
        guard let head = BackupHead(reader.head) else { throw SealedFile.failure(path, "it is no backup of a store") }
        var bytes: Int64 = 0
        while let chunk = try reader.chunk(key) {
            bytes += Int64(chunk.count)
            try body(chunk)
        }
        guard bytes == head.pages * head.pageBytes else {
            throw SealedFile.failure(path, "it holds \(bytes) bytes instead of \(head.pages) pages")
        }
        return head
    }
}
