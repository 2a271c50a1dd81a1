import FaultDrills
import Foundation
import Kernel
import TestSupport
import Testing

/// Each invariant is shown to fail by a fault that is planted into a sound store, and no other fails with it.
@Suite("The invariants")
struct InvariantTests {
    private static let sound = Task { try await HealthyStore.make() }

    private let store: HealthyStore

    init() async throws { store = try await Self.sound.value.copy() }

    private func expect(
        _ id: String, _ change: (inout Evidence) throws -> Void = { _ in }, naming parts: String...,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        var evidence = try store.look()
        try change(&evidence)
        let violations = try Invariant.violations(in: evidence)
        #expect(Set(violations.map(\.invariant)) == [id], "\(violations)", sourceLocation: location)
        for part in parts {
            #expect(violations.contains { $0.message.contains(part) }, "\(violations)", sourceLocation: location)
        }
    }

    private func row(_ sql: String) throws -> [StoreFile.Cell] {
        try #require(try StoreFile(store.path).rows(sql + " LIMIT 1").first, "no row: \(sql)")
    }

    /// The last leaf that fits, written once more at the end of the history.
    private func repeatLeaf(_ fits: (Leaf, Evidence) -> Bool) throws -> Leaf {
        let evidence = try store.look()
        let leaf = try #require(evidence.history.last { fits($0, evidence) })
        try store.execute(
            """
            INSERT INTO audit_leaf (idx, hash, bytes)
            SELECT (SELECT max(idx) + 1 FROM audit_leaf), hash, bytes FROM audit_leaf WHERE idx = \(leaf.index)
            """)
        return leaf
    }

    /// A leaf with another text in it.
    private func rewrite(_ leaf: Leaf, _ text: String, _ other: String) throws {
        try store.executeUnguarded(
            """
            UPDATE audit_leaf SET bytes = CAST(replace(CAST(bytes AS TEXT), '\(text)', '\(other)') AS BLOB)
            WHERE idx = \(leaf.index)
            """)
    }

    @Test("a sound store passes, and every number of the plan is there")
    func sound() throws {
        #expect(try Invariant.violations(in: store.look()) == [])
        #expect(Invariant.all.map(\.id) == (1...19).map { "I\($0)" })
    }

    @Test("I1: an acknowledged run that is gone")
    func admission() throws {
        let acknowledged = try store.look().acknowledged
        let leaves = try StoreFile(store.path).rows("SELECT run_id, run_no FROM run WHERE parent IS NULL AND state = 5")
        let lost = try #require(leaves.first { acknowledged.contains($0[0].run) })
        try store.execute("DELETE FROM run WHERE run_no = \(lost[1].number)")
        try expect("I1", naming: lost[0].run)
    }

    @Test("I2: a call that is sent after its result was committed")
    func lateCall() throws {
        let done = try row(
            "SELECT run.run_id, step.seq FROM step JOIN run USING (run_no) WHERE step.kind = 1 AND step.state = 1")
        let step = "\(done[0].run)/\(done[1].number)"
        try expect(
            "I2",
            { evidence in
                let index = try #require(evidence.calls.lastIndex { $0.step == step })
                evidence.calls[index].moment = .leaves(Int64(evidence.history.count))
            }, naming: done[0].run, "step \(done[1].number)")
    }

    @Test("I3: a request that is sent twice, and one of which the money knows nothing")
    func doubleCall() throws {
        let call = try #require(try store.look().calls.first)
        let run = try #require(call.attempt.split(separator: "/").first)
        try expect("I3", { $0.calls.insert(call, at: 0) }, naming: String(run), "2 times")
        try expect(
            "I3",
            { evidence in
                let first = OutsideCall(attempt: call.step + "/9", moment: .leaves(0))
                evidence.calls.append(first)
            }, naming: String(run), "no charge")
    }

    @Test("I4: a step with a fence above its run's, and one that is written under an older one")
    func fence() throws {
        let step = try row("SELECT run.run_id, step.seq, run.run_no FROM step JOIN run USING (run_no)")
        try store.execute(
            "UPDATE step SET fence = fence + 90 WHERE run_no = \(step[2].number) AND seq = \(step[1].number)")
        try expect("I4", naming: step[0].run, "step \(step[1].number)")
    }

    @Test("I6: a gap in a run's steps")
    func gap() throws {
        let step = try row(
            """
            SELECT run.run_id, run.run_no, max(step.seq) FROM step JOIN run USING (run_no)
            WHERE NOT EXISTS (SELECT 1 FROM approval WHERE approval.run_id = run.run_id)
            GROUP BY run_no HAVING count(*) > 1
            """)
        try store.execute(
            "UPDATE step SET seq = seq + 1 WHERE run_no = \(step[1].number) AND seq = \(step[2].number)")
        try expect("I6", naming: step[0].run, "to \(step[2].number + 1)")
    }

    @Test("I7: a step that is written after its run has ended")
    func writtenAfterEnd() throws {
        let leaf = try repeatLeaf { leaf, evidence in
            leaf.isOfStep && leaf.state == "done"
                && evidence.history.last { $0.run == leaf.run && $0.isOfRun }
                    .map { $0.endsRun && $0.fence == leaf.fence } ?? false
        }
        try expect("I7", naming: leaf.run, "sequence \(leaf.step ?? -1)")
    }

