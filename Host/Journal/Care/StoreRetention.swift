import Foundation
package import Kernel

/// What one pass over the store moved and removed, or would.
package struct RetentionReport: Hashable, Sendable {
    package var archivedRuns = 0
    /// Restricted runs that went with their content.
    package var expiredRuns = 0
    package var webhookAttempts = 0
    package var crashes = 0
    /// Files of the archive.
    package var files: [String] = []
}

extension SQLiteJournal {
    /// Runs a commit moves at most: the writer serves others in between.
    private static let runsPerCommit = 16
    private static let rowsPerCommit = 500
    private static let maximumPlanned = 1_000_000

    /// Moves and removes what the store's policy has kept long enough, in small commits.
    ///
    /// A run is in the archive, synced, before it leaves the store; killed in between it is in both, and the next pass
    /// writes it anew.
    ///
    /// - Parameters:
    ///   - pauseMilliseconds: between two commits, so that a busy host is not slowed.
    ///   - midMove: called when runs are in the archive and not yet out of the store.
    package func retain(
        pauseMilliseconds: Int = 0, midMove: @Sendable () -> Void = {}
    ) async throws(JournalError) -> RetentionReport {
        let policy = try await read { journal throws(JournalError) in try journal.retentionPolicy() }
        var report = RetentionReport()
        let now = now
        if let horizon = policy.horizon(of: .runs, now: now) {
            var skipped: Set<RunID> = []
            while let moved = try await archiveSome(before: horizon, &skipped, midMove) {
                report.archivedRuns += moved
                try await pause(pauseMilliseconds)
            }
        }
        if let horizon = policy.horizon(of: .restrictedRuns, now: now) {
            while let removed = try await expireSome(before: horizon) {
                report.expiredRuns += removed
                try await pause(pauseMilliseconds)
            }
        }
        for dataClass in [DataClass.webhookAttempts, .crashes] {
            guard let horizon = policy.horizon(of: dataClass, now: now) else { continue }
            while true {
                let removed = try await write { journal throws(JournalError) in
                    try Self.changes(journal).trim(dataClass, before: horizon, limit: Self.rowsPerCommit)
                }
                if dataClass == .crashes { report.crashes += removed } else { report.webhookAttempts += removed }
                if removed < Self.rowsPerCommit { break }
                try await pause(pauseMilliseconds)
            }
        }
        for file in try await archiveFiles(before: policy.horizon(of: .archives, now: now)) {
            // Said first: killed in between, the file is there and nothing needs it.
            let mayGo = try await write { journal throws(JournalError) in
                // A hold may have come since the files were listed.
                guard try !Self.rows(journal).heldArchiveFiles().contains(file) else { return false }
                _ = try journal.auditAppend(type: "store.archive_removed", fields: ["file": .string(file)])
                return true
            }
            guard mayGo else { continue }
            unlink("\(archiveFolder)/\(file)")
            report.files.append(file)
        }
        return report
    }

    /// The same, only counted.
    package func plannedRetention() async throws(JournalError) -> RetentionReport {
        let now = now
        let (policy, runs, expired) = try await read { journal throws(JournalError) in
            let policy = try journal.retentionPolicy(), rows = try Self.rows(journal)
            let horizon = policy.horizon(of: .runs, now: now)
            let restricted = policy.horizon(of: .restrictedRuns, now: now)
            return (
                policy,
                try horizon.map { horizon throws(JournalError) in
                    try rows.archivalCandidates(before: horizon, limit: Self.maximumPlanned).count
                } ?? 0,
                try restricted.map { horizon throws(JournalError) in
                    try rows.expiredRuns(before: horizon, limit: Self.maximumPlanned).count
                } ?? 0
            )
        }
        var report = RetentionReport()
        report.archivedRuns = runs
        report.expiredRuns = expired
        report.files = try await archiveFiles(before: policy.horizon(of: .archives, now: now))
        return report
    }

    /// What only this room moves: no other room sees it.
    private static func rows(_ journal: any JournalReading) throws(JournalError) -> SQLReading {
        guard let reading = journal as? SQLReading else { throw JournalError(.invalid, "the store is not in SQL") }
        return reading
    }

    private static func changes(_ journal: any JournalTransaction) throws(JournalError) -> SQLTransaction {
        guard let changes = journal as? SQLTransaction else { throw JournalError(.invalid, "the store is not in SQL") }
        return changes
    }

    private func pause(_ milliseconds: Int) async throws(JournalError) {
        guard milliseconds > 0 else { return }
        guard (try? await Task.sleep(for: .milliseconds(milliseconds))) != nil else {
            throw JournalError(.closed, "the pass was ended")
        }
    }

