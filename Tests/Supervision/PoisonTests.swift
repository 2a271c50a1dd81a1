import Audit
import Engine
import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// The run that kills its plugin is parked; the others never notice.
@Suite("Poison runs", .timeLimit(.minutes(3)))
struct PoisonTests {
    @Test("a run that kills its plugin three times is parked, while the runs beside it finish uncounted")
    func parked() async throws {
        let house = try House()
        let runtime = try await house.open()
        let bystanders = try await runtime.beginAll(["hold", "hold"])
        try await runtime.waitForOpenCalls(2)
        let poison = try await runtime.run("segv")
        #expect(poison.state == .dead)
        let message = poison.failure?.message ?? ""
        #expect(message.contains("parked") && message.contains("crashy.so`rank_pages"))
        #expect(runtime.quarantines.isEmpty)
        try await runtime.waitForOpenCalls(2)
        let release = try await runtime.run("release")
        #expect(release.state == .done)
        let unharmed = try await runtime.areDoneUncounted(bystanders)
        #expect(unharmed)
        let blamed = try await runtime.crashes(of: "crashy").map(\.suspects)
        #expect(blamed == [[poison.id], [poison.id], [poison.id]])
        let audit = try await runtime.verifyAudit()
        #expect(audit.problems == [])
        await runtime.shutdown()
    }

    @Test("a person may try a parked run again, and it is parked again")
    func redrive() async throws {
        let house = try House()
        let runtime = try await house.open()
        let poison = try await runtime.run("segv")
        let again = try await runtime.retry(poison.id)
        let end = try await runtime.outcome(of: again.id)
        #expect(end.state == .dead)
        #expect(runtime.quarantines.isEmpty)
        await runtime.shutdown()
    }

    @Test("when nobody knows who did it, each suspect runs alone until the guilty one is found")
    func suspects() async throws {
        let house = try House()
        let runtime = try await house.open()
        let bystanders = try await runtime.beginAll(["late", "late"])
        try await runtime.waitForOpenCalls(2)
        let poison = try await runtime.run("kill")
        #expect(poison.state == .dead && poison.crashCount == 2)
        let unharmed = try await runtime.areDoneUncounted(bystanders)
        #expect(unharmed)
        #expect(runtime.quarantines.isEmpty)
        let crashes = try await runtime.crashes(of: "crashy")
        #expect(crashes.last.map { Set($0.suspects) } == Set(bystanders + [poison.id]))
        #expect(crashes.dropLast().map(\.suspects) == Array(repeating: [poison.id], count: 3))
        await runtime.shutdown()
    }
}

/// A department that crashes in a loop begins no runs.
@Suite("Quarantine", .timeLimit(.minutes(3)))
struct QuarantineTests {
    /// Two runs that crash it, ended before the reset.
    private func quarantined(_ runtime: HostRuntime) async throws {
        let poison = try await runtime.beginAll(["segv", "abort"])
        try await eventually { runtime.quarantine(of: "crashy") != nil }
        for run in poison {
            try await runtime.cancel(run, reason: "test")
            let ended = try await runtime.outcome(of: run)
            #expect(ended.state.isTerminal)
        }
    }

    @Test("runs stay queued with the reason, over a restart of the host too, until a person resets it")
    func reset() async throws {
        let house = try House()
        let first = try await house.open()
        try await quarantined(first)
        let waiting = try await first.begin("ok")
        let status = try #require(await first.departments().first)
        #expect(status.quarantine?.advice.contains("bureau departments reset crashy") == true)
        #expect(status.quarantine?.reason.contains("crashy.so`") == true)
        await first.shutdown()

        let second = try await house.open()
        #expect(second.quarantine(of: "crashy") != nil)
        let queued = try await second.stored(waiting)
        #expect(queued.state == .ready)
        try await second.resetDepartment("crashy", by: "test")
        let ended = try await second.outcome(of: waiting)
        #expect(ended.state == .done)
        let audit = try await second.verifyAudit()
        #expect(audit.problems == [])
        let leaves = try await second.auditText()
        for type in ["plugin.crashed", "department.quarantined", "department.reset"] {
            #expect(leaves.contains("\"type\":\"\(type)\""))
        }
        await second.shutdown()
    }

    @Test("another file of the department lifts it")
    func upgrade() async throws {
        let house = try House()
        let first = try await house.open()
        try await quarantined(first)
        let waiting = try await first.begin("ok")
        await first.shutdown()
        try FileManager.default.removeItem(atPath: house.plugin)
        try Crashy.build(into: house.plugin, "VERSION=\"2.0.0\"")
        let second = try await house.open()
        #expect(second.quarantine(of: "crashy") == nil)
        let ended = try await second.outcome(of: waiting)
        #expect(ended.state == .done)
        await second.shutdown()
    }

    @Test("a reload to another file lifts it while the host runs")
    func reload() async throws {
        let house = try House()
        let runtime = try await house.open()
        try await quarantined(runtime)
        let waiting = try await runtime.begin("ok")
        try FileManager.default.removeItem(atPath: house.plugin)
        try Crashy.build(into: house.plugin, "VERSION=\"2.0.0\"")
        try await runtime.reload("crashy")
        #expect(runtime.quarantines.isEmpty)
        let ended = try await runtime.outcome(of: waiting)
        #expect(ended.state == .done)
        await runtime.shutdown()
    }

    @Test("crashes that one run explains are its own; others add up within the window")
    func history() {
        let limit = CrashHistory.Limit(crashes: 3, windowSeconds: 300)
        let one = RunID(unixMilliseconds: 1, random: Array(repeating: 1, count: 10))
        let two = RunID(unixMilliseconds: 1, random: Array(repeating: 2, count: 10))
        func verdicts(_ crashes: [(seconds: Int64, runs: Set<RunID>)]) -> [Bool] {
            var history = CrashHistory()
            return crashes.map { crash in
                history.add(at: Instant(unixMilliseconds: crash.seconds * 1000), suspects: crash.runs, limit: limit)
            }
        }
        #expect(verdicts([(0, []), (1, []), (2, [])]) == [false, false, true])
        #expect(verdicts([(0, [one]), (1, [one]), (2, [one]), (3, [one])]) == [false, false, false, false])
        #expect(verdicts([(0, [one, two]), (1, [one]), (2, [one])]) == [false, false, false])
        #expect(verdicts([(0, [one]), (1, [two]), (2, [one])]) == [false, false, true])
        #expect(verdicts([(0, []), (1, []), (302, []), (303, [])]) == [false, false, false, false])
    }
}
