import Journal
import Kernel
import Synchronization

/// What the operator decided about the order of runs, as the journal has it, and which windows are open now.
final class OperatorLimits: Sendable {
    private struct State {
        var limits: [ClaimScope: ClaimLimit] = [:]
        var held: [AgentAddress] = []
        var windows: [MaintenanceRecord] = []
        var closed: Set<ClaimScope> = []
        /// For what they were put together last.
        var seen: Set<String>?
        var served: [String: Int?] = [:]
    }

    private let state = Mutex(State())

    /// At the start, and after each change.
    func load(_ journal: any JournalStore, _ desk: ClaimDesk, at now: Instant) async throws(JournalError) {
        let (limits, held, windows, weights) = try await journal.read { journal throws(JournalError) in
            (
                try journal.claimLimits(), try journal.agentsHeld(), try journal.maintenances(),
                try journal.claimWeights()
            )
        }
        state.withLock { state in
            state.limits = limits
            state.held = held
            state.windows = windows
            state.seen = nil
        }
        desk.setWeights(weights)
        look(at: now)
    }

    /// Windows open and close.
    func look(at now: Instant) {
        state.withLock { state in
            guard !state.windows.isEmpty || !state.closed.isEmpty else { return }
            let closed = Set(state.windows.filter { $0.window.isOpen(at: now) }.map(\.scope))
            guard closed != state.closed else { return }
            state.closed = closed
            state.seen = nil
        }
    }

    /// The operator's limits, with those of departments that this host serves; of the rest nothing begins. Nil when
    /// they are what they were when this was asked last.
    ///
    /// - Parameters:
    ///   - seen: departments that have runs.
    ///   - served: with the concurrency that each was granted.
    func changes(seen: Set<String>, served: [String: Int?]) -> [ClaimScope: ClaimLimit]? {
        state.withLock { state in
            guard seen != state.seen || served != state.served else { return nil }
            (state.seen, state.served) = (seen, served)
            var limits = state.limits
            for agent in state.held {
                limits[.agent(department: agent.department, agent.name), default: ClaimLimit()].concurrency = 0
            }
            for name in seen where served[name] == nil {
                limits[.department(name), default: ClaimLimit()].concurrency = 0
            }
            for (name, concurrency) in served {
                guard let concurrency else { continue }
                let own = limits[.department(name)]?.concurrency ?? .max
                limits[.department(name), default: ClaimLimit()].concurrency = min(own, concurrency)
            }
            for scope in state.closed { limits[scope, default: ClaimLimit()].concurrency = 0 }
            return limits
        }
    }
}
