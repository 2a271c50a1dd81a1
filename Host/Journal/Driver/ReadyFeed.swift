package import Kernel
import Synchronization

/// A change of what waits for a place.
package enum ReadyChange: Hashable, Sendable {
    case waits(ReadyRun)
    /// By its number: it ended, claimed or not.
    case left(Int64)
}

/// What committed changes mean for the one who claims, in order of commits. He need not look through the store.
package final class ReadyFeed: Sendable {
    private struct State {
        var changes: [ReadyChange] = []
        var listener: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    /// From now on changes are kept for ``take()``; `wake` is called after each commit that has some.
    package func listen(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.listener = wake } }

    /// Lets go of the listener, who may hold the journal.
    func end() { state.withLock { $0.listener = nil } }

    package func take() -> [ReadyChange] {
        state.withLock { state in
            defer { state.changes = [] }
            return state.changes
        }
    }

    var isHeard: Bool { state.withLock { $0.listener != nil } }

    func add(_ changes: [ReadyChange]) {
        guard !changes.isEmpty else { return }
        let wake = state.withLock { state in
            state.changes += changes
            return state.listener
        }
        wake?()
    }
}