    /// Nil when there is nothing more that may go.
    private func expireSome(before horizon: Instant) async throws(JournalError) -> Int? {
        let removed = try await write { journal throws(JournalError) in
            let changes = try Self.changes(journal)
            var removed = 0
            for id in try changes.expiredRuns(before: horizon, limit: Self.runsPerCommit) {
                if try changes.runExpireContent(id, before: horizon) { removed += 1 }
            }
            return removed
        }
        return removed > 0 ? removed : nil
    }

    /// Nil when there is nothing more to move.
    private func archiveSome(
        before horizon: Instant, _ skipped: inout Set<RunID>, _ midMove: @Sendable () -> Void
    ) async throws(JournalError) -> Int? {
        let limit = Self.runsPerCommit + skipped.count
        let candidates = try await read { journal throws(JournalError) in
            try Self.rows(journal).archivalCandidates(before: horizon, limit: limit)
        }
        let chosen = candidates.filter { !skipped.contains($0) }.prefix(Self.runsPerCommit)
        guard !chosen.isEmpty else { return nil }
        let runs = try await read { [chosen] journal throws(JournalError) in
            var runs: [ArchivalRun] = []
            for id in chosen {
                if let run = try Self.rows(journal).archival(of: id) { runs.append(run) }
            }
            return runs
        }
        let folder = archiveFolder, file = String(now.timestamp.prefix(7)) + ".sqlite"
        let written = await Self.onThread {
            Result { () throws(JournalError) in try Self.put(runs, folder, file) }
        }
        try written.get()
        midMove()
        let moved = try await write { journal throws(JournalError) in
            var moved: [RunID] = []
            for run in runs {
                let isMoved = try Self.changes(journal).runArchive(run, file: file, before: horizon)
                if isMoved { moved.append(run.run.id) }
            }
            return moved
        }
        // Changed meanwhile: not in this pass.
        skipped.formUnion(Set(chosen).subtracting(moved))
        return moved.count
    }

    private static func put(_ runs: [ArchivalRun], _ folder: String, _ file: String) throws(JournalError) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw JournalError(.storage, "\(folder): \(String(cString: strerror(errno)))")
        }
        try storage { () throws(SQLFailure) in
            let archive = try ArchiveFile.writing("\(folder)/\(file)")
            defer { archive.close() }
            try archive.put(runs)
        }
        guard DurableFile.sync(folder) else {
            throw JournalError(.storage, "\(folder) cannot be synced: \(String(cString: strerror(errno)))")
        }
    }

    // MARK: Files

    /// Months that ended before a moment.
    private func archiveFiles(before horizon: Instant?) async throws(JournalError) -> [String] {
        guard let horizon else { return [] }
        let month = String(horizon.timestamp.prefix(7))
        let names = (try? FileManager.default.contentsOfDirectory(atPath: archiveFolder)) ?? []
        let held = try await read { journal throws(JournalError) in try Self.rows(journal).heldArchiveFiles() }
        return names.filter { name in
            name.hasSuffix(".sqlite") && name.dropLast(".sqlite".count) < month && !held.contains(name)
        }.sorted()
    }

    private static func archiveFolder(_ folder: String) -> String { folder + "/archive" }
    private var archiveFolder: String { Self.archiveFolder(folder) }

    /// The run's rows as they were, one JSON document.
    ///
    /// - Throws: `.notFound` when the archive's file is gone, `.storage` when it does not hold what the store recorded.
    package static func archivedDocument(of run: ArchivedRun, folder: String) async throws(JournalError) -> [UInt8] {
        guard run.file != ArchivedRun.expired else {
            throw JournalError(
                .notFound, "run \(run.id) was restricted: it went with its content on \(run.at.timestamp)")
        }
        let path = "\(archiveFolder(folder))/\(run.file)"
        guard access(path, R_OK) == 0 else {
            throw JournalError(
                .notFound, "run \(run.id) was archived on \(run.at.timestamp) in \(path), which is not there any more")
        }
        let answer = await onThread {
            Result { () throws(JournalError) in
                try storage { () throws(SQLFailure) in
                    let file = try ArchiveFile.reading(path)
                    defer { file.close() }
                    return try file.document(of: run.id)
                }
            }
        }
        guard let document = try answer.get(), Digest.sha256(document) == run.digest else {
            throw JournalError(.storage, "\(path) does not hold run \(run.id) as it was archived")
        }
        return document
    }
}
