import Audit
import Engine
import Foundation
import Journal
import Kernel
import Testing

@Suite("Schedules start runs", .timeLimit(.minutes(3)))
struct ScheduleTests {
    /// Goes on until it is cancelled.
    private static let endless: ScriptedPlugin.Body = { _ in
        try await Task.sleep(for: .seconds(3_600))
        return [:]
    }

    private func open(_ host: TestHost, _ clock: ShiftedClock) async throws -> HostRuntime {
        try await host.open([ScriptedPlugin(department: "dep", ["endless": Self.endless, "quick": { _ in [:] }])]) {
            $0.servesEvents = true
            $0.clock = { clock.now }
        }
    }

    private func set(_ runtime: HostRuntime, _ task: String, _ policy: SchedulePolicy) async throws {
        let definition = ScheduleDefinition(
            task: try #require(TaskReference(task)), expression: "every 1h", policy: policy)
        _ = try await runtime.setSchedule("s", definition, by: "ana")
    }

    /// Oldest first.
    private func fires(_ runtime: HostRuntime) async throws -> [ScheduleFireRecord] {
        try await runtime.journal.read { journal throws(JournalError) in
            try journal.scheduleFires("s", before: nil, limit: 100)
        }.reversed()
    }

    private func state(_ runtime: HostRuntime, _ run: RunID) async throws -> RunState? {
        try await runtime.journal.read { journal throws(JournalError) in try journal.run(run)?.state }
    }

    private func misses(_ runtime: HostRuntime) async throws -> [String] {
        try await runtime.journal.read { journal throws(JournalError) in
            try journal.events(root: nil, after: 0, limit: 1_000)
        }.filter { $0.event.topic == EventTopic.scheduleMissed }.compactMap { $0.event.body["reason"]?.stringValue }
    }

    /// Asks again until it holds; the suite's limit is only there to end.
    private func wait(_ holds: () async throws -> Bool) async throws {
        while try await !holds() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// A host with one run that the schedule has started and that goes on, one hour later.
    private func overlapping(
        _ overlap: OverlapPolicy, _ body: (HostRuntime, _ first: RunID) async throws -> Void
    ) async throws {
        let host = TestHost(), clock = ShiftedClock()
        let runtime = try await open(host, clock)
        try await set(runtime, "dep/endless", SchedulePolicy(overlap: overlap))
        clock.set(byMinutes: 60)
        try await wait { try await fires(runtime).count == 1 }
        let first = try #require(try await fires(runtime).first).run
        try await wait { try await state(runtime, first) == .running }
        clock.set(byMinutes: 60)
        try await body(runtime, first)
        await runtime.shutdown()
    }

    @Test("while a run is open, allow starts another, and skip does not and says so")
    func allowAndSkip() async throws {
        try await overlapping(.allow) { runtime, first in
            try await wait { try await fires(runtime).count == 2 }
            #expect(try await state(runtime, first) == .running)
        }
        try await overlapping(.skip) { runtime, first in
            try await wait { try await misses(runtime) == ["overlap"] }
            #expect(try await fires(runtime).count == 1)
            #expect(try await state(runtime, first) == .running)
        }
    }

    @Test("queue_one starts the next run when the open one has ended")
    func queue() async throws {
        try await overlapping(.queueOne) { runtime, first in
            try await wait {
                try await runtime.journal.read { journal throws(JournalError) in try journal.schedule("s") }?
                    .state.held != nil
            }
            #expect(try await fires(runtime).count == 1)
            try await runtime.cancel(first, reason: "enough")
            try await wait { try await fires(runtime).count == 2 }
            #expect(try await fires(runtime).last?.fire.cause == .held)
        }
    }

    @Test("cancel_previous asks the open run to end and then starts; terminate_previous ends it and starts at once")
    func cancelAndTerminate() async throws {
        try await overlapping(.cancelPrevious) { runtime, first in
            try await wait { try await fires(runtime).count == 2 }
            #expect(try await state(runtime, first) == .cancelled)
            #expect(try await fires(runtime).last?.fire.cause == .held)
        }
        try await overlapping(.terminatePrevious) { runtime, first in
            try await wait { try await fires(runtime).count == 2 }
            #expect(try await state(runtime, first) == .cancelled)
            let second = try #require(try await fires(runtime).last)
            #expect(second.fire.cause == .due)
            try await wait { try await state(runtime, second.run) == .running }
            #expect(try await runtime.verifyAudit().problems.isEmpty)
        }
    }

    @Test("a host that was away fires the latest time once; a clock that is set back fires nothing again")
    func awayAndBack() async throws {
        let host = TestHost(), clock = ShiftedClock()
        let first = try await open(host, clock)
        try await set(first, "dep/quick", SchedulePolicy())
        await first.shutdown()
        clock.set(byMinutes: 5 * 60 + 1)
        let second = try await open(host, clock)
        try await wait { try await fires(second).count == 1 }
        let late = try #require(try await fires(second).first)
        #expect(late.firedAt.unixMilliseconds - late.fire.nominal.unixMilliseconds >= 60_000)
        #expect(try await misses(second) == ["misfire"])
        #expect(try await second.outcome(of: late.run).state == .done)
        clock.set(byMinutes: -60)
        await second.shutdown()
        let third = try await open(host, clock)
        // Two looks at the clock go by.
        try await Task.sleep(for: .milliseconds(2_100))
        #expect(try await fires(third).count == 1)
        clock.set(byMinutes: 120)
        try await wait { try await fires(third).count == 2 }
        await third.shutdown()
    }

    @Test("a schedule needs a task that is there and takes the input, and an agent; a host that drains fires nothing")
    func refusals() async throws {
        let host = TestHost(), clock = ShiftedClock()
        let runtime = try await open(host, clock)
        await #expect(throws: EngineError.self) { try await set(runtime, "dep/none", SchedulePolicy()) }
        let definition = ScheduleDefinition(
            task: try #require(TaskReference("dep/quick")), agent: "nobody", expression: "every 1h")
        await #expect(throws: EngineError.self) { try await runtime.setSchedule("s", definition, by: "ana") }
        try await set(runtime, "dep/quick", SchedulePolicy())
        await runtime.drain(timeoutSeconds: 0)
        clock.set(byMinutes: 61)
        try await Task.sleep(for: .milliseconds(1_500))
        #expect(try await fires(runtime).isEmpty)
        await runtime.shutdown()
    }
}
