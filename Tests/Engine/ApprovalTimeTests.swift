import Audit
import Engine
import Foundation
import Journal
import Kernel
import Testing

@Suite("Requests for decisions over time and restarts", .timeLimit(.minutes(3)))
struct ApprovalTimeTests {
    private static let hour: UInt64 = 3_600_000

    private static let asking: ScriptedPlugin.Body = { context in
        let request = ApprovalRequest(
            title: "Send?", body: "It goes out.", content: Array(#"{"text":"hi"}"#.utf8), expiresMilliseconds: hour)
        return try JSONParser.parse(try await context.effect("ask", .approval(request)).data)
    }

    private func open(_ host: TestHost, _ clock: ShiftedClock, asks: Bool = true) async throws -> HostRuntime {
        try await host.open(asks ? [ScriptedPlugin(department: "dep", ["ask": Self.asking])] : []) {
            $0.clock = { clock.now }
        }
    }

    private func submit(_ runtime: HostRuntime) async throws -> RunID {
        try await runtime.submit(
            RunSubmission(task: try #require(TaskReference("dep/ask")), input: Array("{}".utf8))
        ).id
    }

    private func stored(_ runtime: HostRuntime, _ run: RunID) async throws -> ApprovalRecord? {
        try await runtime.journal.read { journal throws(JournalError) in try journal.approval(run: run, sequence: 0) }
    }

    /// Asks again until it holds; the suite's limit is only there to end.
    private func wait(_ holds: () async throws -> Bool) async throws {
        while try await !holds() { try await Task.sleep(for: .milliseconds(2)) }
    }

    @Test("it expires while no execution waits for it: the host has started without the department")
    func expiresAlone() async throws {
        let host = TestHost(), clock = ShiftedClock()
        let first = try await open(host, clock)
        let run = try await submit(first)
        try await wait { try await stored(first, run) != nil }
        await first.shutdown()
        clock.set(byMinutes: 61)
        let second = try await open(host, clock, asks: false)
        try await wait { try await stored(second, run)?.state == .expired }
        await second.shutdown()
        let third = try await open(host, clock)
        if try await third.journal.read({ journal throws(JournalError) in try journal.run(run) })?.state != .failed {
            _ = try await third.outcome(of: run)
        }
        await #expect(throws: EngineError.self) {
            try await third.decide(run: run, sequence: 0, ApprovalDecision(approved: true, by: "ada", reason: ""))
        }
        #expect(try await third.verifyAudit().problems.isEmpty)
        await third.shutdown()
    }

    @Test("a vote races the expiry: the run ends by what the journal says, whichever was first", arguments: 0..<6)
    func race(round: Int) async throws {
        let host = TestHost(), clock = ShiftedClock()
        let runtime = try await open(host, clock)
        let run = try await submit(runtime)
        try await wait { try await stored(runtime, run) != nil }
        let vote = Task {
            if !round.isMultiple(of: 2) { try? await Task.sleep(for: .milliseconds(Int64(round) * 150)) }
            try? await runtime.decide(
                run: run, sequence: 0, ApprovalDecision(approved: true, by: "ada", reason: ""))
        }
        clock.set(byMinutes: 61)
        let ended = try await runtime.outcome(of: run)
        await vote.value
        let record = try #require(try await stored(runtime, run))
        switch record.state {
        case .approved: #expect(ended.outputJSON?["by"] == "ada")
        case .expired: #expect(ended.failure?.status == .deadline)
        default: Issue.record("round \(round): \(record.state)")
        }
        await runtime.shutdown()
    }

    @Test("a decision is made before the wait opens: as soon as the request is committed, or while no host runs")
    func early() async throws {
        let host = TestHost(), clock = ShiftedClock()
        let first = try await open(host, clock)
        let run = try await submit(first)
        // No pause between the commit and the vote.
        while true {
            do {
                try await first.decide(
                    run: run, sequence: 0, ApprovalDecision(approved: true, by: "ada", reason: "at once"))
                break
            } catch {
                #expect(error.code == .notFound)
            }
        }
        #expect(try await first.outcome(of: run).outputJSON?["reason"] == "at once")
        let second = try await submit(first)
        try await wait { try await stored(first, second) != nil }
        await first.shutdown()
        let store = try await SQLiteJournal.open(
            folder: host.folder, clock: { clock.now }, hostID: "a command")
        _ = try await store.write { journal throws(JournalError) in
            try journal.approvalAct(
                run: second, sequence: 0, .approve(revision: nil, content: nil), by: "bob", reason: "offline")
        }
        await store.close()
        let again = try await open(host, clock)
        #expect(try await again.outcome(of: second).outputJSON?["by"] == "bob")
        await again.shutdown()
    }

    @Test("withdrawn, the request fails as denied; with a quorum of two, the first vote lets nothing go on")
    func withdrawnAndQuorum() async throws {
        let host = TestHost(), clock = ShiftedClock()
        let runtime = try await open(host, clock)
        let withdrawn = try await submit(runtime)
        try await wait { try await stored(runtime, withdrawn) != nil }
        try await runtime.act(run: withdrawn, sequence: 0, .withdraw, by: "ada")
        #expect(try await runtime.outcome(of: withdrawn).failure?.status == .denied)
        let policy = try ApprovalPolicy(json: ["approvers": ["ada", "bob"], "quorum": 2])
        try await runtime.setApprovalRule(
            ApprovalRuleRecord(department: "dep", task: "ask", policy: policy, createdAt: clock.now), by: "op")
        let run = try await submit(runtime)
        try await wait { try await stored(runtime, run) != nil }
        try await runtime.act(run: run, sequence: 0, .approve(revision: nil, content: nil), by: "ada")
        #expect(try await stored(runtime, run)?.state == .open)
        try await runtime.act(run: run, sequence: 0, .approve(revision: nil, content: nil), by: "bob")
        #expect(try await runtime.outcome(of: run).outputJSON?["by"] == "ada, bob")
        await runtime.shutdown()
    }
}
