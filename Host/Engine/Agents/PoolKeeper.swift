import Journal
import Kernel

/// Lets pools grow and shrink, and ends the agents that they let go. One slow loop.
struct PoolKeeper: Sendable {
    private static let lookMilliseconds = 1_000
    private static let by = "host"

    let core: EngineCore

    func run() async {
        var scaling: [AgentAddress: PoolScaling] = [:]
        while (try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))) != nil {
            if core.isDraining { return }
            await look(&scaling)
        }
    }

    /// One look at all pools. What fails is tried with the next.
    func look(_ scaling: inout [AgentAddress: PoolScaling]) async {
        let seen = try? await core.journal.read { journal throws(JournalError) in
            var pools: [(AgentPoolRecord, [PoolScaling.Member])] = []
            for pool in try journal.pools() { pools.append((pool, try journal.poolMembers(pool.address))) }
            return (pools, try journal.poolOrphans())
        }
        guard let (pools, orphans) = seen else { return }
        let known = Set(pools.map(\.0.address))
        scaling = scaling.filter { known.contains($0.key) }
        for (pool, members) in pools {
            let actions = scaling[pool.address, default: PoolScaling()].decide(
                pool.policy, members, now: core.clock())
            await perform(actions, on: pool.address)
        }
        for orphan in orphans { await retire(orphan.address) }
    }

    private func perform(_ actions: [PoolScaling.Action], on pool: AgentAddress) async {
        var drained: [String] = []
        for action in actions {
            switch action {
            case .grow(let count):
                try? await core.journal.write { journal throws(JournalError) in
                    _ = try journal.poolGrow(pool, by: count, reason: "too much waited for its agents", by: Self.by)
                }
            case .drain(let name): drained.append(name)
            case .retire(let name): await retire(AgentAddress(department: pool.department, name: name))
            }
        }
        guard !drained.isEmpty else { return }
        try? await core.journal.write { [drained] journal throws(JournalError) in
            try journal.poolShrink(pool, draining: drained, by: Self.by)
        }
    }

    /// Refused while a run is open: the next look comes.
    private func retire(_ agent: AgentAddress) async {
        _ = try? await core.journal.write { journal throws(JournalError) in
            try journal.agentApply(.retire, to: agent, by: Self.by)
        }
    }
}
