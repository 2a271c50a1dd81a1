import TestSupport
import Foundation
import Journal
import Kernel

/// Seeds of ``SimulatedWorld``, one after the other. A seed is the whole truth about its run.
package struct Simulation: Sendable {
    package struct Summary: Sendable {
        package var seeds = 0
        package var commits = 0
        package var faults = 0
        package var runs = 0
        package var ambiguous = 0
        /// With their seeds.
        package var violations: [String] = []

        package init() {}

        package mutating func add(_ other: Summary) {
            seeds += other.seeds
            commits += other.commits
            faults += other.faults
            runs += other.runs
            ambiguous += other.ambiguous
            violations += other.violations
        }
    }

    /// Actions of one world before its faults stop.
    private static let actions = 22
    /// Within so many a healed world comes to rest.
    private static let roundsToRest = 500

    private let template: Scratch

    /// An empty store of the newest schema, copied for each seed: making one takes longer than a whole seed.
    package init() async throws {
        template = try Scratch.inMemory()
        let clock = SimulatedClock()
        let journal = try await SQLiteJournal.open(folder: template.path, clock: { clock.now }, hostID: "template")
        await journal.close()
    }

    /// Two at a time: a world mostly waits for its own writer.
    package func run(seeds count: Int, from first: UInt64) async throws -> Summary {
        try await withThrowingTaskGroup(of: Summary.self) { group in
            var all = Summary()
            for index in 0..<count {
                if index >= 2, let summary = try await group.next() { all.add(summary) }
                group.addTask { try await run(seed: first &+ UInt64(index)) }
            }
            for try await summary in group { all.add(summary) }
            return all
        }
    }

    package func run(seed: UInt64) async throws -> Summary {
        let scratch = try Scratch.inMemory()
        var summary = Summary()
        summary.seeds = 1
        do {
            let world = try await played(seed: seed, in: scratch)
            let evidence = try world.evidence()
            summary.violations = try await world.check(evidence).map { "seed \(seed): \($0)" }
            summary.ambiguous = try evidence.ambiguousAttempts().count
            summary.commits = world.commitCount
            summary.faults = world.faultCount
            summary.runs = world.submissions.count
            await world.close()
        } catch let problem as SimulatedWorld.Problem {
            summary.violations = ["seed \(seed): \(problem)"]
        }
        return summary
    }

    /// What a seed comes to in the end: the root over all that was ever committed.
    package func root(seed: UInt64) async throws -> StoreFile.Cell? {
        let world = try await played(seed: seed, in: try Scratch.inMemory())
        let path = world.storePath
        let last = try StoreFile(path).rows("SELECT root FROM audit_checkpoint ORDER BY size DESC LIMIT 1")
        await world.close()
        return last.first?.first
    }

    /// Through its faults and healed.
    func played(seed: UInt64, in scratch: Scratch) async throws -> SimulatedWorld {
        let world = try await SimulatedWorld(seed: seed, scratch: scratch, template: template.path)
        try await world.createGroup()
        for _ in 0..<Self.actions { try await world.act() }
        try await heal(world)
        return world
    }

    /// No more faults: the host starts once more, people answer, time goes on.
    private func heal(_ world: SimulatedWorld) async throws {
        world.hasFaults = false
        world.ghosts = []
        try await world.restart()
        for _ in 0..<Self.roundsToRest {
            try await world.recoverAndClaim()
            if try await world.isAtRest() { return }
            try await world.decide()
            try await world.advanceAll()
            // The clock may have been set back by hours, and timers wait for it.
            world.clock.step(byMilliseconds: 60_000)
        }
    }
}

extension Scratch {
    /// In memory where the system has such a folder: what is simulated is not the medium.
    static func inMemory() throws -> Scratch {
        try Scratch(in: access("/dev/shm", W_OK) == 0 ? "/dev/shm" : nil)
    }
}

extension SimulatedWorld {
    func act() async throws {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<14: try await submit()
        case ..<19: try await resubmit()
        case ..<34: try await recoverAndClaim()
        case ..<72: try await advance()
        case ..<78: try await decide()
        case ..<81: try await cancel()
        case ..<83: try await retry()
        case ..<91: try await consume()
        case ..<95: if !needsRecovery { try await haunt() }
        case ..<97: clock.step(byMilliseconds: chance(2) ? 3_600_000 : -3_600_000)
        default: clock.step(byMilliseconds: 3_000)
        }
    }

    /// Nothing is left that time alone would bring further.
    func isAtRest() async throws -> Bool {
        guard live.isEmpty else { return false }
        let counts = try await read { journal throws(JournalError) in try journal.runCounts() }
        return [RunState.scheduled, .ready, .running, .waiting].allSatisfy { counts[$0, default: 0] == 0 }
    }

    /// All invariants, the journal's own cross-checks, and that what was acknowledged is there as it was.
    func check(_ evidence: Evidence) async throws -> [String] {
        var problems = try Invariant.violations(in: evidence).map(\.description)
        let (mismatches, faults) = try await read { journal throws(JournalError) in
            (try journal.auditMismatches(), try journal.ledgerFaults())
        }
        problems += mismatches.map { "audit: \($0)" }
        problems += faults.faults.map { "ledger: \($0)" }
        problems += try await read { [results] journal throws(JournalError) in
            var problems: [String] = []
            for (place, result) in results.sorted(by: { ($0.key.run, $0.key.sequence) < ($1.key.run, $1.key.sequence) })
            {
                let stored = try journal.steps(of: place.run).first { $0.sequence == place.sequence }
                guard stored?.result != result else { continue }
                problems.append(
                    "step \(place.sequence) of run \(place.run) was acknowledged and is another: \(stored as Any)")
            }
            return problems
        }
        return problems + (try effectsTakenTwice())
    }

    /// A key that a run writes once for each of its steps has as many revisions.
    private func effectsTakenTwice() throws -> [String] {
        try StoreFile(storePath).rows(
            """
            SELECT run.run_id, count(*), (
                SELECT coalesce(max(revision), 0) FROM state
                WHERE length(state.key) = 36 AND replace(state.key, '-', '') = lower(hex(run.run_id)))
            FROM run JOIN step ON step.run_no = run.run_no AND step.kind = \(EffectKind.statePut.rawValue)
            GROUP BY run.run_id
            """
        ).filter { $0[1] != $0[2] }.map {
            "run \($0[0].run) put its state \($0[1].number) times, and it has revision \($0[2].number)"
        }
    }
}
