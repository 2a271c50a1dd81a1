package import Kernel
import Synchronization

/// What is remembered of the keys of limits, in bounded memory whatever keys are sent: two generations of at most
/// half the capacity each. A key that is used moves to the younger one; when that is full, the older one is forgotten,
/// which holds the keys that nobody used for longest.
package final class LimitTable: Sendable {
    package struct Key: Hashable, Sendable {
        package var limit: String
        package var name: String

        package init(limit: String, name: String) {
            self.limit = limit
            self.name = name
        }
    }

    private struct State {
        var young: [Key: Tick] = [:]
        var old: [Key: Tick] = [:]
    }

    private let half: Int
    private let state = Mutex(State())

    package init(capacity: Int) {
        precondition(capacity >= 2)
        half = capacity / 2
    }

    package func take(_ key: Key, _ rate: CellRate, at now: Tick) -> CellRate.Verdict {
        state.withLock { state in
            let verdict = rate.decide(state.young[key] ?? state.old[key], at: now)
            guard case .passed(let arrival, _) = verdict else { return verdict }
            if state.young.count >= half, state.young[key] == nil {
                state.old = state.young
                state.young = [:]
            }
            state.young[key] = arrival
            return verdict
        }
    }

    package var count: Int { state.withLock { $0.young.count + $0.old.count } }
}
