import Audit
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// A closed store with a little of everything in it, and the checkpoint a host would have kept outside.
struct SampleStore {
    static let origin = "bureau.example/test"

    let folder: Scratch
    let outside: CheckpointNote

    /// - Parameter salt: changes the content, not the number of leaves.
    init(salt: String = "", runs: Int = 3) async throws {
        folder = try Scratch()
        let journal = try await Self.open(folder.path)
        for number in 0..<runs { try await Self.addRun(journal, number: UInt8(number), salt: salt) }
        let checkpoint = try await journal.read { journal throws(JournalError) in try journal.latestAuditCheckpoint() }
        await journal.close()
        let newest = try #require(checkpoint)
        outside = try #require(CheckpointNote(origin: Self.origin, size: newest.size, root: newest.root))
    }

    static func open(_ folder: String) async throws -> SQLiteJournal {
        try await SQLiteJournal.open(
            folder: folder, clock: { Instant(unixMilliseconds: 1_800_000_000_000) }, hostID: "test")
    }

    /// One run with a step, a hold that is settled, state, an artifact, an event and an end, in three commits.
    static func addRun(_ journal: SQLiteJournal, number: UInt8, salt: String) async throws {
        let id = RunID(unixMilliseconds: 1_800_000_000_000, random: Array(repeating: number, count: 10))
        let task = TaskReference(department: "research", task: "rank")
        let attempt = "\(id)/0/1"
        let claimed = try await journal.write { journal throws(JournalError) in
            _ = try journal.runInsert(NewRun(id: id, tenant: "acme", task: task, input: Array("{}".utf8)))
            return try journal.runClaim(departments: ["research"], limit: 1)
        }
        let fence = try #require(claimed.first).fence
        var step = StepRecord(
            sequence: 0, kind: .model, name: "ask", occurrence: 0, shape: Digest.sha256([number]), state: .intended,
            startedAt: Instant(unixMilliseconds: 1_800_000_000_000))
        try await journal.write { [step] journal throws(JournalError) in
            try journal.budgetReserve(
                Reservation(
                    attempt: attempt, run: id, path: [.organisation, .tenant("acme")], amount: Nanodollars(100)))
            try journal.stepInsert(step, run: id, fence: fence)
        }
        step.state = .done
        step.result = EffectResult(data: Array("answer \(salt)".utf8))
        step.finishedAt = step.startedAt
        _ = try await journal.write { [step] journal throws(JournalError) in
            try journal.stepUpdate(step, run: id, fence: fence)
            _ = try journal.budgetSettle(attempt, actual: Nanodollars(60))
            let scope = StateScope(tenant: "acme", department: "research", agent: "default")
            _ = try journal.statePut(scope, key: "key \(number)", value: Array(salt.utf8) + [number], expected: 0)
            _ = try journal.artifactPut(
                Array("report \(number)\(salt)".utf8), name: "report.md", mediaType: "text/markdown", run: id)
            _ = try journal.eventAppend(
                NewEvent(topic: "run.progress", run: id, root: id, body: ["fraction": .string(salt)]))
            return try journal.runFinish(id, fence: fence, outcome: .done(Array("{}".utf8)))
        }
    }

    func tamper(_ sql: String) throws { try Tampering.execute(sql, in: folder.path) }

    func verify(outside: CheckpointNote? = nil) async throws -> AuditReport {
        let journal = try await SQLiteJournal.openReadOnly(
            folder: folder.path, clock: { Instant(unixMilliseconds: 1_800_000_000_000) })
        do {
            let report = try await AuditVerifier.verify(journal, outside: outside)
            await journal.close()
            return report
        } catch {
            await journal.close()
            throw error
        }
    }

    func leaves() async throws -> [AuditLeaf] {
        let journal = try await SQLiteJournal.openReadOnly(
            folder: folder.path, clock: { Instant(unixMilliseconds: 1_800_000_000_000) })
        let leaves = try await journal.read { journal throws(JournalError) in
            try journal.auditLeaves(from: 0, limit: 10_000)
        }
        await journal.close()
        return leaves
    }
}
