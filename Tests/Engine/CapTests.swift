import Engine
import Journal
import Kernel
import Testing

@Suite("Caps of runs, the kill switch and the loop guard")
struct CapTests {
    private static func request(_ text: String) -> EffectRequest {
        let messages: JSONValue = [["role": "user", "content": .string(text)]]
        return .model(ModelRequest(model: "", messages: messages.bytes, maximumOutputTokens: 50))
    }

    private func run(_ runtime: HostRuntime, _ caps: RunCaps, user: String? = nil) async throws -> RunRecord {
        let task = try #require(TaskReference("dep/job"))
        let run = try await runtime.submit(
            RunSubmission(task: task, input: Array("{}".utf8), caps: caps, user: user))
        return try await runtime.outcome(of: run.id)
    }

    @Test("a run ends at its cap of steps, and says which cap it was")
    func steps() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    for number in 0..<10 { _ = try await context.effect("n\(number)", .random(count: 4)) }
                    return 10
                }
            ])
        let runtime = try await host.open([plugin])
        let capped = try await run(runtime, RunCaps(steps: 4))
        #expect(capped.state == .failed && capped.failure?.status == .budget)
        #expect(capped.failure?.message.contains("cap of 4 steps (--max-steps)") == true)
        #expect(try await runtime.steps(of: capped.id).count == 4)
        #expect(try await run(runtime, RunCaps(steps: 10)).state == .done)
        await runtime.shutdown()
    }

    @Test("a call that could pass the cap of tokens is refused before it is sent, and what was used is counted")
    func tokens() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    for number in 0..<50 { _ = try await context.effect("m\(number)", Self.request("say \(number)")) }
                    return 50
                }
            ])
        let runtime = try await host.open([plugin])
        let capped = try await run(runtime, RunCaps(tokens: 150))
        #expect(capped.state == .failed && capped.failure?.status == .budget)
        #expect(capped.failure?.message.contains("150 tokens") == true)
        let done = try await runtime.steps(of: capped.id).filter { $0.state == .done }
        let used = done.compactMap { $0.result?.usage?.totalTokens }.reduce(0, +)
        #expect(!done.isEmpty && used > 0 && used <= 150)
        await runtime.shutdown()
    }

    @Test("a run ends when its time is over, also while it waits")
    func seconds() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": {
                    _ = try await $0.effect("s", .sleep(milliseconds: 3_600_000)); return 1
                }
            ])
        let runtime = try await host.open([plugin])
        let capped = try await run(runtime, RunCaps(seconds: 1))
        #expect(capped.state == .failed && capped.failure?.status == .deadline)
        #expect(capped.failure?.message.contains("cap of 1 s (--max-seconds)") == true)
        await runtime.shutdown()
    }

    @Test("the operator's defaults fill in what a run does not bring, nearest node first")
    func defaults() async throws {
        let host = TestHost()
        let runtime = try await host.open([ScriptedPlugin(department: "dep", ["job": { _ in 1 }])])
        try await runtime.journal.write { transaction throws(JournalError) in
            try transaction.runCapsSet(.organisation, RunCaps(cost: Nanodollars(9), steps: 5))
            try transaction.runCapsSet(.department(tenant: "default", "dep"), RunCaps(tokens: 7, steps: 6))
        }
        let run = try await run(runtime, RunCaps(cost: Nanodollars(3)), user: "ana")
        #expect(run.caps == RunCaps(cost: Nanodollars(3), tokens: 7, steps: 6) && run.user == "ana")
        await runtime.shutdown()
    }

    @Test("a stop cancels what runs below the node, says why, and nothing begins there until it is resumed")
    func stop() async throws {
        let host = TestHost()
        let started = Gate()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    started.open()
                    _ = try await context.effect("s", .sleep(milliseconds: 3_600_000))
                    return 1
                },
                "quick": { _ in 1 },
            ])
        let runtime = try await host.open([plugin])
        let task = try #require(TaskReference("dep/job"))
        let open = try await runtime.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        await started.wait()
        let node = BudgetNode.tenant("default")
        #expect(try await runtime.stopBudget(node, by: "ana", reason: "runaway") == 1)
        let ended = try await runtime.outcome(of: open.id)
        #expect(ended.state == .cancelled && ended.failure?.message.contains("runaway") == true)
        await #expect {
            try await runtime.run("dep/quick")
        } throws: { error in
            (error as? EngineError)?.code == .budget
        }
        try await runtime.resumeBudget(node, by: "ana", reason: "fixed")
        #expect(try await runtime.run("dep/quick").state == .done)
        await runtime.shutdown()
    }

    @Test("a run that repeats the same call is paused, one that does something between is not, and a retry goes on")
    func loop() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    for _ in 0..<30 { _ = try await context.effect("", Self.request("again")) }
                    return 30
                },
                "varied": { context in
                    for number in 0..<30 {
                        _ = try await context.effect("", Self.request("again"))
                        if number % 20 == 19 { _ = try await context.effect("", .random(count: 1)) }
                    }
                    return 30
                },
            ])
        let runtime = try await host.open([plugin])
        let paused = try await runtime.run("dep/job")
        #expect(paused.state == .paused && paused.failure?.message.contains("loop guard") == true)
        #expect(try await runtime.steps(of: paused.id).count == 25)
        _ = try await runtime.retry(paused.id)
        #expect(try await runtime.outcome(of: paused.id).state == .done)
        #expect(try await runtime.run("dep/varied").state == .done)
        await runtime.shutdown()
    }
}
