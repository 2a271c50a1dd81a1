import Foundation
import Kernel
package import TestSupport

/// A store with runs in all kinds of states that came through faults and is sound, with what was seen from outside:
/// something to plant faults in.
package struct HealthyStore: Sendable {
    package let scratch: Scratch
    package let path: String
    private let seen: OutsideView

    package static func make() async throws -> HealthyStore {
        let simulation = try await Simulation()
        // Not every seed has every kind of row; this one does, whatever it is.
        for seed in UInt64(1)...1_000 {
            if let store = try await simulation.keep(seed: seed), try store.hasEverything() { return store }
        }
        throw SimulatedWorld.Problem("there are no more seeds")
    }

    init(scratch: Scratch, path: String, seen: OutsideView) {
        self.scratch = scratch
        self.path = path
        self.seen = seen
    }

    package func look() throws -> Evidence {
        var evidence = try Evidence(store: path)
        evidence.acknowledged = seen.acknowledged
        evidence.calls = seen.calls
        evidence.deliveries = seen.deliveries
        evidence.isHealed = true
        return evidence
    }

    package func execute(_ script: String) throws {
        try StoreFile(path, writes: true).execute(script)
    }

    /// Guards against changes come off: whoever plants a fault has the file in his hands.
    package func executeUnguarded(_ script: String) throws {
        let guards = try StoreFile(path).rows(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%\\_no\\_%' ESCAPE '\\'")
        let unguarding = guards.map { "DROP TRIGGER \($0[0].text);" }.joined()
        try StoreFile(path, writes: true).execute(unguarding + script)
    }

    private func hasEverything() throws -> Bool {
        let evidence = try look()
        let types = Set(evidence.history.map(\.type))
        let acted = try evidence.store.rows(
            """
            SELECT 1 FROM approval JOIN run ON run.run_id = approval.run_id
            JOIN step ON step.run_no = run.run_no AND step.seq = approval.seq
            WHERE step.state = 1 AND approval.state <> 0
            """)
        return ["approval.decided", "run.cancel_requested", "run.pinned", "ledger.ambiguous"]
            .allSatisfy(types.contains) && evidence.deliveries.count > 4 && !acted.isEmpty
    }
}

extension Simulation {
    /// The store of a seed at its end; nil when anything is wrong with it.
    func keep(seed: UInt64) async throws -> HealthyStore? {
        let scratch = try Scratch.inMemory()
        let world = try await played(seed: seed, in: scratch)
        let problems = try await world.check(try world.evidence())
        await world.close()
        guard problems.isEmpty else { return nil }
        let seen = OutsideView(
            acknowledged: world.submissions.compactMap { $0.acknowledged?.description }, calls: world.calls,
            deliveries: world.deliveries)
        return HealthyStore(scratch: scratch, path: world.storePath, seen: seen)
    }
}

extension HealthyStore {
    /// To plant a fault in, while others plant theirs.
    package func copy() throws -> HealthyStore {
        let folder = try Scratch.inMemory()
        let copied = folder.folder("store.sqlite")
        // Its host has closed it, so there is no log beside it.
        try FileManager.default.copyItem(atPath: path, toPath: copied)
        return HealthyStore(scratch: folder, path: copied, seen: seen)
    }
}

/// What was seen from outside of a store.
struct OutsideView {
    var acknowledged: [String]
    var calls: [OutsideCall]
    var deliveries: [Delivery]
}
