import Journal
import Kernel
import TestSupport
import Testing

@Suite("Requests of steps")
struct RequestTests {
    private static func step(_ sequence: Int, _ request: EffectRequest) -> StepRecord {
        StepRecord(
            intending: request, sequence: sequence, name: request.kind.name, occurrence: sequence,
            startedAt: Instant(unixMilliseconds: 1_800_000_000_000))
    }

    private func claimed(_ store: TestStore) async throws -> RunRecord {
        _ = try await store.insert(.sample())
        let claimed = try await store.journal.write { tx throws(JournalError) in
            try tx.runClaim(departments: ["research"], limit: 1)
        }
        return try claimed.first.orFail("nothing was claimed")
    }

    @Test("are kept up to 64 KiB, and read back only with the recording")
    func kept() async throws {
        let store = try await TestStore()
        let run = try await claimed(store)
        let small = EffectRequest.stateGet(key: "k")
        let large = EffectRequest.plan(Array(repeating: 32, count: RecordedRequest.maximumKeptBytes))
        try await store.journal.write { tx throws(JournalError) in
            try tx.stepInsert(Self.step(0, small), run: run.id, fence: run.fence)
            try tx.stepInsert(Self.step(1, large), run: run.id, fence: run.fence)
        }
        let steps = try await store.journal.read { tx throws(JournalError) in try tx.steps(of: run.id) }
        #expect(steps.map(\.request) == [small, large].map { .init(byteCount: $0.encoded.count, encoded: nil) })
        let recording = try await store.journal.read { tx throws(JournalError) in try tx.recording(of: run.id) }
        #expect(recording?.steps.map(\.request?.encoded) == [small.encoded, nil])
        await store.journal.close()
    }

    @Test("that were altered or taken away are found", arguments: ["x'00'", "NULL"])
    func altered(value: String) async throws {
        let store = try await TestStore()
        let run = try await claimed(store)
        try await store.journal.write { tx throws(JournalError) in
            try tx.stepInsert(Self.step(0, .stateGet(key: "k")), run: run.id, fence: run.fence)
        }
        let sound = try await store.journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(sound.isEmpty)
        await store.journal.close()
        try Tampering.run(store.folder.path, "UPDATE step SET request = \(value)")
        let again = try await store.reopened()
        let found = try await again.journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        #expect(found.count == 1 && found.first?.text.contains("request") == true)
        await again.journal.close()
    }

    @Test("are missing in a store of schema 1, which is migrated, keeps its runs and verifies; a reader asks for that")
    func migration() async throws {
        let store = try await TestStore()
        let run = try await claimed(store)
        try await store.journal.write { tx throws(JournalError) in
            try tx.stepInsert(.sample(0), run: run.id, fence: run.fence)
        }
        await store.journal.close()
        // What each later schema added is taken away again.
        for statement in OldSchema.beforeBudgets + [
            "DROP TABLE plugin_install", "DROP TABLE publisher", "DROP TABLE price_book", "DROP TABLE crash",
            "DROP TABLE quarantine", "DROP TABLE tool_binding", "DROP TABLE department_grant",
            "DROP TABLE state_size", "ALTER TABLE step DROP COLUMN request",
            "ALTER TABLE step DROP COLUMN request_bytes", "ALTER TABLE run DROP COLUMN forked_step",
            "ALTER TABLE run DROP COLUMN forked_from",
        ] {
            try Tampering.run(store.folder.path, statement)
        }
        try Tampering.run(store.folder.path, "PRAGMA user_version = 1")
        await #expect {
            try await SQLiteJournal.openReadOnly(folder: store.folder.path, clock: { Instant(unixMilliseconds: 0) })
        } throws: { error in
            (error as? JournalError)?.message.contains("start a host on it once") == true
        }
        let migrated = try await store.reopened()
        let (steps, mismatches) = try await migrated.journal.read { tx throws(JournalError) in
            (try tx.steps(of: run.id), try tx.auditMismatches())
        }
        #expect(steps == [.sample(0)])
        #expect(mismatches.isEmpty)
        await migrated.journal.close()
    }
}
