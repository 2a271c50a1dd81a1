import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Retention and the archive")
struct ArchiveTests {
    private static let day: Int64 = 86_400_000

    /// A finished run with a paid step, an approval and an artifact.
    private func finished(
        _ store: TestStore, key: String? = nil, parent: RunRecord? = nil, artifact: [UInt8] = [1]
    ) async throws -> RunRecord {
        let run = try await store.running(.sample(key: key, parent: parent))
        try await store.journal.write { tx throws(JournalError) in
            try tx.stepInsert(.sample(0, state: .done), run: run.id, fence: run.fence)
            try tx.stepInsert(.sample(1, state: .done), run: run.id, fence: run.fence)
            _ = try tx.artifactPut(artifact, name: "a.txt", mediaType: "text/plain", run: run.id)
            let attempt = "\(run.id)/0/1"
            try tx.budgetReserve(
                Reservation(attempt: attempt, run: run.id, path: BudgetNode.path(run.id), amount: Nanodollars(9)))
            _ = try tx.budgetSettle(attempt, actual: Nanodollars(7))
            _ = try tx.runFinish(run.id, fence: run.fence, outcome: .done([5]))
        }
        return run
    }

    private func keepRuns(_ store: TestStore, days: Int) async throws {
        try await store.journal.write { tx throws(JournalError) in
            try tx.retentionSet(.runs, days: days, by: "ana")
        }
    }

    private func expectSound(_ store: TestStore) async throws {
        #expect(try await store.mismatches() == [])
        let faults = try await store.journal.read { tx throws(JournalError) in try tx.ledgerFaults().faults }
        #expect(faults == [])
        let checks = try await SQLiteJournal.check(
            folder: store.folder.path, clock: { Instant(unixMilliseconds: 0) }, isQuick: false)
        #expect(checks.allSatisfy { $0.result == .sound }, "\(checks)")
    }

    @Test("old runs move with all their rows, young and open ones stay; money adds up and the log agrees")
    func moves() async throws {
        let store = try await TestStore()
        var old: [RunRecord] = []
        for number in 0..<40 { old.append(try await finished(store, artifact: [UInt8(number % 2)])) }
        let open = try await store.running()
        let topped = try await finished(store, parent: open, artifact: [0])
        store.clock.advance(byMilliseconds: 10 * Self.day)
        let young = try await finished(store)
        #expect(try await store.journal.retain().archivedRuns == 0, "no policy, nothing moves")
        try await keepRuns(store, days: 5)
        #expect(try await store.journal.plannedRetention().archivedRuns == 40)
        #expect(try await store.journal.retain().archivedRuns == 40)
        #expect(try await store.journal.retain().archivedRuns == 0)
        for run in [young, open, topped] { _ = try await store.run(run.id) }
        for run in old {
            let (row, stub) = try await store.journal.read { tx throws(JournalError) in
                (try tx.run(run.id), try tx.archivedRun(run.id))
            }
            #expect(row == nil)
            let document = try await SQLiteJournal.archivedDocument(
                of: try stub.orFail("no trace of \(run.id)"), folder: store.folder.path)
            let rows = try JSONParser.parse(document)
            #expect(rows["steps"]?.arrayValue?.count == 2)
            #expect(rows["artifacts"]?.arrayValue?.count == 1)
            #expect(rows["run"]?["task"]?.stringValue == "rank")
        }
        let (shared, named) = try await store.journal.read { tx throws(JournalError) in
            (try tx.artifact(Digest.sha256([0])) != nil, try tx.artifact(Digest.sha256([1])) != nil)
        }
        #expect(shared && named, "what others still name stays")
        try await expectSound(store)
        try await expectSound(try await store.reopened())
    }

    @Test("a key whose run is in the archive makes no second run")
    func idempotency() async throws {
        let store = try await TestStore()
        let run = try await finished(store, key: "once")
        store.clock.advance(byMilliseconds: 10 * Self.day)
        try await keepRuns(store, days: 1)
        #expect(try await store.journal.retain().archivedRuns == 1)
        #expect(try await refusal { try await store.insert(.sample(key: "once")) } == .duplicate(run.id))
        _ = try await store.insert(.sample(key: "twice"))
    }

    @Test("killed in the middle, each run is in the store or in the archive; the next pass ends the move")
    func killed() async throws {
        let store = try await TestStore()
        var ids: [RunID] = []
        for _ in 0..<20 { ids.append(try await finished(store).id) }
        try await keepRuns(store, days: 1)
        await store.journal.close()
        let child = try ChildProcess.writer([store.folder.path, "archive-dying"])
        #expect(child.remainingLines().isEmpty)
        let after = try await TestStore(folder: store.folder)
        for id in ids { _ = try await after.run(id) }
        try await expectSound(after)
        await after.journal.close()
        let again = try ChildProcess.writer([store.folder.path, "archive"])
        #expect(again.remainingLines() == ["archived 20"])
        let last = try await TestStore(folder: store.folder)
        for id in ids {
            let stub = try await last.journal.read { tx throws(JournalError) in try tx.archivedRun(id) }
            _ = try await SQLiteJournal.archivedDocument(
                of: try stub.orFail("\(id) is nowhere"), folder: store.folder.path)
        }
        try await expectSound(last)
    }

    @Test(
        "a run that is removed without its archiving, put back after it, or whose trace is altered, is found",
        arguments: [
            "DELETE FROM archived_run", "UPDATE archived_run SET digest = zeroblob(32)",
            "UPDATE archived_run SET file = 'other.sqlite'", "UPDATE retention SET days = 9",
            """
            INSERT INTO step (run_no, seq, kind, name, occurrence, shape, state, attempt, fence, cost, started_at_ms)
            VALUES (2, 0, 1, 'x', 0, zeroblob(32), 1, 1, 1, 0, 0)
            """,
        ])
    func tampering(statement: String) async throws {
        let store = try await TestStore()
        _ = try await finished(store)
        store.clock.advance(byMilliseconds: 10 * Self.day)
        _ = try await store.insert(.sample())
        try await keepRuns(store, days: 1)
        #expect(try await store.journal.retain().archivedRuns == 1)
        #expect(try await store.mismatches() == [])
        await store.journal.close()
        try Tampering.run(store.folder.path, statement)
        let altered = try await TestStore(folder: store.folder)
        #expect(try await !altered.mismatches().isEmpty)
    }

    @Test("months of the archive are removed when they are old enough, and the store still knows what was in them")
    func months() async throws {
        let store = try await TestStore()
        let run = try await finished(store)
        store.clock.advance(byMilliseconds: 10 * Self.day)
        try await keepRuns(store, days: 1)
        _ = try await store.journal.retain()
        try await store.journal.write { tx throws(JournalError) in try tx.retentionSet(.archives, days: 30, by: "ana") }
        #expect(try await store.journal.retain().files == [])
        store.clock.advance(byMilliseconds: 70 * Self.day)
        #expect(try await store.journal.retain().files.count == 1)
        let stub = try await store.journal.read { tx throws(JournalError) in try tx.archivedRun(run.id) }
        let code = try await refusal {
            try await SQLiteJournal.archivedDocument(of: try stub.orFail("no trace"), folder: store.folder.path)
        }
        #expect(code == .notFound)
        try await expectSound(store)
    }
}
