import Dispatch
import Synchronization

/// Work handed to threads that block. Taking sleeps without a timer until there is work or the queue is closed.
///
/// Callers await their result, so the queue holds at most one entry for each waiting task: that is the back-pressure.
final class WorkQueue<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var sleepers = 0
        var closed = false
    }

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)

    /// False once closed: the item was not taken.
    func put(_ item: Item) -> Bool {
        let (accepted, rouse) = state.withLock { state in
            guard !state.closed else { return (false, false) }
            state.items.append(item)
            let rouse = state.sleepers > 0
            if rouse { state.sleepers -= 1 }
            return (true, rouse)
        }
        if rouse { wake.signal() }
        return accepted
    }

    /// Up to `limit` items in order; empty only after ``close()``. `idle` is called before sleeping.
    func take(_ limit: Int, idle: () -> Void = {}) -> [Item] {
        var told = false
        while true {
            let items: [Item]? = state.withLock { state in
                if !state.items.isEmpty {
                    let taken = Array(state.items.prefix(limit))
                    state.items.removeFirst(taken.count)
                    return taken
                }
                if state.closed { return [] }
                if told { state.sleepers += 1 }
                return nil
            }
            if let items { return items }
            if told {
                wake.wait()
            } else {
                idle()
                told = true
            }
        }
    }

    /// Up to `limit` items that wait now, in order; does not sleep.
    func takeWaiting(_ limit: Int) -> [Item] {
        state.withLock { state in
            let taken = Array(state.items.prefix(limit))
            state.items.removeFirst(taken.count)
            return taken
        }
    }

    var isClosed: Bool { state.withLock { $0.closed } }

    /// Items already put are still taken.
    func close() {
        let sleepers = state.withLock { state in
            state.closed = true
            defer { state.sleepers = 0 }
            return state.sleepers
        }
        for _ in 0..<sleepers { wake.signal() }
    }
}
