import Journal
import Kernel
import Testing

@Suite("Approvals, agents, departments and messages")
struct PeopleTests {
    private func open(_ store: TestStore, expiresIn milliseconds: Int64?) async throws -> RunID {
        let run = try await store.insert(.sample()).id
        let now = store.clock.now
        let request = ApprovalRequest(
            title: "Send it?", body: "the letter", content: [1, 2],
            expiresMilliseconds: milliseconds.map { UInt64($0) })
        try await store.journal.write { tx throws(JournalError) in
            try tx.approvalOpen(
                ApprovalRecord(
                    run: run, sequence: 4, request: request, openedAt: now,
                    expiresAt: milliseconds.map { now.advanced(byMilliseconds: $0) }))
        }
        return run
    }

    private func decide(_ store: TestStore, _ run: RunID, approved: Bool) async throws -> JournalError.Code? {
        try await refusal {
            try await store.journal.write { tx throws(JournalError) in
                try tx.approvalDecide(
                    run: run, sequence: 4, decision: ApprovalDecision(approved: approved, by: "ana", reason: "ok"))
            }
        }
    }

    @Test("an approval is decided once")
    func decidedOnce() async throws {
        let store = try await TestStore()
        let run = try await open(store, expiresIn: nil)
        let waiting = try await store.journal.read { tx throws(JournalError) in try tx.approvals(open: true) }
        #expect(waiting.map(\.run) == [run])
        #expect(try await decide(store, run, approved: false) == nil)
        #expect(try await decide(store, run, approved: true) == .conflict(current: 2))
        let decided = try await store.journal.read { tx throws(JournalError) in try tx.approvals(open: false) }
        #expect(decided.map(\.state) == [.rejected])
        #expect(decided.first?.decision == ApprovalDecision(approved: false, by: "ana", reason: "ok"))
        #expect(decided.first?.request.content == [1, 2])
        let nobody = try await refusal {
            try await store.journal.write { tx throws(JournalError) in
                try tx.approvalDecide(
                    run: run, sequence: 5, decision: ApprovalDecision(approved: true, by: "x", reason: ""))
            }
        }
        #expect(nobody == .notFound)
    }

    @Test("after its time an approval reads as expired and is no longer decided")
    func expiry() async throws {
        let store = try await TestStore()
        let run = try await open(store, expiresIn: 1_000)
        store.clock.advance(byMilliseconds: 1_000)
        #expect(try await decide(store, run, approved: true) == .conflict(current: 3))
        let open = try await store.journal.read { tx throws(JournalError) in try tx.approvals(open: true) }
        #expect(open.isEmpty)
        let all = try await store.journal.read { tx throws(JournalError) in try tx.approvals(open: nil) }
        #expect(all.map(\.state) == [.expired])
    }

    @Test("departments are set")
    func departments() async throws {
        let store = try await TestStore()
        for isEnabled in [true, false] {
            try await store.journal.write { tx throws(JournalError) in
                try tx.departmentUpsert(DepartmentRecord(name: "d", enabled: isEnabled, placement: "worker"))
            }
        }
        let departments = try await store.journal.read { tx throws(JournalError) in try tx.departments() }
        #expect(departments == [DepartmentRecord(name: "d", enabled: false, placement: "worker")])
        #expect(try await store.mismatches() == [])
    }
}
