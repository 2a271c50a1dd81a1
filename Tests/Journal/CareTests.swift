import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Care of a store")
struct CareTests {
    /// Two finished runs with steps, events and money.
    private func filled() async throws -> TestStore {
        let store = try await TestStore()
        for _ in 0..<2 {
            let run = try await store.running()
            try await store.journal.write { tx throws(JournalError) in
                for sequence in 0..<3 {
                    try tx.stepInsert(.sample(sequence, state: .done), run: run.id, fence: run.fence)
                }
                try tx.budgetReserve(
                    Reservation(
                        attempt: "\(run.id)/0/1", run: run.id, path: BudgetNode.path(run.id), amount: Nanodollars(5)))
                _ = try tx.budgetSettle("\(run.id)/0/1", actual: Nanodollars(3))
                _ = try tx.runFinish(run.id, fence: run.fence, outcome: .done([1]))
            }
        }
        return store
    }

    private func check(_ folder: String, isQuick: Bool = false) async throws -> [String: StoreCheck.Result] {
        let checks = try await SQLiteJournal.check(
            folder: folder, clock: { Instant(unixMilliseconds: 0) }, isQuick: isQuick)
        return Dictionary(checks.map { ($0.name, $0.result) }, uniquingKeysWith: { $1 })
    }

    @Test("a sound store passes every check, beside its host and without one")
    func sound() async throws {
        let store = try await filled()
        #expect(try await check(store.folder.path).values.allSatisfy { $0 == .sound })
        await store.journal.close()
        let results = try await check(store.folder.path)
        #expect(results.count == 9 && results.values.allSatisfy { $0 == .sound }, "\(results)")
        #expect(try await check(store.folder.path, isQuick: true)["ledger"] == .skipped("quick"))
    }

    @Test(
        "each check finds its fault, by name, and the others stand",
        arguments: [
            ("steps.contiguous", "DELETE FROM step WHERE run_no = 1 AND seq = 1"),
            ("steps.fences", "UPDATE step SET fence = 9 WHERE run_no = 2 AND seq = 0"),
            ("runs.states", "UPDATE run SET finished_at_ms = NULL WHERE run_no = 1"),
            ("events.order", "DELETE FROM event WHERE pos = 3"),
            ("ledger", "UPDATE budget SET spent = spent + 1 WHERE node = 'organisation'"),
            ("sqlite.foreign_keys", "INSERT INTO artifact VALUES (1, 99, 'a', 'b', zeroblob(32), 1, 1)"),
            ("schema.version", "PRAGMA user_version = 99"),
            ("schema.objects", "DROP INDEX run_root"),
        ])
    func faults(name: String, statement: String) async throws {
        let store = try await filled()
        await store.journal.close()
        if name == "schema.objects" {
            // With the guards in place: the helper would drop them.
            #expect(try Tampering.refusal(store.folder.path, statement).isEmpty)
        } else {
            try Tampering.run(store.folder.path, statement)
        }
        let results = try await check(store.folder.path)
        guard case .unsound(let faults)? = results[name] else {
            Issue.record("\(name) did not fail: \(results)")
            return
        }
        #expect(!faults.isEmpty)
        // Guards were removed to plant the fault, which one check tells of by itself.
        let others = results.filter { ![name, "schema.objects", "sqlite.integrity"].contains($0.key) }
        for (other, result) in others {
            if case .unsound(let faults) = result { Issue.record("\(other) fails too: \(faults)") }
        }
    }

    @Test("a file that is damaged in the middle fails by name, and says no more than that")
    func damagedFile() async throws {
        let store = try await filled()
        await store.journal.close()
        let path = store.folder.path + "/journal.sqlite"
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: 8_192 * 4)
        try handle.write(contentsOf: Data(repeating: 0x5A, count: 8_192 * 3))
        try handle.close()
        guard case .unsound? = try await check(store.folder.path)["sqlite.integrity"] else {
            Issue.record("the damage was not found")
            return
        }
    }

    @Test("info counts rows and bytes by table, and names the process that has the store")
    func info() async throws {
        let store = try await filled()
        let open = try await SQLiteJournal.info(folder: store.folder.path)
        #expect(open.holder == "\(getpid())")
        #expect(open.tables.first { $0.name == "run" }?.rows == 2)
        #expect(open.tables.first { $0.name == "step" }?.rows == 6)
        #expect(open.schema == open.newestSchema && open.walBytes > 0)
        #expect(open.tables.reduce(0) { $0 + $1.bytes } <= open.pages * open.pageBytes)
        await store.journal.close()
        #expect(try await SQLiteJournal.info(folder: store.folder.path).holder == nil)
    }

    @Test("compacting gives freed pages back and changes no row; beside a host it is refused with who holds the store")
    func vacuum() async throws {
        let store = try await filled()
        let scope = StateScope(tenant: "acme", department: "research", agent: "default")
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.statePut(scope, key: "big", value: [UInt8](repeating: 7, count: 3 << 20), expected: nil)
        }
        try await store.journal.write { tx throws(JournalError) in
            try tx.stateRemove(scope, key: "big", expected: nil)
        }
        let held = try await refusal { try await SQLiteJournal.vacuum(folder: store.folder.path, isDryRun: false) }
        #expect(held == .inUse)
        await store.journal.close()
        let plan = try await SQLiteJournal.vacuum(folder: store.folder.path, isDryRun: true)
        #expect(plan.bytesBefore > 3 << 20 && plan.bytesAfter == plan.bytesBefore)
        let done = try await SQLiteJournal.vacuum(folder: store.folder.path, isDryRun: false)
        #expect(done.bytesAfter < 2 << 20)
        #expect(try await check(store.folder.path).values.allSatisfy { $0 == .sound })
        let reopened = try await TestStore(folder: store.folder)
        #expect(try await reopened.mismatches() == [])
        let names = try FileManager.default.contentsOfDirectory(atPath: store.folder.path)
        #expect(!names.contains { $0.contains("etilqs") }, "no temporary file stays: \(names)")
    }

    @Test("a store of an old schema is migrated after a copy that can still be read as it was")
    func migrate() async throws {
        let store = try await filled()
        await store.journal.close()
        for statement in OldSchema.beforeStreams { try Tampering.run(store.folder.path, statement) }
        let now = Instant(unixMilliseconds: 77)
        let folder = store.folder.path
        let plan = try await SQLiteJournal.migrate(folder: folder, clock: { now }, isDryRun: true)
        #expect(plan.isDue && plan.copy == nil)
        #expect(try await SQLiteJournal.info(folder: folder).schema == plan.from)
        let done = try await SQLiteJournal.migrate(folder: folder, clock: { now }, isDryRun: false)
        #expect((done.from, done.to) == (plan.from, plan.to))
        #expect(try await SQLiteJournal.info(folder: folder).schema == done.to)
        let copy = try Scratch()
        try FileManager.default.copyItem(
            atPath: try done.copy.orFail("no copy"), toPath: copy.folder("journal.sqlite"))
        #expect(try await SQLiteJournal.info(folder: copy.path).schema == plan.from)
        #expect(try await SQLiteJournal.migrate(folder: folder, clock: { now }, isDryRun: false).isDue == false)
    }
}
