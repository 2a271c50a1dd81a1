import Journal
import Kernel
import TestSupport
import Testing

@Suite("A host that dies")
struct CrashTests {
    /// Opens what the dead host left and checks that nothing acknowledged is missing and nothing is half there.
    private func expectIntact(_ folder: Scratch, acknowledged: [String]) async throws {
        let store = try await TestStore(folder: folder)
        let runs = try await store.journal.read { tx throws(JournalError) in
            try tx.runs(RunFilter(), before: nil, limit: .max)
        }
        let stored = Set(runs.map(\.id.description))
        #expect(stored.isSuperset(of: acknowledged), "acknowledged runs are missing")
        let events = try await store.journal.read { tx throws(JournalError) in
            try tx.events(root: nil, after: 0, limit: .max).filter { $0.event.topic == "made" }
        }
        #expect(events.count == runs.count && Set(events.map(\.event.run.description)) == stored)
        for run in runs.prefix(20) {
            let steps = try await store.journal.read { tx throws(JournalError) in try tx.steps(of: run.id) }
            #expect(steps.count == 1)
        }
        #expect(try await store.mismatches() == [])
        let recovered = try await store.journal.write { tx throws(JournalError) in try tx.runRecover(limit: 10_000) }
        #expect(recovered == runs.count, "every run was on a lane of the dead host")
        await store.journal.close()
    }

    @Test("killed in the middle of writing: all that was acknowledged is there, whole", arguments: [1, 8])
    func killed(writers: Int) async throws {
        let folder = try Scratch()
        let child = try ChildProcess.writer([folder.path, "\(writers)"])
        let first = child.lines(300)
        child.kill()
        let acknowledged = first + child.remainingLines()
        #expect(acknowledged.count >= 300)
        try await expectIntact(folder, acknowledged: acknowledged)
    }

    @Test(
        "killed at a commit's edge: before it nothing of the group is there, after it everything",
        arguments: [
            ("before", 1), ("after", 1), ("before", 7), ("after", 7), ("before", 40), ("after", 40),
        ])
    func atBoundary(moment: String, number: Int) async throws {
        let folder = try Scratch()
        let child = try ChildProcess.writer([folder.path, "1", moment, "\(number)"])
        let acknowledged = child.remainingLines()
        #expect(acknowledged.count == number - 1)
        let reader = try await SQLiteJournal.openReadOnly(folder: folder.path, clock: { Instant(unixMilliseconds: 0) })
        let counts = try await reader.read { tx throws(JournalError) in try tx.runCounts() }
        await reader.close()
        #expect(counts.values.reduce(0, +) == (moment == "before" ? number - 1 : number))
        try await expectIntact(folder, acknowledged: acknowledged)
    }

    @Test("on a full medium writes are refused, the journal stays closed for writing, and nothing acknowledged is lost")
    func fullMedium() async throws {
        let folder = try Scratch()
        // A limit on the size of files, in blocks of 512 or 1,024 bytes.
        let child = try ChildProcess.writer([folder.path, "4"], fileBlocks: 4_096)
        let lines = child.remainingLines()
        let refused = lines.filter { $0.hasPrefix("refused: ") }, again = lines.filter { $0.hasPrefix("again: ") }
        #expect(refused.count == 4)
        #expect(again.count == 4 && again.allSatisfy { $0.contains("closed for writing") })
        let acknowledged = lines.filter { !$0.contains(":") }
        #expect(!acknowledged.isEmpty)
        try await expectIntact(folder, acknowledged: acknowledged)
    }
}
