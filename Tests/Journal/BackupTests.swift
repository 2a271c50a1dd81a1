import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Backups and restores")
struct BackupTests {
    private let scratch: Scratch
    private let key: BackupKey
    private let clock = TestClock()

    init() throws {
        scratch = try Scratch()
        key = try BackupKey(String(repeating: "a1", count: 32)).orFail("no key")
        try FileManager.default.createDirectory(atPath: scratch.folder("backups"), withIntermediateDirectories: true)
        try Data(String(repeating: "a1", count: 32).utf8).write(to: URL(fileURLWithPath: scratch.folder("key")))
    }

    private var backups: String { scratch.folder("backups") }

    private func backup(_ store: TestStore) async throws -> BackupReport {
        try await SQLiteJournal.backup(
            folder: store.folder.path, to: backups, key: key, clock: { [clock] in clock.now })
    }

    private func restore(to time: Instant? = nil, into name: String) async throws -> RestoreReport {
        try await SQLiteJournal.restore(
            RestoreRequest(source: backups, time: time, target: scratch.folder(name), by: "ana"), key: key,
            clock: { [clock] in clock.now })
    }

    /// Ids of the runs in a restored store, which must be sound.
    private func runs(_ name: String) async throws -> [RunID] {
        let reader = try await SQLiteJournal.openReadOnly(
            folder: scratch.folder(name), clock: { [clock] in clock.now })
        let (runs, mismatches) = try await reader.read { tx throws(JournalError) in
            (try tx.runs(RunFilter(), before: nil, limit: 10_000), try tx.auditMismatches())
        }
        await reader.close()
        #expect(mismatches == [])
        return runs.map(\.id).reversed()
    }

    private func archiving(_ folder: Scratch) async throws {
        let first = try await TestStore(folder: folder, clock: clock)
        await first.journal.close()
        try await SQLiteJournal.setArchive(
            ArchiveSetup(folder: backups, keyFile: scratch.folder("key"), intervalSeconds: 1), folder: folder.path)
    }

    @Test("a backup made while writers write holds a moment of the store, and restores to it")
    func online() async throws {
        let store = try await TestStore(clock: clock)
        var before: [RunID] = []
        for _ in 0..<20 { before.append(try await store.insert(.sample()).id) }
        let writing = Task {
            var ids: [RunID] = []
            while !Task.isCancelled { ids.append(try await store.insert(.sample()).id) }
            return ids
        }
        let report = try await backup(store)
        writing.cancel()
        let during = try await writing.value
        let restored = try await restore(into: "new")
        #expect(restored.checks.allSatisfy { $0.result == .sound })
        let found = try await runs("new")
        #expect(Array(found.prefix(20)) == before)
        #expect(found == Array((before + during).prefix(found.count)), "a moment: no gap, nothing of later")
        #expect(report.head.auditSize < restored.auditSize, "the restore itself is in the log")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: store.folder.path).contains("journal.backup") == false)
    }

