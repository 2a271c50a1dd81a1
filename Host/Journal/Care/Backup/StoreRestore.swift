import Foundation
package import Kernel

/// What a restore is made of.
package struct RestoreRequest: Sendable {
    /// A base backup, or a folder of them.
    package var source: String
    /// Where segments are; nil: beside the base.
    package var archive: String?
    /// The newest commit that is taken over; nil: all there are.
    package var time: Instant?
    /// A folder that is not there yet.
    package var target: String
    package var by: String
    /// Of the store that is restored: its keys open subjects' data, and who was erased since is erased again.
    package var subjects: SubjectFiles?

    package init(
        source: String, archive: String? = nil, time: Instant? = nil, target: String, by: String,
        subjects: SubjectFiles? = nil
    ) {
        self.subjects = subjects
        self.source = source
        self.archive = archive
        self.time = time
        self.target = target
        self.by = by
    }
}

package struct RestoreReport: Hashable, Sendable {
    package var base: String
    package var baseTakenAt: Instant
    /// Commits of the archive that were taken over after the base.
    package var commits: Int
    /// Of the last of them; nil without one.
    package var newestCommit: Instant?
    package var auditSize: Int64
    package var auditRoot: Digest
    /// Runs that were on a lane and begin again under a new fence.
    package var recoveredRuns: Int
    package var checks: [StoreCheck]
}

extension SQLiteJournal {
    /// Makes a new store of a base backup and, where there is an archive, of the commits since.
    ///
    /// The store has its name only once it is whole, checked, and says in its own audit log what it was restored from.
    /// It is another incarnation, and every run that a host had in its hands carries a raised fence: what an old host
    /// still does about them is refused.
    package static func restore(
        _ request: RestoreRequest, key: BackupKey, clock: @escaping @Sendable () -> Instant
    ) async throws(JournalError) -> RestoreReport {
        guard access(request.target, F_OK) != 0 else {
            throw JournalError(.conflict(current: 0), "\(request.target) is there already: restore into a new folder")
        }
        let draft = request.target + ".restoring"
        let made = await onThread {
            Result { () throws(JournalError) in try rebuild(request, in: draft, key) }
        }
        var report = try made.get()
        do throws(JournalError) {
            try await claim(draft, request, &report, clock)
        } catch {
            discard(draft)
            throw error
        }
        // Its list of the erased goes with the new store before it has its name; keys do not.
        try handOn(request)
        guard DurableFile.sync(draft), rename(draft, request.target) == 0 else {
            throw SealedFile.failure(request.target, String(cString: strerror(errno)))
        }
        return report
    }

    private static func handOn(_ request: RestoreRequest) throws(JournalError) {
        guard let files = request.subjects else { return }
        let entries = try SubjectKeys(files).erased, own = try SubjectKeys(.beside(request.target))
        if !entries.isEmpty { try own.noteErased(entries) }
    }

    private static func discard(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }

    // MARK: Pages

    private static func rebuild(
        _ request: RestoreRequest, in draft: String, _ key: BackupKey
    ) throws(JournalError) -> RestoreReport {
        let base = try chooseBase(request)
        discard(draft)
        guard mkdir(draft, 0o700) == 0 else { throw SealedFile.failure(draft, String(cString: strerror(errno))) }
        do throws(JournalError) {
            let file = try PageFile(draft + "/" + fileName)
            let head = try readBackup(base, key) { bytes throws(JournalError) in try file.append(bytes) }
            var replay = CommitReplay(file: file, head: head, until: request.time)
            if let start = head.archive {
                try replay.run(request.archive ?? parent(base), from: start, key)
            } else if request.time != nil {
                throw JournalError(.invalid, "\(base) was made without an archive of commits: leave out the time")
            }
            try file.end(pages: replay.pages, pageBytes: head.pageBytes)
            return RestoreReport(
                base: base, baseTakenAt: head.takenAt, commits: replay.commits, newestCommit: replay.newest,
                auditSize: 0, auditRoot: MerkleTree.emptyRoot, recoveredRuns: 0, checks: [])
        } catch {
            discard(draft)
            throw error
        }
    }

