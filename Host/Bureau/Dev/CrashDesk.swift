import Placement
import Synchronization

/// Hands a crash of the author's plugin to the run that is being tried, or to nobody's.
final class CrashDesk: Sendable {
    private struct State {
        var department: String?
        var waiting: AsyncStream<PluginCrash>.Continuation?
    }

    private let state = Mutex(State())
    private let otherwise: @Sendable (PluginCrash) -> Void

    /// - Parameter otherwise: told of crashes that no run waits for.
    init(otherwise: @escaping @Sendable (PluginCrash) -> Void) { self.otherwise = otherwise }

    /// From the placement's threads: does not block.
    func note(_ crash: PluginCrash) {
        let waiting = state.withLock { state in
            crash.department == state.department ? state.waiting.take() : nil
        }
        guard let waiting else { return otherwise(crash) }
        waiting.yield(crash)
        waiting.finish()
    }

    /// The next crash of the department, from now on.
    func crashes(of department: String) -> AsyncStream<PluginCrash> {
        AsyncStream { continuation in
            state.withLock { state in
                state.department = department
                state.waiting = continuation
            }
        }
    }

    func close() { state.withLock { $0.waiting.take() }?.finish() }
}