    @Test("a backup that is altered, cut short, extended or opened with another key is refused")
    func damaged() async throws {
        let store = try await TestStore(clock: clock)
        _ = try await store.insert(.sample())
        let path = try await backup(store).path
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try await SQLiteJournal.verifyBackup(path, key: key).takenAt == clock.now)
        let other = try BackupKey(String(repeating: "b2", count: 32)).orFail("no key")
        #expect(try await refusal { try await SQLiteJournal.verifyBackup(path, key: other) } == .storage)
        var altered: [Data] = [whole.dropLast(), whole.dropLast(20), whole + Data([0, 0, 0, 17]), whole + whole]
        for offset in [20, 80, 400, whole.count / 2, whole.count - 1] {
            var copy = whole
            copy[offset] ^= 1
            altered.append(copy)
        }
        for (number, data) in altered.enumerated() {
            let file = scratch.folder("altered-\(number).backup")
            try data.write(to: URL(fileURLWithPath: file))
            #expect(try await refusal { try await SQLiteJournal.verifyBackup(file, key: key) } == .storage, "\(number)")
        }
        let text = String(decoding: whole, as: UTF8.self)
        #expect(!text.contains("SQLite format") && !text.contains("research"), "nothing of the store can be read")
    }

    @Test("with archived commits a store is restored to each moment since the backup, over checkpoints and restarts")
    func pointInTime() async throws {
        let folder = try Scratch()
        try await archiving(folder)
        var store = try await TestStore(folder: folder, clock: clock)
        let run = try await store.running().id
        var moments: [(Instant, [RunID])] = [], ids = [run]
        for _ in 0..<3 { ids.append(try await store.insert(.sample()).id) }
        clock.advance(byMilliseconds: 1_000)
        _ = try await backup(store)
        moments.append((clock.now, ids))
        for round in 0..<6 {
            clock.advance(byMilliseconds: 1_000)
            // Enough for checkpoints between groups, so that the log begins anew.
            for number in 0..<3 {
                ids.append(try await store.insert(.sample()).id)
                try await store.journal.write { tx throws(JournalError) in
                    let bytes = [UInt8](repeating: UInt8(round), count: 3 << 20)
                    _ = try tx.artifactPut(
                        bytes + [UInt8(number)], name: "\(round)-\(number)", mediaType: "a/b", run: run)
                }
            }
            moments.append((clock.now, ids))
            if round % 2 == 1 { store = try await store.reopened() }
        }
        await store.journal.close()
        for (number, (moment, expected)) in moments.enumerated() {
            let report = try await restore(to: moment, into: "at-\(number)")
            #expect(report.checks.allSatisfy { $0.result == .sound })
            #expect(try await runs("at-\(number)") == expected, "moment \(number)")
        }
        _ = try await restore(into: "newest")
        #expect(try await runs("newest") == ids)
        let early = clock.now.advanced(byMilliseconds: -100_000)
        #expect(try await refusal { try await restore(to: early, into: "early") } == .notFound)
        #expect(!FileManager.default.fileExists(atPath: scratch.folder("early")))
    }

    @Test(
        "killed at any commit, the next host goes on in the archive where the log says, and nothing acknowledged lacks")
    func killed() async throws {
        let folder = try Scratch()
        try await archiving(folder)
        var acknowledged: [RunID] = []
        let store = try await TestStore(folder: folder, clock: clock)
        _ = try await backup(store)
        await store.journal.close()
        for commit in [1, 3, 10, 40] {
            let child = try ChildProcess.writer([folder.path, "2", commit % 2 == 0 ? "before" : "after", "\(commit)"])
            acknowledged += child.remainingLines().compactMap { RunID($0) }
        }
        let last = try await TestStore(folder: folder, clock: clock)
        await last.journal.close()
        let report = try await restore(into: "new")
        #expect(report.commits > 40)
        let found = Set(try await runs("new"))
        #expect(acknowledged.count > 40 && acknowledged.allSatisfy(found.contains))
        #expect(
            SQLiteJournal.backupHead(report.base)?.archive?.epoch == (try ArchiveSetup.read(store: folder.path))?.epoch)
    }

    @Test("commits that were not archived begin a new chain, and a missing segment is named")
    func gaps() async throws {
        let folder = try Scratch()
        try await archiving(folder)
        let store = try await TestStore(folder: folder, clock: clock)
        _ = try await backup(store)
        for _ in 0..<3 {
            _ = try await store.insert(.sample())
            clock.advance(byMilliseconds: 2_000)
            await store.journal.archiveIfDue()
        }
        await store.journal.close()
        let first = try ArchiveSetup.read(store: folder.path).orFail("no archive")
        let hidden = folder.folder("journal.archive")
        try FileManager.default.moveItem(atPath: hidden, toPath: hidden + ".off")
        let silent = try await TestStore(folder: folder, clock: clock)
        _ = try await silent.insert(.sample())
        await silent.journal.close()
        try FileManager.default.moveItem(atPath: hidden + ".off", toPath: hidden)
        let next = try await TestStore(folder: folder, clock: clock)
        await next.journal.close()
        #expect(try ArchiveSetup.read(store: folder.path)?.epoch != first.epoch)

        let names = try FileManager.default.contentsOfDirectory(atPath: backups).sorted()
        let segments = names.filter { $0.hasPrefix(first.epoch) }
        #expect(segments.count >= 3)
        try FileManager.default.removeItem(atPath: "\(backups)/\(segments[2])")
        #expect(try await refusal { try await restore(into: "new") } == .storage)
        #expect(!FileManager.default.fileExists(atPath: scratch.folder("new.restoring")))
    }

    @Test("a restored store is another incarnation: runs that a host had begin again under a raised fence")
    func fences() async throws {
        let store = try await TestStore(clock: clock)
        let run = try await store.running()
        _ = try await backup(store)
        await store.journal.close()
        #expect(try await restore(into: "new").recoveredRuns == 1)
        let restored = try await SQLiteJournal.open(
            folder: scratch.folder("new"), clock: { [clock] in clock.now }, hostID: "next")
        let code = try await refusal {
            try await restored.write { tx throws(JournalError) in
                try tx.stepInsert(.sample(0), run: run.id, fence: run.fence)
            }
        }
        #expect(code == .fenced)
        await restored.close()
        #expect(try await refusal { try await restore(into: "new") } == .conflict(current: 0))
    }
}
