import Audit
import Engine
import Journal
import Kernel
import Synchronization
import Testing

@Suite("Who begins, when, and how often")
struct SchedulingTests {
    private static let hour = EffectRequest.sleep(milliseconds: 3_600_000)

    private func submit(
        _ runtime: HostRuntime, _ task: String = "dep/job", tenant: String = "default", input: JSONValue = [:],
        _ scheduling: RunScheduling = RunScheduling()
    ) async throws -> RunRecord {
        let task = try #require(TaskReference(task))
        return try await runtime.submit(
            RunSubmission(task: task, input: input.bytes, tenant: tenant, scheduling: scheduling))
    }

    private func ends(_ runtime: HostRuntime, _ runs: [RunRecord]) async throws -> [RunRecord] {
        var ended: [RunRecord] = []
        for run in runs { ended.append(try await runtime.outcome(of: run.id)) }
        return ended
    }

    private func state(_ runtime: HostRuntime, _ run: RunRecord) async throws -> RunState? {
        try await runtime.journal.read { journal throws(JournalError) in try journal.run(run.id)?.state }
    }

    private func wait(_ runtime: HostRuntime, for run: RunRecord, _ wanted: RunState) async throws {
        for _ in 0..<3_000 {
            if try await state(runtime, run) == wanted { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("run \(run.id) never came to \(wanted)")
    }

    /// How many are inside, and how many ever were at once.
    private final class Gauge: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        func inside<Value>(_ body: () async throws -> Value) async rethrows -> Value {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
            defer { counts.withLock { $0.now -= 1 } }
            return try await body()
        }

        var most: Int { counts.withLock { $0.most } }
    }

    @Test("a queue never runs more at once than its limit; 0 stops it, and lifting the limit lets it go on")
    func limits() async throws {
        let gauge = Gauge()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { _ in
                    try await gauge.inside { try await Task.sleep(for: .milliseconds(15)) }
                    return 1
                }
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        try await runtime.setLimit(ClaimLimit(concurrency: 0), of: .queue("slow"), by: "ana")
        var runs: [RunRecord] = []
        for _ in 0..<12 { runs.append(try await submit(runtime, "dep/job", RunScheduling(queue: "slow"))) }
        let other = try await submit(runtime)
        #expect(try await runtime.outcome(of: other.id).state == .done, "other queues go on")
        #expect(try await state(runtime, runs[0]) == .ready)
        try await runtime.setLimit(ClaimLimit(concurrency: 2), of: .queue("slow"), by: "ana")
        #expect(try await ends(runtime, runs).allSatisfy { $0.state == .done })
        #expect(gauge.most == 2)
        await runtime.shutdown()
    }

    @Test("a run that waits for something outside leaves its place to the next, though the limit is one")
    func placeOfWaiting() async throws {
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { _ in 1 },
                "wait": { context in
                    _ = try await context.effect("pause", Self.hour)
                    return 1
                },
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        try await runtime.setLimit(ClaimLimit(concurrency: 1), of: .department("dep"), by: "ana")
        let first = try await submit(runtime, "dep/wait"), second = try await submit(runtime)
        #expect(try await runtime.outcome(of: second.id).state == .done)
        #expect(try await state(runtime, first) == .waiting)
        await runtime.shutdown()
    }

    @Test("limits by department, agent, tenant and key hold over a restart")
    func afterRestart() async throws {
        let gauge = Gauge(), host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { _ in
                    try await gauge.inside { try await Task.sleep(for: .milliseconds(10)) }
                    return 1
                }
            ])
        let first = try await host.open([plugin])
        try await first.setLimit(ClaimLimit(concurrency: 0), of: .department("dep"), by: "ana")
        try await first.setLimit(ClaimLimit(concurrency: 1), of: .key(tenant: "acme", "doc"), by: "ana")
        var runs: [RunRecord] = []
        for _ in 0..<6 { runs.append(try await submit(first, tenant: "acme", RunScheduling(key: "doc"))) }
        await first.shutdown()
        let second = try await host.open([plugin])
        try await Task.sleep(for: .milliseconds(100))
        #expect(try await state(second, runs[0]) == .ready)
        try await second.setLimit(nil, of: .department("dep"), by: "ana")
        #expect(try await ends(second, runs).allSatisfy { $0.state == .done })
        #expect(gauge.most == 1)
        await second.shutdown()
    }

    @Test("a tenant with many runs does not hold up another's, and weights shift the shares")
    func shares() async throws {
        let order = Mutex<[String]>([])
        let plugin = ScriptedPlugin(
            department: "dep", wants: Manifest.Wants(concurrency: 1),
            [
                "job": { context in
                    order.withLock { $0.append(context.input["who"]?.stringValue ?? "?") }
                    return 1
                }
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        try await runtime.setLimit(ClaimLimit(concurrency: 0), of: .department("dep"), by: "ana")
        try await runtime.setWeight(ClaimWeight(tenant: "paying", weight: 3), by: "ana")
        var runs: [RunRecord] = []
        for _ in 0..<30 { runs.append(try await submit(runtime, tenant: "busy", input: ["who": "busy"])) }
        for _ in 0..<9 { runs.append(try await submit(runtime, tenant: "paying", input: ["who": "paying"])) }
        try await runtime.setLimit(ClaimLimit(concurrency: 1), of: .department("dep"), by: "ana")
        #expect(try await ends(runtime, runs).allSatisfy { $0.state == .done })
        let first = order.withLock { Array($0.prefix(12)) }
        #expect(first.count { $0 == "paying" } == 9, "three of four turns: \(first)")
        await runtime.shutdown()
    }

    @Test("nothing begins in a maintenance window; what runs goes on")
    func maintenance() async throws {
        let plugin = ScriptedPlugin(department: "dep", ["job": { _ in 1 }])
        let host = TestHost(), runtime = try await host.open([plugin])
        let now = runtime.now
        try await runtime.setMaintenance(
            MaintenanceRecord(
                name: "move", scope: .department("dep"),
                window: .once(from: now, to: now.advanced(byMilliseconds: 3_600_000)), createdAt: now), by: "ana")
        let run = try await submit(runtime)
        try await Task.sleep(for: .milliseconds(400))
        #expect(try await state(runtime, run) == .ready)
        try await runtime.removeMaintenance("move", by: "ana")
        #expect(try await runtime.outcome(of: run.id).state == .done)
        await runtime.shutdown()
    }

    @Test("a failure that will pass is tried again by the rule of its task, without repeating what was recorded")
    func retries() async throws {
        let counter = Counter()
        let plugin = ScriptedPlugin(
            department: "dep", retry: RunRetryRule(attempts: 3, on: [.transient], initialSeconds: 1, maximumSeconds: 1),
            [
                "job": { context in
                    _ = try await context.step("once") { .integer(Int64(counter.add("step"))) }
                    guard counter.add("try") > 2 else { throw Failure(.io, "the line is down") }
                    return "up"
                },
                "bad": { _ in
                    counter.add("bad")
                    throw Failure(.invalid, "never")
                },
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        let done = try await runtime.run("dep/job")
        #expect(done.state == .done && done.attempt == 3 && done.failure == nil)
        #expect(counter["step"] == 1 && counter["try"] == 3)
        #expect(done.retryHistory.failures == [.transient: 2])
        #expect(try await runtime.run("dep/bad").state == .failed)
        #expect(counter["bad"] == 1)

        let submitted = try await submit(runtime, "dep/job", RunScheduling(retry: RunRetryRule(attempts: 1)))
        #expect(try await runtime.outcome(of: submitted.id).state == .done, "the line is up again")
        await runtime.shutdown()
    }

    @Test("after the last attempt the run has failed, and says how often it was tried")
    func lastAttempt() async throws {
        let plugin = ScriptedPlugin(department: "dep", ["job": { _ in throw Failure(.io, "the line is down") }])
        let host = TestHost(), runtime = try await host.open([plugin])
        let rule = RunRetryRule(attempts: 2, on: [.transient], initialSeconds: 1)
        let run = try await submit(runtime, "dep/job", RunScheduling(retry: rule))
        try await wait(runtime, for: run, .scheduled)
        let failed = try await runtime.outcome(of: run.id)
        #expect(failed.state == .failed && failed.attempt == 2)
        #expect(failed.failure?.message.contains("the line is down") == true)
        #expect(failed.failure?.message.contains("last of 2 attempts") == true)
        #expect(try await runtime.verifyAudit().problems.isEmpty)
        await runtime.shutdown()
    }

    @Test("a person's retry performs a failed child again, and the run goes on with the new one")
    func failedChild() async throws {
        let counter = Counter()
        let child = try #require(TaskReference("other/flaky"))
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    let result = try await context.effect("child", .child(child, input: Array("{}".utf8)))
                    return try JSONParser.parse(result.data)
                }
            ])
        let other = ScriptedPlugin(
            department: "other",
            [
                "flaky": { _ in
                    guard counter.add("try") > 1 else { throw Failure(.invalid, "not yet") }
                    return "now"
                }
            ])
        let host = TestHost(), runtime = try await host.open([plugin, other])
        let failed = try await runtime.run("dep/job")
        #expect(failed.state == .failed)
        _ = try await runtime.retry(failed.id)
        let done = try await runtime.outcome(of: failed.id)
        #expect(done.state == .done && done.outputJSON == "now")
        #expect(counter["try"] == 2)
        await runtime.shutdown()
    }

    @Test("a run that shows no sign of life for its heartbeat's time has hung; one that does lives on")
    func heartbeat() async throws {
        let plugin = ScriptedPlugin(
            department: "dep", heartbeatSeconds: 1,
            [
                "silent": { _ in
                    try await Task.sleep(for: .seconds(3_600))
                    return 1
                },
                "busy": { context in
                    for number in 0..<8 {
                        _ = try await context.effect("n\(number)", .now)
                        try await Task.sleep(for: .milliseconds(250))
                    }
                    return 2
                },
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        let silent = try await submit(runtime, "dep/silent"), busy = try await submit(runtime, "dep/busy")
        let hung = try await runtime.outcome(of: silent.id)
        #expect(hung.state == .failed && hung.failure?.status == .deadline)
        #expect(hung.failure?.message.contains("no sign of life") == true)
        #expect(try await runtime.outcome(of: busy.id).state == .done)
        await runtime.shutdown()
    }

    @Test("a deadline ends a run that waits, and one that never began")
    func deadlines() async throws {
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": {
                    _ = try await $0.effect("s", Self.hour); return 1
                }
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        let soon = runtime.now.advanced(byMilliseconds: 700)
        let waits = try await submit(runtime, "dep/job", RunScheduling(deadline: soon))
        try await runtime.setLimit(ClaimLimit(concurrency: 0), of: .queue("closed"), by: "ana")
        let never = try await submit(runtime, "dep/job", RunScheduling(queue: "closed", startBy: soon))
        for run in try await ends(runtime, [waits, never]) {
            #expect(run.state == .failed && run.failure?.status == .deadline, "\(run.failure?.message ?? "")")
        }
        await runtime.shutdown()
    }

    @Test("a cancel between the claim and the begin is not lost")
    func cancelBeforeBegin() async throws {
        let gate = Gate()
        let plugin = ScriptedPlugin(
            department: "dep", onCreate: { await gate.wait() },
            [
                "job": {
                    _ = try await $0.effect("s", Self.hour); return 1
                }
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        let run = try await submit(runtime)
        try await wait(runtime, for: run, .running)
        try await runtime.cancel(run.id, reason: "changed my mind")
        gate.open()
        let ended = try await runtime.outcome(of: run.id)
        #expect(ended.state == .cancelled && ended.failure?.message == "changed my mind")
        await runtime.shutdown()
    }

    @Test("a newer run of the same key takes over from one that waits")
    func interrupts() async throws {
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    if context.input["wait"] == true { _ = try await context.effect("s", Self.hour) }
                    return 1
                }
            ])
        let host = TestHost(), runtime = try await host.open([plugin])
        let order = RunScheduling(key: "doc", whenActive: .interrupt)
        let old = try await submit(runtime, "dep/job", input: ["wait": true], order)
        try await wait(runtime, for: old, .waiting)
        let new = try await submit(runtime, "dep/job", input: ["wait": false], order)
        #expect(try await runtime.outcome(of: old.id).state == .cancelled)
        #expect(try await runtime.outcome(of: new.id).state == .done)
        #expect(try await runtime.verifyAudit().problems.isEmpty)
        await runtime.shutdown()
    }
}
