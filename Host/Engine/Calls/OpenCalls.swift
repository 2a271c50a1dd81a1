import Kernel
import Synchronization

/// Calls under way, so that the journal is closed after the last of them. Each is a task of its own, which goes on
/// when nobody waits for it any more.
final class OpenCalls: Sendable {
    typealias Outcome = Result<CallReceipt, CallRefusal>

    private struct State {
        var tasks: [RunID: Task<Outcome, Never>] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.tasks.count } }

    /// Nil once closed: the call did not begin.
    func perform(_ id: RunID, _ body: @escaping @Sendable () async -> Outcome) async -> Outcome? {
        let task = state.withLock { open -> Task<Outcome, Never>? in
            guard !open.isClosed else { return nil }
            let task = Task { [self] in
                let outcome = await body()
                state.withLock { $0.tasks[id] = nil }
                return outcome
            }
            open.tasks[id] = task
            return task
        }
        guard let task else { return nil }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Lets nobody in any more, cuts waits short, and comes back after the last call.
    func close() async {
        let tasks = state.withLock { state in
            state.isClosed = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.value }
    }
}