    @Test("I8: a step that is recorded for another request than before")
    func otherShape() throws {
        let leaf = try #require(
            try store.look().history.last { $0.type == "step.finished" && $0.step != nil && isRepeated($0) })
        let shape = try #require(leaf.content["shape"]?.stringValue)
        try rewrite(leaf, shape, String(shape.reversed()))
        try expect("I8", naming: leaf.run, "step \(leaf.step ?? -1)")
    }

    private func isRepeated(_ leaf: Leaf) -> Bool {
        let all = (try? store.look().history) ?? []
        return all.contains { $0.isOfStep && $0.index < leaf.index && $0.run == leaf.run && $0.step == leaf.step }
    }

    @Test("I9: an event that never came to its group, and one that started two runs")
    func lostEvent() throws {
        let group = try row("SELECT name, cursor FROM stream_group")
        let kept = Set(
            try StoreFile(store.path).rows("SELECT pos FROM stream_pending UNION SELECT pos FROM dead_letter")
                .map { $0[0].number })
        let seen = try store.look().deliveries.map(\.position)
        let first = try #require(seen.min())
        let lost = try #require(seen.first { $0 > first && $0 <= group[1].number && !kept.contains($0) })
        try expect("I9", { $0.deliveries.removeAll { $0.position == lost } }, naming: "event \(lost)")
        let event = try row("SELECT pos, run_id FROM event WHERE topic = 'run.completed'")
        try expect(
            "I9",
            { evidence in
                evidence.triggers = [
                    TriggerExpectation(
                        group: "trigger:none", topic: "run.completed", task: "research/rank", after: event[0].number - 1
                    )
                ]
            }, naming: event[1].run, "0 runs")
    }

    @Test("I10: events out of order, and a gap in the log")
    func eventOrder() throws {
        try expect(
            "I10",
            { evidence in
                let first = try #require(evidence.deliveries.indices.first { evidence.deliveries[$0].deliveries == 1 })
                let second = try #require(
                    evidence.deliveries.indices.first { $0 > first && evidence.deliveries[$0].deliveries == 1 })
                evidence.deliveries.swapAt(first, second)
            }, naming: "after")
        try store.executeUnguarded("DELETE FROM event WHERE pos = 2")
        try expect("I10", naming: "events stand at 1")
    }

    @Test("I11: two fires for one time")
    func twoFires() throws {
        let fire = StoredFire(schedule: "nightly", nominal: 1_800_000_000_000)
        try expect("I11", { $0.fires = [fire, fire] }, naming: "nightly", "2027-01-15T08:00:00.000Z")
    }

    @Test("I12: a run that kills its process and is not parked, and a host that ended by itself")
    func poison() throws {
        let run = try row("SELECT run_id FROM run WHERE state = 5")[0].run
        try expect("I12", { $0.poisonous = [run] }, naming: run)
        try expect("I12", { $0.unexplainedDeaths = ["signal 11"] }, naming: "signal 11")
    }

    @Test("I13: a second decision, one after its time, and a step that went on without one")
    func decisions() throws {
        let leaf = try repeatLeaf { leaf, _ in leaf.type == "approval.decided" }
        try expect("I13", naming: leaf.run, "step \(leaf.step ?? -1)", "twice")
    }

    @Test("I13: a step that went on though nobody decided")
    func undecided() throws {
        let approval = try row(
            """
            SELECT approval.run_id, approval.seq FROM approval JOIN run ON run.run_id = approval.run_id
            JOIN step ON step.run_no = run.run_no AND step.seq = approval.seq
            WHERE step.state = 1 AND approval.state <> 0
            """)
        try store.execute("UPDATE approval SET state = 0 WHERE seq = \(approval[1].number)")
        try expect("I13", naming: approval[0].run, "step \(approval[1].number)")
    }

    @Test("I14: a call that is begun after its run's cancellation")
    func afterCancel() throws {
        let history = try store.look().history
        let hold = try #require(history.last { $0.type == "ledger.reserve" })
        let start = try #require(history.last { $0.run == hold.run && $0.isOfRun && $0.index < hold.index })
        try rewrite(start, "\"\(start.type)\"", "\"run.cancel_requested\"")
        try expect("I14", naming: hold.run)
    }

    @Test("I15: a run that nobody brings further")
    func hanging() throws {
        let run = try row("SELECT run_id, run_no FROM run WHERE state = 5")
        try store.execute("UPDATE run SET state = 1, finished_at_ms = NULL WHERE run_no = \(run[1].number)")
        try expect("I15", naming: run[0].run)
    }

    @Test("I17: an execution that goes on on another build")
    func otherBuild() throws {
        let history = try store.look().history
        let pinned = try #require(
            history.last { leaf in
                leaf.type == "run.pinned"
                    && history.contains {
                        $0.index > leaf.index && $0.isOfRun && $0.run == leaf.run && $0.fence == leaf.fence
                    }
            })
        let next = try #require(
            history.first { $0.index > pinned.index && $0.isOfRun && $0.run == pinned.run && $0.fence == pinned.fence })
        let build = try #require(next.changing("build")?.stringValue)
        try rewrite(next, build, String(build.reversed()))
        try expect("I17", naming: pinned.run)
    }

    @Test("I18: a claim past the limit")
    func pastLimit() throws {
        try expect("I18", { $0.concurrency = ["research": 0] }, naming: "limit 0")
    }

    @Test("I19: a host that grows without end")
    func growth() throws {
        let sample = ResourceSample(memoryBytes: 1 << 40, storeBytes: 0, logBytes: 0, spoolBytes: 0, runs: 1)
        try expect("I19", { $0.samples = [sample] }, naming: "memory")
    }
}
