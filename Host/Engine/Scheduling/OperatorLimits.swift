import Journal
import Kernel
import Synchronization

/// What the operator decided about the order of runs, as the journal has it, and which windows are open now.
final class OperatorLimits: Sendable {
    private struct State {
        var limits: [ClaimScope: ClaimLimit] = [:]
        var windows: [MaintenanceRecord] = []
        var closed: Set<ClaimScope> = []
    }

    private let state = Mutex(State())

    /// After each change, and at the start.
    func load(_ journal: any JournalStore, _ desk: ClaimDesk, at now: Instant) async throws(JournalError) {
        let (limits, windows, weights) = try await journal.read { journal throws(JournalError) in
            (try journal.claimLimits(), try journal.maintenances(), try journal.claimWeights())
        }
        state.withLock { state in
            state.limits = limits
            state.windows = windows
        }
        desk.setWeights(weights)
        look(at: now)
    }

    /// - Returns: whether a window opened or closed since the last look.
    @discardableResult
    func look(at now: Instant) -> Bool {
        state.withLock { state in
            guard !state.windows.isEmpty || !state.closed.isEmpty else { return false }
            let closed = Set(state.windows.filter { $0.window.isOpen(at: now) }.map(\.scope))
            defer { state.closed = closed }
            return closed != state.closed
        }
    }

    /// The operator's limits, with those of departments that this host serves; of the rest nothing begins.
    ///
    /// - Parameters:
    ///   - seen: departments that have runs.
    ///   - served: with the concurrency that each was granted.
    func all(seen: Set<String>, served: [String: Int?]) -> [ClaimScope: ClaimLimit] {
        var (limits, closed) = state.withLock { ($0.limits, $0.closed) }
        for scope in closed { limits[scope, default: ClaimLimit()].concurrency = 0 }
        for name in seen where served[name] == nil {
            limits[.department(name), default: ClaimLimit()].concurrency = 0
        }
        for (name, concurrency) in served {
            guard let concurrency else { continue }
            let own = limits[.department(name)]?.concurrency ?? .max
            limits[.department(name), default: ClaimLimit()].concurrency = min(own, concurrency)
        }
        return limits
    }
}
