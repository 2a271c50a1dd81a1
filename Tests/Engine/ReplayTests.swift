import Engine
import Gateway
import Journal
import Kernel
import Placement
import Synchronization
import Testing

@Suite("A run goes on from its last committed step")
struct ReplayTests {
    @Test("after a restart no committed step is executed again, and the result is the same")
    func restart() async throws {
        let host = TestHost()
        let done = Counter()
        let reached = Gate()
        let isFirst = Mutex(true)
        func plugin() -> ScriptedPlugin {
            ScriptedPlugin(
                department: "dep",
                [
                    "job": { context in
                        let a = try await context.step("a") { .integer(Int64(done.add("a"))) }
                        let b = try await context.step("b") { .integer(Int64(done.add("b"))) }
                        if isFirst.withLock({ first in
                            defer { first = false }; return first
                        }) {
                            reached.open()
                            try await Task.sleep(for: .seconds(3600))
                        }
                        let c = try await context.step("c") { .integer(Int64(done.add("c"))) }
                        return .array([a, b, c])
                    }
                ])
        }
        let first = try await host.open([plugin()])
        let task = try #require(TaskReference("dep/job"))
        let run = try await first.submit(RunSubmission(task: task, input: Array("{}".utf8)))
        await reached.wait()
        await first.shutdown()

        let second = try await host.open([plugin()])
        let ended = try await second.outcome(of: run.id)
        #expect(ended.state == .done)
        #expect(ended.outputJSON == [1, 1, 1])
        #expect(done["a"] == 1 && done["b"] == 1 && done["c"] == 1)
        let steps = try await second.steps(of: run.id)
        #expect(steps.map(\.name) == ["a", "b", "c"])
        #expect(steps.map(\.sequence) == [0, 1, 2])
        #expect(ended.attempt == 2)
        await second.shutdown()
    }

    @Test("time and randomness are the same on replay")
    func recordedTimeAndRandomness() async throws {
        let host = TestHost()
        let seen = Mutex<[[EffectResult]]>([])
        let reached = Gate()
        func plugin() -> ScriptedPlugin {
            ScriptedPlugin(
                department: "dep",
                [
                    "job": { context in
                        let now = try await context.effect("", .now)
                        let random = try await context.effect("", .random(count: 16))
                        let attempt = seen.withLock { seen in
                            seen.append([now, random])
                            return seen.count
                        }
                        _ = try await context.step("durable") { 1 }
                        if attempt == 1 {
                            reached.open()
                            try await Task.sleep(for: .seconds(3600))
                        }
                        return [:]
                    }
                ])
        }
        let first = try await host.open([plugin()])
        let run = try await first.submit(
            RunSubmission(task: try #require(TaskReference("dep/job")), input: Array("{}".utf8)))
        await reached.wait()
        await first.shutdown()
        let second = try await host.open([plugin()])
        #expect(try await second.outcome(of: run.id).state == .done)
        let both = seen.withLock { $0 }
        #expect(both.count == 2)
        #expect(both.first == both.last)
        #expect(both.first?.last?.data.count == 16)
        await second.shutdown()
    }

    @Test("a replay that asks for something else pauses the run with the reason, and is not retried")
    func changedShape() async throws {
        let host = TestHost()
        let attempt = Counter()
        let reached = Gate()
        func plugin() -> ScriptedPlugin {
            ScriptedPlugin(
                department: "dep",
                [
                    "job": { context in
                        let number = attempt.add("attempt")
                        _ = try await context.effect(
                            "put", .statePut(key: "k\(number)", value: [1], expectedRevision: nil))
                        reached.open()
                        try await Task.sleep(for: .seconds(3600))
                        return [:]
                    }
                ])
        }
        let first = try await host.open([plugin()])
        let run = try await first.submit(
            RunSubmission(task: try #require(TaskReference("dep/job")), input: Array("{}".utf8)))
        await reached.wait()
        await first.shutdown()
        let second = try await host.open([plugin()])
        let paused = try await second.outcome(of: run.id)
        #expect(paused.state == .paused)
        #expect(paused.failure?.status == .replay)
        #expect(paused.failure?.message.contains("put") == true)
        #expect(attempt["attempt"] == 2)
        await second.shutdown()
    }

    @Test("parallel steps are journaled without gaps and each once")
    func parallelSteps() async throws {
        let host = TestHost()
        let done = Counter()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    let values = try await withThrowingTaskGroup(of: JSONValue.self) { group in
                        for index in 0..<50 {
                            group.addTask {
                                try await context.step("part-\(index)") {
                                    done.add("part")
                                    return .integer(Int64(index))
                                }
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    return .integer(Int64(values.count))
                }
            ])
        let runtime = try await host.open([plugin])
        let run = try await runtime.run("dep/job")
        #expect(run.outputJSON == 50)
        #expect(done["part"] == 50)
        let steps = try await runtime.steps(of: run.id)
        #expect(steps.map(\.sequence) == Array(0..<50))
        #expect(steps.allSatisfy { $0.state == .done })
        await runtime.shutdown()
    }

    @Test("retrying a failed run performs only what had failed")
    func retry() async throws {
        let host = TestHost()
        let done = Counter()
        let plugin = ScriptedPlugin(
            department: "dep",
            [
                "job": { context in
                    let good = try await context.step("good") { .integer(Int64(done.add("good"))) }
                    let key = done.add("tries") == 1 ? "" : "x"
                    _ = try await context.step("bad") {
                        done.add("bad")
                        if key.isEmpty { throw Failure(.io, "the first try fails") }
                        return 2
                    }
                    return good
                }
            ])
        let runtime = try await host.open([plugin])
        let failed = try await runtime.run("dep/job")
        #expect(failed.state == .failed)
        #expect(failed.failure == Failure(.io, "the first try fails"))
        _ = try await runtime.retry(failed.id)
        let again = try await runtime.outcome(of: failed.id)
        #expect(again.state == .done)
        #expect(again.outputJSON == 1)
        #expect(done["good"] == 1)
        #expect(done["bad"] == 2)
        await runtime.shutdown()
    }
}

/// Opens once; whoever waits goes on.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func open() { continuation.yield() }
    func wait() async { for await _ in stream { return } }
}
