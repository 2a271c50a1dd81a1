import Foundation
package import TestSupport

/// A store with runs in all kinds of states that came through faults and is sound, with what was seen from outside:
/// something to plant faults in.
package struct HealthyStore {
    package let scratch: Scratch
    package let path: String
    private let evidence: (Evidence) -> Evidence

    package static func make() async throws -> HealthyStore {
        let simulation = try await Simulation()
        // Not every seed has every kind of row; this one does, whatever it is.
        for seed in UInt64(1)... {
            if let store = try await simulation.keep(seed: seed), try store.hasEverything() { return store }
        }
        throw SimulatedWorld.Problem("there are no more seeds")
    }

    init(scratch: Scratch, path: String, evidence: @escaping (Evidence) -> Evidence) {
        self.scratch = scratch
        self.path = path
        self.evidence = evidence
    }

    package func look() throws -> Evidence { evidence(try Evidence(store: path)) }

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
        return ["approval.decided", "run.cancel_requested", "run.retried", "run.pinned", "ledger.ambiguous"]
            .allSatisfy(types.contains) && evidence.deliveries.count > 8
    }
}

extension Simulation {
    /// The store of a seed at its end; nil when anything is wrong with it.
    func keep(seed: UInt64) async throws -> HealthyStore? {
        let scratch = try Scratch.inMemory()
        let world = try await played(seed: seed, in: scratch)
        let problems = try await world.check()
        await world.close()
        guard problems.isEmpty else { return nil }
        return HealthyStore(scratch: scratch, path: world.storePath) { evidence in
            var evidence = evidence
            world.describe(&evidence)
            return evidence
        }
    }
}

extension HealthyStore {
    /// To plant a fault in, while others plant theirs.
    package func copy() throws -> HealthyStore {
        let folder = try Scratch.inMemory()
        let copied = folder.folder("store.sqlite")
        // Its host has closed it, so there is no log beside it.
        try FileManager.default.copyItem(atPath: path, toPath: copied)
        return HealthyStore(scratch: folder, path: copied, evidence: evidence)
    }
}
