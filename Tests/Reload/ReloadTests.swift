import Engine
import Foundation
import Kernel
import Placement
import TestSupport
import Testing

@Suite("A department gets a new generation while it works", .timeLimit(.minutes(2)))
struct ReloadTests {
    @Test("memory goes from one generation to the next, across schema versions", arguments: PlacementKind.allCases)
    func state(kind: PlacementKind) async throws {
        let stage = try await Stage("generation=1:schema=1", placement: kind)
        for expected in 1...3 { #expect(try await stage.run() == (Int64(expected), 1)) }
        let second = try await stage.reload("generation=2:schema=2")
        #expect(second.generation == 2 && second.agents == 1 && second.stateBytes == 1)
        #expect(try await stage.run() == (4, 2))
        let third = try await stage.reload("generation=3:schema=2")
        #expect(third.stateBytes == 8)
        #expect(try await stage.run() == (5, 3))
        let department = try await stage.department
        #expect(department.generation == 3 && department.lastReload == third)
        #expect(department.descriptor?.version == "3.0.0")
        let leaves = try await stage.leaves("department.reloaded")
        #expect(leaves.map { $0["generation"]?.integerValue } == [2, 3])
        #expect(leaves.last?["from_digest"] == leaves.first?["to_digest"])
        #expect(leaves.last?["to_digest"]?.stringValue == department.descriptor?.digest.hex)
        await stage.host.shutdown()
    }

    @Test("each agent keeps its own memory and configuration")
    func agents() async throws {
        let stage = try await Stage()
        let names = ["first", "second"]
        for name in names {
            try await stage.host.agentDesk.create(
                AgentAddress(department: "counter", name: name), configuration: Array("{}".utf8), by: "test")
        }
        let task = TaskReference(department: "counter", task: "count")
        func count(_ agent: String) async throws -> Int64 {
            let run = try await stage.host.submit(RunSubmission(task: task, agent: agent, input: Array("{}".utf8)))
            return try Stage.answer(try await stage.host.outcome(of: run.id)).count
        }
        #expect(try await count("first") == 1)
        #expect(try await count("second") == 1)
        #expect(try await count("second") == 2)
        #expect(try await stage.reload("generation=2").agents == 2)
        #expect(try await count("first") == 2)
        #expect(try await count("second") == 3)
        await stage.host.shutdown()
    }

    @Test("a plugin without the tables of a reload is replaced all the same", arguments: PlacementKind.allCases)
    func noTables(kind: PlacementKind) async throws {
        let stage = try await Stage("fault=no-tables", placement: kind)
        #expect(try await stage.run() == (1, 1))
        try await stage.reload("generation=2:fault=no-tables")
        #expect(try await stage.run() == (1, 2))
        await stage.host.shutdown()
    }

    @Test("runs in flight finish on the generation that they began on, beside the new one")
    func inFlight() async throws {
        let stage = try await Stage("stateful=0")
        let run = try await stage.submit("approve")
        try await stage.untilWaiting(1)
        try await stage.reload("generation=2:stateful=0")
        #expect(try await stage.run().generation == 2)
        try await stage.approve(run)
        let record = try await stage.host.outcome(of: run)
        #expect(try Stage.answer(record).generation == 1)
        #expect(record.attempt == 1)
        await stage.host.shutdown()
    }

    @Test("past the drain limit a run is replayed on the new generation; what was paid is not paid again")
    func drainLimit() async throws {
        let provider = PaidProvider(isOpen: true)
        let stage = try await Stage("stateful=0", providers: [provider], gateway: PaidProvider.gateway)
        let run = try await stage.submit("ask-then-approve")
        try await stage.untilWaiting(1)
        try await stage.reload("generation=2:stateful=0", drainSeconds: 0)
        try await stage.untilAttempt(2, of: run)
        try await stage.approve(run)
        let record = try await stage.host.outcome(of: run)
        #expect(try Stage.answer(record).generation == 2)
        #expect(record.attempt == 2 && record.crashCount == 0)
        #expect(provider.calls == 1)
        await stage.host.shutdown()
    }

    @Test("a wait that the replaced plugin cancels is no answer: the new generation waits on")
    func cancelledWait() async throws {
        let stage = try await Stage("stateful=0:fault=tidy")
        let run = try await stage.submit("approve")
        try await stage.untilWaiting(1)
        try await stage.reload("generation=2:stateful=0", drainSeconds: 0)
        try await stage.untilAttempt(2, of: run)
        try await stage.approve(run)
        let record = try await stage.host.outcome(of: run)
        #expect(try Stage.answer(record).generation == 2)
        #expect(record.attempt == 2 && record.crashCount == 0)
        await stage.host.shutdown()
    }

    @Test("a paid call that is under way at the drain limit is awaited, recorded, and not made again")
    func paidCallUnderWay() async throws {
        let provider = PaidProvider(isOpen: false)
        let stage = try await Stage("stateful=0", providers: [provider], gateway: PaidProvider.gateway)
        let run = try await stage.submit("ask-then-approve")
        while provider.calls == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await stage.reload("generation=2:stateful=0", drainSeconds: 0)
        #expect(try await stage.run().generation == 2)
        provider.open()
        try await stage.approve(run)
        let record = try await stage.host.outcome(of: run)
        #expect(try Stage.answer(record).generation == 2)
        #expect(provider.calls == 1)
        await stage.host.shutdown()
    }

    @Test("memory waits for runs in flight, up to the limit; then they are replayed")
    func stateAndRunInFlight() async throws {
        let stage = try await Stage()
        #expect(try await stage.run() == (1, 1))
        let run = try await stage.submit("approve")
        try await stage.untilWaiting(1)
        #expect(try await stage.reload("generation=2", drainSeconds: 0).stateBytes == 1)
        #expect(try await stage.run() == (2, 2))
        try await stage.approve(run)
        let record = try await stage.host.outcome(of: run)
        #expect(try Stage.answer(record).generation == 2)
        #expect(record.crashCount == 0)
        await stage.host.shutdown()
    }

    @Test("a plugin that ignores the end takes its process down, not its runs")
    func deaf() async throws {
        let stage = try await Stage("stateful=0:fault=deaf")
        let runs = [try await stage.submit("never"), try await stage.submit("approve")]
        try await stage.untilWaiting(1)
        try await stage.reload("generation=2:stateful=0", drainSeconds: 0)
        try await stage.approve(runs[1])
        #expect(try Stage.answer(try await stage.host.outcome(of: runs[1])).generation == 2)
        try await stage.untilAttempt(2, of: runs[0])
        try await stage.host.cancel(runs[0], reason: "enough")
        let record = try await stage.host.outcome(of: runs[0])
        #expect(record.state == .cancelled && record.crashCount == 0)
        await stage.host.shutdown()
    }

    @Test("the same file again is refused, and restarts the generation when it is forced")
    func sameFile() async throws {
        let stage = try await Stage()
        #expect(try await stage.run() == (1, 1))
        await #expect { try await stage.host.reload("counter") } throws: { ($0 as? EngineError)?.code == .conflict }
        #expect(try await stage.host.reload("counter", force: true).generation == 2)
        #expect(try await stage.run() == (2, 1))
        await stage.host.shutdown()
    }

    @Test("one reload waits for the drain of another, and a third is refused as busy")
    func busy() async throws {
        let stage = try await Stage("stateful=0")
        let run = try await stage.submit("approve")
        try await stage.untilWaiting(1)
        try await stage.reload("generation=2:stateful=0")
        try CounterPlugin.write("generation=3:stateful=0", to: stage.path)
        let host = stage.host
        // Two more: one of them waits, and the other is refused, whichever comes first.
        let codes = try await withThrowingTaskGroup(of: EngineError.Code?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do {
                        _ = try await host.reload("counter", force: true)
                        return nil
                    } catch let error as EngineError {
                        return error.code
                    }
                }
            }
            let first = try await group.next()
            try await stage.approve(run)
            return [first, try await group.next()].compactMap { $0 }
        }
        #expect(codes == [.reloadBusy, nil])
        #expect(try await stage.run().generation == 3)
        #expect(try Stage.answer(try await host.outcome(of: run)).generation == 1)
        await host.shutdown()
    }

    @Test("a plugin file from elsewhere is refused; one beside the present one is taken")
    func otherFile() async throws {
        let stage = try await Stage()
        let outside = stage.scratch.folder("outside.so")
        try CounterPlugin.write("generation=2", to: outside)
        await #expect { try await stage.host.reload("counter", from: outside) } throws: {
            ($0 as? EngineError)?.code == .invalid
        }
        let beside = stage.scratch.folder("plugins/other.so")
        try CounterPlugin.write("generation=2", to: beside)
        #expect(try await stage.host.reload("counter", from: beside).generation == 2)
        #expect(try await stage.run().generation == 2)
        await stage.host.shutdown()
    }
}
