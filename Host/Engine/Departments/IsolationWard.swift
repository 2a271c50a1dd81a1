import Placement
import Synchronization

/// Processes for one run each: for runs that may have killed the process that they shared with others. Few compute
/// at a time, so that a bad hour cannot fill the machine. A run that waits for something outside gives its place
/// back: what it waits for may be a child that needs one.
final class IsolationWard: Sendable {
    private struct State {
        var free: Int
        var isClosed = false
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let state: Mutex<State>

    init(capacity: Int) { state = Mutex(State(free: capacity)) }

    /// Given back once, by whoever is first.
    final class Place: Sendable {
        private let ward: IsolationWard
        private let isLeft = Atomic(false)

        fileprivate init(_ ward: IsolationWard) { self.ward = ward }

        func leave() { if !isLeft.exchange(true, ordering: .relaxed) { ward.leave() } }
    }

    /// Waits for a place. Nil when the host is closing.
    func enter() async -> Place? {
        let isFree = await withCheckedContinuation { continuation in
            let answer: Bool? = state.withLock { state in
                if state.isClosed { return false }
                guard state.free == 0 else {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        return isFree ? Place(self) : nil
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume(returning: true)
    }

    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }
}
