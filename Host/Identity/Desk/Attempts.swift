import Kernel
import Synchronization

/// Who tried to get in and did not, in memory: bounded, so that a flood of names or addresses takes none. What locks an
/// account that exists is in the journal besides, and outlives the host.
final class Attempts: Sendable {
    static let maximumEntries = 20_000

    /// Of one minute and network, for one leaf in the log.
    struct Tally: Hashable, Sendable {
        var failures = 0, locked = 0, unauthenticated = 0, forbidden = 0, limited = 0
        /// When there was one alone.
        var account: RunID?
    }

    private struct State {
        var counts: [String: LockoutRule.Count] = [:]
        var inFlight: [String: Int] = [:]
        var minute: Int64 = 0
        var tallies: [String: Tally] = [:]
        var rest = Tally()
    }

    private static let maximumTallies = 256
    private let state = Mutex(State())

    enum Entry {
        case go
        case locked(until: Instant)
    }

    /// Before a password is looked at: what runs already counts as if it failed, so that nobody gets more tries by
    /// making them all at once.
    func begin(_ name: String, _ rule: LockoutRule, at now: Instant) -> Entry {
        state.withLock { state in
            let count = state.counts[name]
            if let until = rule.lockedUntil(count, at: now) { return .locked(until: until) }
            let failed = count.map { $0.lockedUntil == nil ? $0.failures : 0 } ?? 0, running = state.inFlight[name] ?? 0
            guard failed + running < rule.failures else {
                return .locked(until: now.advanced(byMilliseconds: 1_000))
            }
            state.inFlight[name, default: 0] += 1
            return .go
        }
    }

    /// - Returns: what is known now, when this failure locked.
    func end(_ name: String, _ rule: LockoutRule, failed: Bool?, at now: Instant) -> LockoutRule.Count? {
        state.withLock { state in
            let running = (state.inFlight[name] ?? 1) - 1
            state.inFlight[name] = running > 0 ? running : nil
            switch failed {
            case nil: return nil
            case false:
                state.counts[name] = nil
                return nil
            case true:
                let next = rule.after(failureAt: now, state.counts[name])
                if state.counts[name] == nil { Self.makeRoom(&state.counts) }
                state.counts[name] = next
                return next.lockedUntil == nil ? nil : next
            }
        }
    }

    /// A failure by itself: of an address, where nobody waits for the outcome.
    func fail(_ name: String, _ rule: LockoutRule, at now: Instant) {
        state.withLock { state in
            if state.counts[name] == nil { Self.makeRoom(&state.counts) }
            state.counts[name] = rule.after(failureAt: now, state.counts[name])
        }
    }

    func isLocked(_ name: String, _ rule: LockoutRule, at now: Instant) -> Instant? {
        state.withLock { rule.lockedUntil($0.counts[name], at: now) }
    }

    func restore(_ name: String, _ count: LockoutRule.Count) { state.withLock { $0.counts[name] = count } }

    /// All whose name begins so.
    func forget(prefix: String) {
        state.withLock { state in
            for name in state.counts.keys where name.hasPrefix(prefix) { state.counts[name] = nil }
        }
    }

    /// The oldest go: they are the least likely to be tried again.
    private static func makeRoom(_ counts: inout [String: LockoutRule.Count]) {
        guard counts.count >= maximumEntries else { return }
        let old = counts.sorted { $0.value.since < $1.value.since }.prefix(maximumEntries / 8)
        for (name, _) in old { counts[name] = nil }
    }

    // MARK: For the log

    func tally(_ network: String, at now: Instant, _ add: (inout Tally) -> Void) -> [(String, Tally)] {
        state.withLock { state in
            let done = Self.turn(&state, now)
            if state.tallies[network] == nil, state.tallies.count >= Self.maximumTallies {
                add(&state.rest)
            } else {
                add(&state.tallies[network, default: Tally()])
            }
            return done
        }
    }

    /// What was counted in minutes that are over; `all` also in this one.
    func finished(at now: Instant, all: Bool) -> [(String, Tally)] {
        state.withLock { state in
            if all { state.minute = -1 }
            return Self.turn(&state, now)
        }
    }

    private static func turn(_ state: inout State, _ now: Instant) -> [(String, Tally)] {
        let minute = now.unixMilliseconds / 60_000
        guard minute != state.minute else { return [] }
        var done = state.tallies.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
        if state.rest != Tally() { done.append(("others", state.rest)) }
        (state.minute, state.tallies, state.rest) = (minute, [:], Tally())
        return done
    }
}
