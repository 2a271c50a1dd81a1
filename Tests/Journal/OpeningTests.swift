import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Opening a store")
struct OpeningTests {
    @Test("the writer syncs each commit: synchronous reads back as 2, in WAL mode, with only its own checkpoints")
    func durability() async throws {
        let held = try await TestStore().journal.durability()
        #expect(held.synchronous == 2)
        #expect(held.journalMode == "wal")
        #expect(held.foreignKeys)
        #expect(held.automaticCheckpointPages == 0)
        #expect(held.pageBytes == 8192)
    }

    @Test("a second host is refused and told which process has the store; it may come in after the first has closed")
    func exclusive() async throws {
        let folder = try Scratch()
        let writer = try ChildProcess.writer([folder.path, "1"])
        _ = writer.lines(1)
        await #expect {
            try await TestStore(folder: folder)
        } throws: { error in
            let refusal = error as? JournalError
            return refusal?.code == .inUse && refusal?.message.contains("process \(writer.identifier)") == true
        }
        writer.kill()
        _ = writer.remainingLines()
        let store = try await TestStore(folder: folder)
        await #expect(throws: JournalError.self, "also within one process") { try await TestStore(folder: folder) }
        let next = try await store.reopened()
        await next.journal.close()
    }

    @Test("a reader works beside a running host, sees what it commits, and cannot write")
    func readOnly() async throws {
        let store = try await TestStore()
        let clock = store.clock
        let reader = try await SQLiteJournal.openReadOnly(folder: store.folder.path, clock: { clock.now })
        let run = try await store.insert(.sample())
        let seen = try await reader.read { tx throws(JournalError) in try tx.run(run.id) }
        #expect(seen == run)
        let code = try await refusal {
            try await reader.write { tx throws(JournalError) in try tx.runRecover(limit: 10_000) }
        }
        #expect(code == .closed)
        await reader.close()
        _ = try await store.insert(.sample())
    }

    @Test("reading a store that is not there says so, and creates nothing")
    func readNothing() async throws {
        let folder = try Scratch()
        let code = try await refusal {
            try await SQLiteJournal.openReadOnly(folder: folder.path, clock: { Instant(unixMilliseconds: 0) })
        }
        #expect(code == .notFound)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("a store of a newer host is refused")
    func newerSchema() async throws {
        let store = try await TestStore()
        await store.journal.close()
        try Tampering.run(store.folder.path, "PRAGMA user_version = 99")
        await #expect {
            try await TestStore(folder: store.folder)
        } throws: { error in
            (error as? JournalError)?.message.contains("schema 99") == true
        }
    }

    @Test(
        "a store whose audit log was cut or extended is not written to again",
        arguments: [
            "DELETE FROM audit_leaf WHERE idx = 3", "DELETE FROM audit_checkpoint WHERE size = 4",
            "INSERT INTO audit_leaf SELECT 4, hash, bytes FROM audit_leaf WHERE idx = 3",
            "UPDATE audit_checkpoint SET root = zeroblob(32) WHERE size = 4", "DELETE FROM audit_frontier",
            "UPDATE audit_frontier SET frontier = x'00'",
        ])
    func alteredLog(statement: String) async throws {
        let store = try await TestStore()
        for _ in 0..<2 { _ = try await store.insert(.sample()) }
        await store.journal.close()
        try Tampering.run(store.folder.path, statement)
        await #expect {
            try await TestStore(folder: store.folder)
        } throws: { error in
            (error as? JournalError)?.message.contains("audit log was altered") == true
        }
    }

    @Test(
        "the ledger, the events and the audit log refuse changes and deletions",
        arguments: [
            "ledger", "event", "audit_leaf", "audit_checkpoint",
        ])
    func appendOnly(table: String) async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample()).id
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.eventAppend(NewEvent(topic: "t", run: run, root: run, body: .null))
            try tx.budgetReserve(
                Reservation(attempt: "a", run: run, path: [.organisation], amount: Nanodollars(1)))
        }
        await store.journal.close()
        for statement in ["DELETE FROM \(table)", "UPDATE \(table) SET rowid = rowid + 1"] {
            let refused = try Tampering.refusal(store.folder.path, statement)
            #expect(refused.contains("\(table) is append-only"))
        }
    }
}
