import Journal
import Kernel
import TestSupport
import Testing

@Suite("Requests for decisions are decided once, by their rules")
struct ApprovalTests {
    private static let task = TaskReference(department: "research", task: "rank")

    /// Asked for by a run that works for cy.
    private func asked(_ store: TestStore, _ rules: JSONValue?, expires: UInt64? = nil) async throws -> RunID {
        let policy = try rules.map { try ApprovalPolicy(json: $0) }
        var run = NewRun.sample(Self.task)
        run.user = "cy"
        return try await store.journal.write { [run] tx throws(JournalError) in
            if let policy {
                try tx.approvalRuleSet(
                    ApprovalRuleRecord(
                        department: Self.task.department, task: nil, policy: policy, createdAt: tx.now), by: "op")
            }
            let run = try tx.runInsert(run)
            let request = ApprovalRequest(
                title: "Pay?", body: "", content: Array("1".utf8), expiresMilliseconds: expires)
            try tx.approvalOpen(
                ApprovalRecord(
                    run: run.id, sequence: 0, request: request, openedAt: tx.now,
                    expiresAt: expires.map { tx.now.advanced(byMilliseconds: Int64($0)) }))
            return run.id
        }
    }

    @discardableResult
    private func act(
        _ store: TestStore, _ run: RunID, _ wish: ApprovalWish, _ by: String, _ reason: String = "why"
    ) async throws -> ApprovalRecord {
        try await store.journal.write { tx throws(JournalError) in
            try tx.approvalAct(run: run, sequence: 0, wish, by: by, reason: reason)
        }
    }

    private func refused(
        _ store: TestStore, _ run: RunID, _ wish: ApprovalWish, _ by: String
    ) async throws -> JournalError.Code? {
        try await refusal { try await act(store, run, wish, by) }
    }

    private func record(_ store: TestStore, _ run: RunID) async throws -> ApprovalRecord {
        try await store.journal.read { tx throws(JournalError) in try tx.approval(run: run, sequence: 0) }
            .orFail("no approval")
    }

    private func topics(_ store: TestStore) async throws -> [String] {
        try await store.journal.read { tx throws(JournalError) in try tx.events(root: nil, after: 0, limit: 1_000) }
            .map(\.event.topic).filter { $0.hasPrefix("approval.") }
    }

    private static let approve = ApprovalWish.approve(revision: nil, content: nil)

