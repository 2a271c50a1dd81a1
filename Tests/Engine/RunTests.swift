import Engine
import Gateway
import Journal
import Kernel
import Placement
import Testing

@Suite("Runs begin, end and are refused with a reason")
struct RunTests {
    private func open(_ bodies: [String: ScriptedPlugin.Body]) async throws -> (TestHost, HostRuntime) {
        let host = TestHost()
        return (host, try await host.open([ScriptedPlugin(department: "dep", bodies)]))
    }

    @Test("the output, times and attempt are recorded")
    func completes() async throws {
        let (host, runtime) = try await open(["echo": { $0.input }])
        let run = try await runtime.run("dep/echo", ["x": 1])
        #expect(run.state == .done)
        #expect(run.outputJSON == ["x": 1])
        #expect(run.startedAt != nil && run.finishedAt != nil && run.attempt == 1)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test(
        "unknown departments and tasks, and inputs that are no JSON or break the schema, are refused before admission")
    func refusals() async throws {
        let host = TestHost()
        let schema: JSONValue = [
            "type": "object", "required": ["a", "b"], "properties": ["a": ["type": "integer"]],
        ]
        let plugin = ScriptedPlugin(department: "dep", inputSchema: schema, ["job": { _ in [:] }])
        let runtime = try await host.open([plugin])
        func code(_ task: String, _ input: String) async -> EngineError.Code? {
            do {
                let task = try #require(TaskReference(task))
                _ = try await runtime.submit(RunSubmission(task: task, input: Array(input.utf8)))
                return nil
            } catch {
                return (error as? EngineError)?.code
            }
        }
        #expect(await code("nobody/job", "{}") == .unknownDepartment)
        #expect(await code("dep/nothing", "{}") == .unknownTask)
        guard case .invalidInput(let broken)? = await code("dep/job", "{\"a\":\"x\"}") else {
            Issue.record("a broken input was admitted")
            return
        }
        #expect(broken.count == 2, "all violations at once")
        guard case .invalidInput? = await code("dep/job", "{,}") else {
            Issue.record("no JSON was admitted")
            return
        }
        let counts = try await runtime.journal.read { journal throws(JournalError) in try journal.runCounts() }
        #expect(counts.values.reduce(0, +) == 0)
        await runtime.shutdown()
    }

    @Test("the same idempotency key gives the same run")
    func idempotency() async throws {
        let counter = Counter()
        let (host, runtime) = try await open(["job": { _ in .integer(Int64(counter.add("job"))) }])
        let first = try await runtime.run("dep/job", key: "k")
        let second = try await runtime.run("dep/job", key: "k")
        #expect(first.id == second.id)
        #expect(counter["job"] == 1)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("output that breaks the plugin's own schema fails the run")
    func lyingOutput() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep", outputSchema: ["type": "object", "required": ["x"]], ["job": { _ in [:] }])
        let runtime = try await host.open([plugin])
        let run = try await runtime.run("dep/job")
        #expect(run.state == .failed)
        #expect(run.failure?.message.contains("schema") == true)
        await runtime.shutdown()
    }

    @Test("a cancelled run ends as cancelled, and its children with it")
    func cancellation() async throws {
        let started = Gate()
        let (host, runtime) = try await open([
            "parent": { context in
                let child = try #require(TaskReference("dep/child"))
                let result = try await context.effect("child", .child(child, input: Array("{}".utf8)))
                return .string(result.text)
            },
            "child": { _ in
                started.open()
                try await Task.sleep(for: .seconds(3600))
                return [:]
            },
        ])
        let parent = try await runtime.submit(
            RunSubmission(task: try #require(TaskReference("dep/parent")), input: Array("{}".utf8)))
        await started.wait()
        try await runtime.cancel(parent.id, reason: "test")
        #expect(try await runtime.outcome(of: parent.id).state == .cancelled)
        let children = try await runtime.journal.read { journal throws(JournalError) in
            try journal.children(of: parent.id)
        }
        #expect(children.count == 1)
        let child = try await runtime.outcome(of: try #require(children.first?.id))
        #expect(child.state == .cancelled)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a run past its active time fails with the deadline as its reason")
    func deadline() async throws {
        let host = TestHost()
        let plugin = ScriptedPlugin(
            department: "dep", timeoutSeconds: 1,
            [
                "slow": { _ in
                    try await Task.sleep(for: .seconds(3600)); return [:]
                }
            ])
        let runtime = try await host.open([plugin])
        let run = try await runtime.run("dep/slow")
        #expect(run.state == .failed)
        #expect(run.failure?.status == .deadline)
        await runtime.shutdown()
    }

    @Test("a run whose plugin crashes is tried again, and is dead after the third crash with a reason that names it")
    func poison() async throws {
        let counter = Counter()
        let (host, runtime) = try await open([
            "crash": { _ in
                counter.add("crash")
                throw PluginLoss(plugin: "org.example.dep", version: "1.0.0", generation: 1, cause: .signal(11))
            },
            "good": { _ in 1 },
        ])
        async let good = runtime.run("dep/good")
        let dead = try await runtime.run("dep/crash")
        #expect(dead.state == .dead)
        #expect(counter["crash"] == 3)
        let message = try #require(dead.failure?.message)
        #expect(message.contains("org.example.dep") && message.contains("generation 1") && message.contains("SIGSEGV"))
        #expect(try await good.state == .done)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("a run that the plugin hands back as busy is tried again")
    func handedBack() async throws {
        let counter = Counter()
        let (host, runtime) = try await open([
            "job": { _ in
                if counter.add("job") < 3 { throw Failure(.busy, "reloading") }
                return 1
            }
        ])
        let run = try await runtime.run("dep/job")
        #expect(run.state == .done && run.attempt == 3)
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }

    @Test("one thousand runs wait at the same time and all end")
    func manyWaiting() async throws {
        let (host, runtime) = try await open([
            "wait": { context in
                _ = try await context.effect("", .sleep(milliseconds: 3_000))
                return 1
            }
        ])
        let task = try #require(TaskReference("dep/wait"))
        var runs: [RunID] = []
        for _ in 0..<1000 {
            runs.append(try await runtime.submit(RunSubmission(task: task, input: Array("{}".utf8))).id)
        }
        for run in runs { #expect(try await runtime.outcome(of: run).state == .done) }
        await runtime.shutdown()
        withExtendedLifetime(host) {}
    }
}
