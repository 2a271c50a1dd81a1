import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// What is confidential or restricted is encrypted at rest without anybody asking for it.
@Suite("Sealing by class")
struct ClassSealTests {
    /// No host text holds it.
    private static let canary = "Vx3-canary-Kq8"

    private struct Store {
        let scratch: Scratch
        let clock = TestClock()
        let journal: SQLiteJournal

        init() async throws {
            let scratch = try Scratch(), clock = clock
            self.scratch = scratch
            journal = try await SQLiteJournal.open(
                folder: scratch.path + "/store", clock: { clock.now }, hostID: "test")
        }

        /// Files of the store, and beside it, that hold the canary.
        func leaks() throws -> [String] {
            let names = FileManager.default.enumerator(atPath: scratch.path)?.compactMap { $0 as? String } ?? []
            return names.filter { name in
                let content = FileManager.default.contents(atPath: scratch.path + "/" + name)
                return content?.range(of: Data(ClassSealTests.canary.utf8)) != nil
            }
        }

        /// A run that has the canary in its input, a step, an artifact and its output.
        func finished(_ run: NewRun) async throws -> RunRecord {
            let canary = Array(ClassSealTests.canary.utf8)
            let claimed = try await journal.write { tx throws(JournalError) in
                try tx.runClaim([try tx.runInsert(run).number])
            }
            let record = try claimed.first.orFail("nothing to claim")
            try await journal.write { tx throws(JournalError) in
                try tx.stepInsert(.sample(0, state: .done), run: record.id, fence: record.fence)
                _ = try tx.artifactPut(canary, name: "a.txt", mediaType: "text/plain", run: record.id)
                _ = try tx.runFinish(record.id, fence: record.fence, outcome: .done(canary))
            }
            return record
        }

        func run(_ id: RunID) async throws -> RunRecord {
            try await journal.read { tx throws(JournalError) in try tx.run(id) }.orFail("run \(id) is missing")
        }

        func mismatches() async throws -> [AuditMismatch] {
            try await journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        }
    }

    private static func sample(
        _ sensitivity: Sensitivity, parent: RunRecord? = nil, subject: SubjectID? = nil
    ) -> NewRun {
        var run = NewRun.sample(parent: parent)
        run.tenant = "acme"
        run.input = JSONValue.object(["who": .string(canary)]).bytes
        run.subject = subject
        run.classification = Classification(sensitivity, reasons: ["said"])
        return run
    }

    @Test("confidential and restricted content stands in no file in the clear, and is read as it was")
    func sealed() async throws {
        for sensitivity in [Sensitivity.confidential, .restricted] {
            let store = try await Store()
            let run = try await store.finished(Self.sample(sensitivity))
            #expect(run.subject == .classified(tenant: "acme") && run.person == nil)
            #expect(try store.leaks() == [])
            let read = try await store.run(run.id)
            #expect(read.output == Array(Self.canary.utf8))
            #expect(String(decoding: read.input, as: UTF8.self).contains(Self.canary))
            #expect(try await store.mismatches() == [])
            await store.journal.close()
        }
    }

    @Test("what is internal stands as before: no key is made for it")
    func usual() async throws {
        let store = try await Store()
        let run = try await store.finished(Self.sample(.internal))
        #expect(run.subject == nil)
        #expect(try !store.leaks().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: store.scratch.path + "/store.subject-keys"))
        await store.journal.close()
    }

    @Test("what a sealed run starts is sealed too, and may be about a person all the same")
    func children() async throws {
        let store = try await Store()
        let ada = try await store.journal.addSubject(tenant: "acme", alias: nil, by: "ana")
        let parent = try await store.finished(Self.sample(.confidential))
        let child = try await store.finished(Self.sample(.public, parent: parent))
        #expect(child.subject == .classified(tenant: "acme"))
        let hers = try await store.finished(Self.sample(.internal, parent: parent, subject: ada.id))
        #expect(hers.person == ada.id)
        #expect(try store.leaks() == [])
        _ = try await store.journal.eraseSubject(ada.id, by: "ana", reason: "asked")
        #expect(try await store.run(hers.id).content == .erased)
        #expect(try await store.run(child.id).content == .open, "another key")
        await store.journal.close()
    }

    @Test("a tenant that leaves is forgotten with one key; another tenant's stays")
    func leaving() async throws {
        let store = try await Store()
        let run = try await store.finished(Self.sample(.confidential))
        var other = Self.sample(.confidential)
        other.tenant = "beta"
        let theirs = try await store.finished(other)
        _ = try await store.journal.eraseSubject(.classified(tenant: "acme"), by: "ana", reason: "contract ended")
        #expect(try await store.run(run.id).content == .erased)
        #expect(try await store.run(theirs.id).content == .open)
        #expect(try await store.mismatches() == [])
        await store.journal.close()
    }

    @Test("nobody signs as the one who makes the subjects of classes")
    func name() async throws {
        let store = try await Store()
        await #expect(throws: JournalError.self) {
            _ = try await store.journal.addSubject(tenant: "acme", alias: nil, by: "classification")
        }
        await store.journal.close()
    }
}