    private static func parent(_ path: String) -> String {
        let slash = path.lastIndex(of: "/")
        return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    /// The newest that is not after the time asked for.
    private static func chooseBase(_ request: RestoreRequest) throws(JournalError) -> String {
        let source = request.source
        let names = (try? FileManager.default.contentsOfDirectory(atPath: source)) ?? []
        let files = names.filter { $0.hasSuffix(backupSuffix) }.map { "\(source)/\($0)" }
        let bases = (names.isEmpty ? [source] : files).compactMap { path in backupHead(path).map { (path, $0.takenAt) }
        }
        guard !bases.isEmpty else { throw JournalError(.notFound, "there is no backup of a store at \(source)") }
        let fitting = bases.filter { base in request.time.map { base.1 <= $0 } ?? true }
        guard let newest = fitting.max(by: { $0.1 < $1.1 }) else {
            let oldest = bases.map(\.1).min() ?? Instant(unixMilliseconds: 0)
            throw JournalError(.notFound, "no backup is that old: the first is of \(oldest.timestamp)")
        }
        return newest.0
    }

    // MARK: The new store

    /// Opens the new store once: a new incarnation, raised fences, and a leaf that says what happened.
    private static func claim(
        _ draft: String, _ request: RestoreRequest, _ report: inout RestoreReport,
        _ clock: @escaping @Sendable () -> Instant
    ) async throws(JournalError) {
        let journal = try await open(
            folder: draft, clock: clock, hostID: "bureau-restore", subjects: request.subjects ?? .beside(request.target)
        )
        let base = report
        do throws(JournalError) {
            report.recoveredRuns = try await journal.write { transaction throws(JournalError) in
                let size = try transaction.auditSize()
                let root = try transaction.latestAuditCheckpoint()?.root ?? MerkleTree.emptyRoot
                let recovered = try transaction.runRecover(limit: .max)
                _ = try transaction.auditAppend(
                    type: "store.restored",
                    fields: [
                        "by": AuditLeaves.text(request.by), "base_taken_at_ms": AuditLeaves.time(base.baseTakenAt),
                        "commits": .integer(Int64(base.commits)), "size": .integer(size), "root": .string(root.hex),
                        "until_ms": AuditLeaves.time(base.newestCommit ?? base.baseTakenAt),
                    ])
                return recovered
            }
            let latest = try await journal.read { reading throws(JournalError) in try reading.latestAuditCheckpoint() }
            (report.auditSize, report.auditRoot) = (latest?.size ?? 0, latest?.root ?? MerkleTree.emptyRoot)
        } catch {
            await journal.close()
            throw error
        }
        await journal.close()
        report.checks = try await check(folder: draft, clock: clock, isQuick: false)
        let wrong = report.checks.filter { if case .unsound = $0.result { true } else { false } }
        guard wrong.isEmpty else {
            throw JournalError(.storage, "what was restored is not sound: \(wrong.map(\.name).joined(separator: ", "))")
        }
    }
}

/// A store's file while it is put together.
private final class PageFile {
    private let path: String
    private let descriptor: Int32
    private var length: off_t = 0

    init(_ path: String) throws(JournalError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SealedFile.failure(path, String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    func append(_ bytes: [UInt8]) throws(JournalError) {
        try write(bytes, at: length)
        length += off_t(bytes.count)
    }

    /// Pages count from 1.
    func put(_ page: UInt32, _ bytes: [UInt8]) throws(JournalError) {
        try write(bytes, at: off_t(page - 1) * off_t(bytes.count))
    }

    func end(pages: Int64, pageBytes: Int64) throws(JournalError) {
        guard ftruncate(descriptor, off_t(pages * pageBytes)) == 0, fsync(descriptor) == 0 else {
            throw SealedFile.failure(path, String(cString: strerror(errno)))
        }
    }

    private func write(_ bytes: [UInt8], at offset: off_t) throws(JournalError) {
        guard pwrite(descriptor, bytes, bytes.count, offset) == bytes.count else {
            let code: JournalError.Code = errno == ENOSPC ? .full : .storage
            throw JournalError(code, "\(path): \(String(cString: strerror(errno)))")
        }
    }
}

/// Takes over archived commits in their order, until one is too young. The pages of a commit are written once its last
/// frame was seen.
private struct CommitReplay {
    private let file: PageFile
    private let head: BackupHead
    private let until: Instant?
    private(set) var pages: Int64
    private(set) var commits = 0
    private(set) var newest: Instant?
    private var waiting: [(page: UInt32, content: [UInt8])] = []
    private var isOver = false

    init(file: PageFile, head: BackupHead, until: Instant?) {
        self.file = file
        self.head = head
        self.until = until
        pages = head.pages
    }

    mutating func run(_ folder: String, from start: ArchivePosition, _ key: BackupKey) throws(JournalError) {
        let numbers = ArchiveFolder.segments(folder, epoch: start.epoch).filter { $0 >= start.segment }
        for (offset, number) in numbers.enumerated() {
            guard number == start.segment + Int64(offset) else {
                throw JournalError(
                    .storage,
                    "segment \(start.segment + Int64(offset)) of \(folder) is missing: restore to a time "
                        + "before it, or from a later backup")
            }
            try take(folder, ArchivePosition(epoch: start.epoch, segment: number), key)
            if isOver { return }
        }
    }

    private mutating func take(
        _ folder: String, _ position: ArchivePosition, _ key: BackupKey
    ) throws(JournalError) {
        let path = ArchiveFolder.path(folder, position), reader = try SealedReader(path)
        guard let segment = SegmentHead(reader.head), segment.position == position,
            segment.pageBytes == head.pageBytes
        else { throw SealedFile.failure(path, "it is not the segment that its name says") }
        var buffer: [UInt8] = []
        let length = ArchivedFrame.prefixBytes + Int(head.pageBytes)
        while let chunk = try reader.chunk(key) {
            buffer += chunk
            var used = 0
            while buffer.count - used >= length, !isOver {
                try take(buffer[used..<used + length])
                used += length
            }
            buffer.removeFirst(used)
            if isOver { return }
        }
        guard buffer.isEmpty, waiting.isEmpty else {
            throw SealedFile.failure(path, "it ends in the middle of a commit")
        }
    }

    private mutating func take(_ frame: ArraySlice<UInt8>) throws(JournalError) {
        func number(_ offset: Int, _ count: Int) -> UInt64 {
            frame.dropFirst(offset).prefix(count).reduce(0) { $0 << 8 | UInt64($1) }
        }
        let page = UInt32(number(0, 4)), size = number(4, 4)
        guard page > 0 else { throw JournalError(.storage, "a frame of the archive names page 0") }
        waiting.append((page, Array(frame.dropFirst(ArchivedFrame.prefixBytes))))
        guard size > 0 else { return }
        let time = Instant(unixMilliseconds: Int64(bitPattern: number(8, 8)))
        if let until, time > until {
            isOver = true
            waiting = []
            return
        }
        for (page, content) in waiting { try file.put(page, content) }
        waiting = []
        pages = Int64(size)
        commits += 1
        newest = time
    }
}
