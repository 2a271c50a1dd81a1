import Foundation
import Journal
import Kernel
import TestSupport
import Testing

@Suite("Classes of data, legal holds and settings in the store")
struct OversightTests {
    private static let day: Int64 = 86_400_000

    private func finished(_ store: TestStore, _ run: NewRun = .sample()) async throws -> RunRecord {
        let run = try await store.running(run)
        try await store.journal.write { tx throws(JournalError) in
            try tx.stepInsert(.sample(0, state: .done), run: run.id, fence: run.fence)
            _ = try tx.artifactPut(Array("canary".utf8), name: "a.txt", mediaType: "text/plain", run: run.id)
            _ = try tx.runFinish(run.id, fence: run.fence, outcome: .done(Array("canary".utf8)))
        }
        return run
    }

    private static func sample(_ sensitivity: Sensitivity, parent: RunRecord? = nil, tenant: String = "acme") -> NewRun
    {
        var run = NewRun.sample(parent: parent)
        run.tenant = tenant
        run.classification = Classification(sensitivity, reasons: ["said"])
        return run
    }

    private func place(_ store: TestStore, _ target: String, name: String = "case-1") async throws {
        let hold = LegalHold(
            name: name, target: try #require(LegalHold.Target(target)), reason: "suit", by: "ana", at: store.clock.now)
        try await store.journal.write { tx throws(JournalError) in try tx.holdPlace(hold) }
    }

    private func release(_ store: TestStore) async throws {
        try await store.journal.write { tx throws(JournalError) in
            try tx.holdRelease("case-1", by: "ana", because: "settled")
        }
    }

    private func isThere(_ store: TestStore, _ run: RunRecord) async throws -> Bool {
        try await store.journal.read { tx throws(JournalError) in try tx.run(run.id) } != nil
    }

    // MARK: Classes

    @Test("a run has its class from admission on, children and copies are never below what they come from")
    func inheritance() async throws {
        let store = try await TestStore()
        let usual = try await store.insert(.sample())
        #expect(usual.sensitivity == .internal)
        let parent = try await store.insert(Self.sample(.confidential))
        #expect(parent.sensitivity == .confidential)
        #expect(try await store.run(parent.id).sensitivity == .confidential)
        let child = try await store.insert(Self.sample(.public, parent: parent))
        #expect(child.sensitivity == .confidential)
        var copy = NewRun.sample()
        copy.forkedFrom = ForkOrigin(run: parent.id, step: 0)
        #expect(try await store.insert(copy).sensitivity == .confidential)
        let record = try await store.journal.read { tx throws(JournalError) in try tx.runClass(child.id) }
        #expect(record?.reasons == ["said", "parent"] && record?.decidedBy == nil)
        #expect(try await store.mismatches() == [])
    }

    @Test("rules only raise; a person lowers, with a name, a reason and a leaf")
    func changes() async throws {
        let store = try await TestStore()
        let run = try await store.insert(Self.sample(.confidential))
        try await store.journal.write { tx throws(JournalError) in
            try tx.runRaise(run.id, to: .internal, because: "rule a")
            try tx.runRaise(run.id, to: .confidential, because: "rule b")
        }
        #expect(try await store.leafTypes().filter { $0 == "run.classified" }.count == 1)
        try await store.journal.write { tx throws(JournalError) in
            try tx.runRaise(run.id, to: .restricted, because: "rule c")
        }
        #expect(try await store.run(run.id).sensitivity == .restricted)
        let unexplained = try await refusal {
            try await store.journal.write { tx throws(JournalError) in
                try tx.runClassify(run.id, as: .public, by: "ana", because: "")
            }
        }
        #expect(unexplained == .invalid)
        let lowered = try await store.journal.write { tx throws(JournalError) in
            try tx.runClassify(run.id, as: .internal, by: "ana", because: "published today")
        }
        #expect(lowered.before == .restricted && lowered.decidedBy == "ana" && lowered.note == "published today")
        let (current, events) = try await store.journal.read { tx throws(JournalError) in
            (try tx.run(run.id), try tx.events(root: run.id, after: 0, limit: 100))
        }
        #expect(current?.sensitivity == .internal)
        let told = events.map(\.event).filter { $0.topic == EventTopic.classified }
        #expect(told.map { $0.body["class"] } == ["restricted", "internal"])
        #expect(told.map { $0.body["by"] } == [nil, "ana"])
        #expect(try await store.mismatches() == [])
    }

    // MARK: Holds

    @Test(
        "what a hold keeps does not move, whatever retention says; once it is released it does",
        arguments: ["run", "tenant:acme", "department:research"])
    func holds(target: String) async throws {
        let store = try await TestStore()
        let parent = try await store.running(.sample())
        let child = try await finished(store, .sample(parent: parent))
        try await store.journal.write { tx throws(JournalError) in
            _ = try tx.runFinish(parent.id, fence: parent.fence, outcome: .done([]))
            try tx.retentionSet(.runs, days: 1, by: "ana")
            try tx.retentionSet(.archives, days: 1, by: "ana")
        }
        var other = Self.sample(.internal, tenant: "globex")
        other.task = TaskReference(department: "tea", task: "brew")
        let free = try await finished(store, other)
        // A hold on a run keeps all of its tree.
        try await place(store, target == "run" ? "run:\(child.id)" : target)
        store.clock.advance(byMilliseconds: 10 * Self.day)
        #expect(try await store.journal.plannedRetention().archivedRuns == 1)
        #expect(try await store.journal.retain().archivedRuns == 1)
        #expect(try await [isThere(store, parent), isThere(store, child)] == [true, true])
        #expect(try await isThere(store, free) == false)
        try await release(store)
        #expect(try await store.journal.retain().archivedRuns == 2)
        // In the archive a hold keeps the file.
        try await place(store, target == "run" ? "run:\(child.id)" : target)
        store.clock.advance(byMilliseconds: 70 * Self.day)
        #expect(try await store.journal.retain().files == [])
        try await release(store)
        #expect(try await store.journal.retain().files.count == 1)
        #expect(try await store.mismatches() == [])
    }

    @Test("a hold has one name, a target that is there, and a reason; a release too")
    func refusals() async throws {
        let store = try await TestStore()
        try await place(store, "subject:subj:00000000-0000-4000-8000-000000000007")
        let subjects = try ["7", "8"].map { try #require(SubjectID("subj:00000000-0000-4000-8000-00000000000\($0)")) }
        let held = try await store.journal.read { tx throws(JournalError) in
            (try tx.legalHolds(overSubject: subjects[0]), try tx.legalHolds(overSubject: subjects[1]))
        }
        #expect(held.0.map(\.name) == ["case-1"] && held.1.isEmpty)
        #expect(try await refusal { try await place(store, "tenant:a") } == .conflict(current: 1))
        #expect(try await refusal { try await place(store, "run:\(RunID.sample())", name: "b") } == .notFound)
        #expect(try await refusal { try await place(store, "tenant:a", name: "Bad Name") } == .invalid)
        try await release(store)
        #expect(try await refusal { try await release(store) } == .notFound)
        #expect(try await store.mismatches() == [])
    }

    // MARK: Expiry

    /// Of a run that expired: that it was, and not what it was.
    private func expectTrace(of run: RunRecord, in store: TestStore) async throws {
        let id = run.id, folder = store.folder.path
        let found = try await store.journal.read { tx throws(JournalError) in try tx.archivedRun(id) }
        let stub = try #require(found)
        #expect(stub.file == ArchivedRun.expired)
        let code = try await refusal { try await SQLiteJournal.archivedDocument(of: stub, folder: folder) }
        #expect(code == .notFound)
    }

    @Test("restricted runs go with their content 30 days after they began, are in no archive, and leave proofs whole")
    func expiry() async throws {
        let store = try await TestStore()
        try await store.journal.write { tx throws(JournalError) in try tx.retentionSet(.runs, days: 5, by: "ana") }
        let restricted = try await finished(store, Self.sample(.restricted))
        let open = try await store.running(Self.sample(.restricted))
        let confidential = try await finished(store, Self.sample(.confidential))
        store.clock.advance(byMilliseconds: 30 * Self.day)
        #expect(try await store.journal.retain().expiredRuns == 0, "not before its time")
        #expect(try await isThere(store, restricted))
        #expect(try await !isThere(store, confidential))
        store.clock.advance(byMilliseconds: 1)
        #expect(try await store.journal.plannedRetention().expiredRuns == 1)
        #expect(try await store.journal.retain().expiredRuns == 1)
        #expect(try await !isThere(store, restricted))
        #expect(try await isThere(store, open))
        try await expectTrace(of: restricted, in: store)
        #expect(try await store.mismatches() == [])
        #expect(try await store.reopened().mismatches() == [])
    }

    @Test("a hold stops expiry, and another number of days counts from now on")
    func expiryHeld() async throws {
        let store = try await TestStore()
        let run = try await finished(store, Self.sample(.restricted))
        try await place(store, "tenant:acme")
        try await store.journal.write { tx throws(JournalError) in
            try tx.retentionSet(.restrictedRuns, days: 7, by: "ana")
        }
        store.clock.advance(byMilliseconds: 60 * Self.day)
        #expect(try await store.journal.retain().expiredRuns == 0)
        try await release(store)
        #expect(try await store.journal.retain().expiredRuns == 1)
        #expect(try await isThere(store, run) == false)
        #expect(try await store.mismatches() == [])
    }

    // MARK: Settings

    @Test("where the system is high-risk, records of runs are kept for 183 days at least")
    func highRisk() async throws {
        let store = try await TestStore()
        func set(_ dataClass: DataClass, _ days: Int?) async throws -> JournalError.Code? {
            try await refusal {
                try await store.journal.write { tx throws(JournalError) in
                    try tx.retentionSet(dataClass, days: days, by: "ana")
                }
            }
        }
        func highRisk(_ value: String?) async throws -> JournalError.Code? {
            try await refusal {
                try await store.journal.write { tx throws(JournalError) in
                    try tx.settingSet(.highRisk, to: value, by: "ana")
                }
            }
        }
        #expect(try await [set(.runs, 90), set(.archives, 30)] == [nil, nil])
        #expect(try await highRisk("on") == .invalid, "120 days are too short")
        #expect(try await highRisk("maybe") == .invalid)
        #expect(try await [set(.archives, 93), highRisk("on")] == [nil, nil])
        #expect(try await [set(.archives, 92), set(.runs, 89)] == [.invalid, .invalid])
        #expect(try await [set(.archives, nil), set(.runs, 1)] == [nil, nil])
        #expect(try await [highRisk(nil), set(.archives, 1)] == [nil, nil])
        #expect(try await store.mismatches() == [])
    }

    @Test(
        "a class, a hold or a setting that was altered outside is found",
        arguments: [
            "UPDATE run_class SET class = 'internal'", "DELETE FROM run_class", "DELETE FROM legal_hold",
            "UPDATE legal_hold SET value = 'globex'", "UPDATE setting SET value = 'off'", "DELETE FROM setting",
            "INSERT INTO legal_hold VALUES ('x', 'tenant', 'a', NULL, 'r', 'b', 1)",
            "INSERT INTO run_class VALUES (randomblob(16), 'public', 'internal', '[]', NULL, NULL, 1)",
        ])
    func tampering(statement: String) async throws {
        let store = try await TestStore()
        _ = try await store.insert(Self.sample(.confidential))
        try await place(store, "tenant:acme")
        try await store.journal.write { tx throws(JournalError) in
            try tx.settingSet(.highRisk, to: "on", by: "ana")
        }
        #expect(try await store.mismatches() == [])
        await store.journal.close()
        try Tampering.run(store.folder.path, statement)
        let altered = try await TestStore(folder: store.folder)
        #expect(try await !altered.mismatches().isEmpty)
    }
}
