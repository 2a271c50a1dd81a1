import Engine
import Kernel
import Placement
import Testing

@Suite("Whatever fails in a reload leaves the old generation at work", .timeLimit(.minutes(2)))
struct RollbackTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var step: ReloadReport.Step
        var new: String
        var old = "generation=1"
        /// What it remembered, unless the old process itself had to end.
        var remembers = true
        var testDescription: String { "\(step.rawValue): \(old) → \(new)" }
    }

    static let cases = [
        Case(step: .admit, new: "generation=2:id=org.example.other"),
        Case(step: .admit, new: "generation=2:department=other"),
        // Asks for more than was granted.
        Case(step: .admit, new: "generation=2:fault=wants"),
        Case(step: .create, new: "generation=2:fault=create"),
        Case(step: .create, new: "generation=2:fault=create-crash"),
        Case(step: .create, new: "generation=2:fault=setup"),
        Case(step: .create, new: "generation=2:fault=setup-crash"),
        Case(step: .quiesce, new: "generation=2", old: "fault=quiesce"),
        Case(step: .quiesce, new: "generation=2", old: "fault=quiesce-crash", remembers: false),
        Case(step: .quiesce, new: "generation=2", old: "fault=quiesce-hang", remembers: false),
        Case(step: .save, new: "generation=2", old: "fault=save"),
        Case(step: .save, new: "generation=2", old: "fault=large"),
        Case(step: .save, new: "generation=2", old: "fault=save-crash", remembers: false),
        Case(step: .load, new: "generation=2:schema=1", old: "schema=2"),
        Case(step: .load, new: "generation=2:fault=load-crash"),
        Case(step: .load, new: "generation=2:fault=load-hang"),
        Case(step: .probe, new: "generation=2:fault=probe"),
        Case(step: .probe, new: "generation=2:fault=probe-crash"),
        Case(step: .probe, new: "generation=2:fault=probe", old: "fault=resume", remembers: false),
    ]

    @Test("at each step", arguments: cases)
    func step(_ failing: Case) async throws {
        let stage = try await Stage(failing.old, callbackMilliseconds: 300)
        #expect(try await stage.run() == (1, 1))
        #expect(try await stage.run() == (2, 1))
        try await expectFailure(stage, failing.step) { try await stage.reload(failing.new) }
        #expect(try await stage.run() == (failing.remembers ? 3 : 1, 1))
        await stage.host.shutdown()
    }

    /// Without those that end or hang the process: inline, that is this one.
    static let gentleCases = cases.filter {
        $0.remembers && !$0.testDescription.contains("crash") && !$0.testDescription.contains("hang")
    }

    @Test("inline, where nothing can be ended by force", arguments: gentleCases)
    func inlineStep(_ failing: Case) async throws {
        let stage = try await Stage(failing.old, placement: .inline)
        #expect(try await stage.run() == (1, 1))
        try await expectFailure(stage, failing.step) { try await stage.reload(failing.new) }
        #expect(try await stage.run() == (2, 1))
        await stage.host.shutdown()
    }

    @Test("a file that is no plugin changes nothing", arguments: [0, 100, 5_000])
    func brokenFile(bytes: Int) async throws {
        let stage = try await Stage()
        #expect(try await stage.run() == (1, 1))
        try await expectFailure(stage, .inspect) {
            try CounterPlugin.put(Array(try CounterPlugin.bytes("generation=2").prefix(bytes)), to: stage.path)
            return try await stage.host.reload("counter")
        }
        #expect(try await stage.run() == (2, 1))
        try await stage.reload("generation=2")
        #expect(try await stage.run() == (3, 2))
        await stage.host.shutdown()
    }

    @Test("a task may not go while runs of it are open")
    func removedTask() async throws {
        let stage = try await Stage("stateful=0")
        let run = try await stage.submit("approve")
        try await stage.untilWaiting(1)
        try await expectFailure(stage, .admit) { try await stage.reload("generation=2:stateful=0:fault=no-approve") }
        try await stage.approve(run)
        #expect(try Stage.answer(try await stage.host.outcome(of: run)).generation == 1)
        try await stage.host.reload("counter")
        #expect(try await stage.run().generation == 2)
        await stage.host.shutdown()
    }

    @Test("a department that crashes whenever it starts is healed by a reload")
    func healing() async throws {
        let stage = try await Stage("fault=setup-crash")
        let run = try await stage.host.outcome(of: try await stage.submit("count"))
        #expect(run.state == .failed)
        try await stage.reload("generation=2")
        #expect(try await stage.run() == (1, 2))
        await stage.host.shutdown()
    }

    private func expectFailure(
        _ stage: Stage, _ step: ReloadReport.Step, _ reload: () async throws -> ReloadReport
    ) async throws {
        await #expect { try await reload() } throws: { error in
            (error as? EngineError)?.code == .reloadFailed(step)
        }
        let department = try await stage.department
        #expect(department.generation == 1)
        #expect(department.lastReload?.failure?.step == step)
        #expect(try await stage.leaves("department.reload_failed").map { $0["step"]?.stringValue } == [step.rawValue])
        #expect(try await stage.leaves("department.reloaded").isEmpty)
    }
}
