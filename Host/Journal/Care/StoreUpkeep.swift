import Foundation
package import Kernel

/// What compacting a store did, or would do.
package struct VacuumReport: Hashable, Sendable {
    package var bytesBefore: Int64
    /// The same as before, when it was only asked for.
    package var bytesAfter: Int64
    /// Room that the work takes up on the store's medium while it lasts.
    package var neededBytes: Int64
    package var freeBytes: Int64
}

/// What bringing a store to the newest schema did, or would do.
package struct MigrationReport: Hashable, Sendable {
    package var from: Int64
    package var to: Int64
    /// The copy of the store as it was; nil when nothing was to be done, or only asked for.
    package var copy: String?
    package var neededBytes: Int64
    package var freeBytes: Int64

    package var isDue: Bool { from < to }
}

/// Work on a store that no host has open: each takes the store's lock, and refuses with who holds it.
extension SQLiteJournal {
    /// Room that must stay free beside what the work needs.
    private static let marginBytes: Int64 = 1 << 20

    /// Writes the store's file anew without its freed pages.
    ///
    /// - Parameter isDryRun: only says what it would need.
    /// - Throws: `.full` when the medium has not the room for it: then nothing is begun.
    package static func vacuum(folder: String, isDryRun: Bool) async throws(JournalError) -> VacuumReport {
        try await alone(folder) { path throws(JournalError) in
            let info = try StoreInfo(path: path, holder: nil)
            let used = (info.pages - info.freePages) * info.pageBytes
            // The new content stands in a temporary file and in the log of changes before it is folded in.
            var report = VacuumReport(
                bytesBefore: info.fileBytes + info.walBytes, bytesAfter: info.fileBytes + info.walBytes,
                neededBytes: 2 * used + info.walBytes + marginBytes, freeBytes: free(folder))
            guard !isDryRun else { return report }
            try requireRoom(report.neededBytes, report.freeBytes, "compacting")
            try breakArchive(folder)
            try storage { () throws(SQLFailure) in try SQLiteTools.vacuum(path, temporaryFolder: folder) }
            report.bytesAfter = fileBytes(path) + fileBytes(path + "-wal")
            report.freeBytes = free(folder)
            return report
        }
    }

    /// Brings the store to the newest schema, after a copy of it as it was.
    ///
    /// - Parameter isDryRun: only says from where to where.
    package static func migrate(
        folder: String, clock: @Sendable () -> Instant, isDryRun: Bool
    ) async throws(JournalError) -> MigrationReport {
        let now = clock()
        return try await alone(folder) { path throws(JournalError) in
            let bytes = fileBytes(path) + fileBytes(path + "-wal")
            let found = try SQLiteTools.writing(path) { connection throws(JournalError) in
                try SQLiteSchema.version(SQLSession(connection))
            }
            var report = MigrationReport(
                from: found, to: SQLiteSchema.newest, neededBytes: 2 * bytes + marginBytes, freeBytes: free(folder))
            guard found <= report.to else {
                throw JournalError(.storage, "the store has schema \(found), newer than the \(report.to) known here")
            }
            guard report.isDue, !isDryRun else { return report }
            try requireRoom(report.neededBytes, report.freeBytes, "a copy and the migration")
            try breakArchive(folder)
            report.copy = try keepCopy(of: path, folder: folder, schema: found, now: now)
            try SQLiteTools.writing(path) { connection throws(JournalError) in
                try SQLiteSchema.migrate(connection)
            }
            return report
        }
    }

    /// The whole copy has its name only once it is on the disk.
    private static func keepCopy(
        of path: String, folder: String, schema: Int64, now: Instant
    ) throws(JournalError) -> String {
        let copy = "\(folder)/journal.schema-\(schema).\(now.unixMilliseconds).sqlite", draft = copy + ".part"
        unlink(draft)
        try storage { () throws(SQLFailure) in try SQLiteTools.copy(from: path, to: draft) }
        guard chmod(draft, 0o600) == 0, DurableFile.sync(draft), rename(draft, copy) == 0, DurableFile.sync(folder)
        else {
            throw JournalError(.storage, "the copy \(copy) cannot be made: \(String(cString: strerror(errno)))")
        }
        return copy
    }

    /// What is about to be written is in no segment: before it, since a kill may come at any moment.
    private static func breakArchive(_ folder: String) throws(JournalError) {
        guard var setup = try ArchiveSetup.read(store: folder) else { return }
        try setup.beginEpoch(store: folder)
    }

    static func free(_ folder: String) -> Int64 { StoreSpace(folder: folder, settings: SpaceSettings()).freeBytes }

    private static func requireRoom(_ needed: Int64, _ free: Int64, _ work: String) throws(JournalError) {
        guard free >= needed else {
            throw JournalError(
                .full, "\(work) needs \(needed >> 10) KiB of room and there are \(free >> 10) KiB: nothing was begun")
        }
    }

    /// On a thread, with the store's lock.
    static func alone<Value: Sendable>(
        _ folder: String, _ body: @escaping @Sendable (String) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let path = try existing(folder)
        let done = await onThread {
            Result { () throws(JournalError) -> Value in
                let lock = try StoreLock(folder: folder)
                defer { lock.release() }
                return try body(path)
            }
        }
        return try done.get()
    }
}

enum DurableFile {
    /// - Parameter path: of a file, or of a folder for the names in it.
    static func sync(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
