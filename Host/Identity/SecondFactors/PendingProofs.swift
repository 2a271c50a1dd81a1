import Kernel
import Synchronization

/// What was asked and waits for its answer: each is given back once, for a while, and there are never more than so
/// many. In this process only: a restart asks anew.
final class PendingProofs<Value: Sendable>: Sendable {
    private struct Entry {
        var value: Value
        var until: Instant
        var order: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var next: UInt64 = 0
    }

    private let lifeMilliseconds: Int64
    private let capacity: Int
    private let state = Mutex(State())

    init(lifeMilliseconds: Int64, capacity: Int = 10_000) {
        self.lifeMilliseconds = lifeMilliseconds
        self.capacity = capacity
    }

    /// The oldest goes when there are too many: who floods it must not keep others out.
    func keep(_ value: Value, under key: String, at now: Instant) {
        state.withLock { state in
            if state.entries.count >= capacity {
                state.entries = state.entries.filter { now < $0.value.until }
                if state.entries.count >= capacity,
                    let oldest = state.entries.min(by: { $0.value.order < $1.value.order })
                {
                    state.entries[oldest.key] = nil
                }
            }
            let until = now.advanced(byMilliseconds: lifeMilliseconds)
            state.entries[key] = Entry(value: value, until: until, order: state.next)
            state.next += 1
        }
    }

    func take(_ key: String, at now: Instant) -> Value? {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: key), now < entry.until else { return nil }
            return entry.value
        }
    }
}