    @Test("two of three decide, never who asked; an edit calls for new votes; a vote can be handed on")
    func quorum() async throws {
        let store = try await TestStore()
        let run = try await asked(
            store, ["approvers": ["ann", "bob", "cy"], "quorum": 2, "editor_may_approve": false])
        #expect(try await refused(store, run, Self.approve, "cy") == .denied)
        #expect(try await refused(store, run, Self.approve, "dee") == .denied)
        #expect(try await act(store, run, Self.approve, "ann").state == .open)
        #expect(try await refused(store, run, Self.approve, "ann") == .conflict(current: 0))
        let edited = try await act(store, run, .edit(revision: 0, content: Array("2".utf8)), "bob")
        #expect(edited.revision == 1 && edited.content == Array("2".utf8) && edited.request.content == Array("1".utf8))
        #expect(try await refused(store, run, .approve(revision: 0, content: nil), "ann") == .conflict(current: 1))
        #expect(try await refused(store, run, Self.approve, "bob") == .denied)
        #expect(try await refused(store, run, .delegate(to: "cy"), "bob") == .denied)
        try await act(store, run, .delegate(to: "eve"), "bob")
        try await act(store, run, .approve(revision: 1, content: nil), "ann", "fine")
        let decided = try await act(store, run, Self.approve, "eve", "")
        #expect(decided.state == .approved && decided.decidedAt == store.clock.now)
        #expect(
            decided.decision
                == ApprovalDecision(approved: true, by: "ann, eve", reason: "why; fine", content: Array("2".utf8)))
        #expect(try await refused(store, run, .reject, "ann") == .conflict(current: 1))
        let acts = try await store.journal.read { tx throws(JournalError) in
            try tx.approvalActs(run: run, sequence: 0)
        }
        #expect(acts.map(\.fields.kind) == ["approve", "edit", "delegate", "approve", "approve"])
        #expect(try await topics(store) == ["approval.requested", "approval.requested", "approval.decided"])
        #expect(try await store.mismatches() == [])
        #expect(try await store.reopened().mismatches() == [])
    }

    @Test("nobody answers: others are asked, then it expires, once, however often time is looked at")
    func time() async throws {
        let store = try await TestStore()
        let run = try await asked(
            store,
            [
                "approvers": ["ann"], "expires_after_seconds": 100,
                "escalations": [["after_seconds": 10, "approvers": ["boss"]]],
            ], expires: 1_000_000)
        func advance() async throws -> [ApprovalRecord.State] {
            try await store.journal.write { tx throws(JournalError) in try tx.approvalAdvanceDue(limit: 10) }
                .map(\.state)
        }
        func next() async throws -> Int64? {
            try await store.journal.read { tx throws(JournalError) in try tx.approvalNextLook() }
                .map { $0.unixMilliseconds - 1_800_000_000_000 }
        }
        #expect(try await refused(store, run, Self.approve, "boss") == .denied)
        #expect(try await next() == 10_000)
        #expect(try await advance() == [])
        store.clock.advance(byMilliseconds: 10_000)
        #expect(try await advance() == [.open])
        #expect(try await next() == 100_000)
        store.clock.advance(byMilliseconds: 90_000)
        // At its time, and nobody has written so yet.
        #expect(try await refused(store, run, Self.approve, "boss") == .conflict(current: 3))
        #expect(try await advance() == [.expired])
        #expect(try await advance() == [])
        #expect(try await next() == nil)
        let record = try await record(store, run)
        #expect(record.state == .expired && record.decision == nil)
        #expect(try await topics(store) == ["approval.requested", "approval.requested", "approval.decided"])
        #expect(try await refused(store, run, .withdraw, "cy") == .conflict(current: 3))
        #expect(try await store.mismatches() == [])
    }

    @Test("votes, withdrawals and the expiry at once: one of them decides, and all see the same", arguments: 0..<10)
    func race(round: Int) async throws {
        let store = try await TestStore()
        let run = try await asked(store, nil, expires: 1_000)
        store.clock.advance(byMilliseconds: 999)
        let wins = try await withThrowingTaskGroup(of: Bool.self) { group in
            for (wish, name) in [(Self.approve, "ann"), (.reject, "bob"), (.withdraw, "eve")] {
                group.addTask { try await refused(store, run, wish, name) == nil }
            }
            group.addTask {
                store.clock.advance(byMilliseconds: 1)
                return try await store.journal.write { tx throws(JournalError) in try tx.approvalAdvanceDue(limit: 1) }
                    .contains { $0.state == .expired }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1, "round \(round)")
        let stored = try await record(store, run)
        #expect(stored.state != .open)
        #expect(try await store.reopened().mismatches() == [])
    }

    @Test("a decision whose commit the medium refuses is none; the next one decides")
    func refusedCommit() async throws {
        let first = try await TestStore()
        let run = try await asked(first, nil)
        await first.journal.close()
        let failing = try await TestStore(
            folder: first.folder, clock: first.clock,
            faults: CommitFaults(before: { _ throws(JournalError) in throw JournalError(.storage, "no") }))
        #expect(try await refused(failing, run, Self.approve, "ann") == .storage)
        let store = try await failing.reopened()
        #expect(try await record(store, run).state == .open)
        #expect(try await act(store, run, .reject, "bob", "no").decision?.by == "bob")
        #expect(try await store.mismatches() == [])
    }

    @Test("without rules all but the requester may decide; a rejection needs a reason; an ended run waits for none")
    func withoutRules() async throws {
        let store = try await TestStore()
        let run = try await asked(store, nil)
        #expect(try await refused(store, run, Self.approve, "cy") == .denied)
        #expect(try await refusal { try await act(store, run, .reject, "ann", " ") } == .invalid)
        #expect(try await refused(store, run, .delegate(to: "bob"), "ann") == .invalid)
        #expect(try await refused(store, run, Self.approve, "") == .invalid)
        _ = try await store.journal.write { tx throws(JournalError) in try tx.runRequestCancel(run, reason: "enough") }
        #expect(try await refused(store, run, Self.approve, "ann") == .conflict(current: 7))
        let open = try await store.journal.read { tx throws(JournalError) in try tx.approvals(open: true) }
        #expect(open.isEmpty)
    }

    @Test("rules that nobody can meet are refused, at the setting and at the request")
    func unmeetable() async throws {
        #expect(throws: Failure.self) { try ApprovalPolicy(json: ["approvers": ["ann"], "quorum": 2]) }
        let store = try await TestStore()
        let code = try await refusal { try await asked(store, ["approvers": ["cy"]]) }
        #expect(code == .denied)
        let run = try await asked(store, ["approvers": ["cy"], "requester_may_approve": true])
        #expect(try await act(store, run, Self.approve, "cy").state == .approved)
    }

    @Test("a state that the acts do not give is found, and so is a changed rule")
    func tampered() async throws {
        for statement in [
            "UPDATE approval SET state = 1, decided_by = 'ann', reason = ''",
            "UPDATE approval_act SET actor = 'bob'", "UPDATE approval_rule SET created_at_ms = 1",
        ] {
            let store = try await TestStore()
            let run = try await asked(store, ["approvers": ["ann", "bob"], "quorum": 2])
            try await act(store, run, Self.approve, "ann")
            await store.journal.close()
            try Tampering.run(store.folder.path, statement)
            let found = try await TestStore(folder: store.folder, clock: store.clock).mismatches()
            #expect(!found.isEmpty, "\(statement)")
        }
    }

    @Test("a request from before there were rules is decided by anybody, and its leaves hold")
    func migrated() async throws {
        let store = try await TestStore()
        let run = try await store.insert(.sample(Self.task)).id
        await store.journal.close()
        for statement in OldSchema.beforeApprovals + [
            """
            INSERT INTO approval (run_id, seq, title, body, content, state, opened_at_ms, expires_at_ms)
            SELECT run_id, 0, 'Old?', '', x'31', 0, 1800000000000, 1800000009000 FROM run
            """
        ] { try Tampering.run(store.folder.path, statement) }
        let again = try await TestStore(folder: store.folder, clock: store.clock)
        let next = try await again.journal.read { tx throws(JournalError) in try tx.approvalNextLook() }
        #expect(next?.unixMilliseconds == 1_800_000_009_000)
        #expect(try await act(again, run, Self.approve, "ann").state == .approved)
        #expect(try await again.mismatches() == [])
    }
}
