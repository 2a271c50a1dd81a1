import Kernel
import Synchronization

/// Hands notices to those who watch a run tree. A slow watcher loses its oldest notices, never the run's time.
final class NoticeHub: Sendable {
    private static let bufferedNotices = 4096

    private struct State {
        var nextWatcher = 0
        var watchers: [RunID: [Int: AsyncStream<RunNotice>.Continuation]] = [:]
    }

    private let state = Mutex(State())

    func watch(root: RunID) -> AsyncStream<RunNotice> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: RunNotice.self, bufferingPolicy: .bufferingNewest(Self.bufferedNotices))
        let number = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[root, default: [:]][state.nextWatcher] = continuation
            return state.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in self?.remove(number, root: root) }
        return stream
    }

    func post(_ notice: RunNotice) {
        let watchers = state.withLock { state -> [AsyncStream<RunNotice>.Continuation] in
            guard !state.watchers.isEmpty else { return [] }
            return state.watchers[notice.root].map { Array($0.values) } ?? []
        }
        for watcher in watchers { watcher.yield(notice) }
    }

    /// The tree is finished: its watchers' streams end.
    func finish(root: RunID) {
        let watchers = state.withLock { $0.watchers.removeValue(forKey: root) } ?? [:]
        for watcher in watchers.values { watcher.finish() }
    }

    var isWatched: Bool { state.withLock { !$0.watchers.isEmpty } }

    private func remove(_ number: Int, root: RunID) {
        state.withLock { state in
            state.watchers[root]?[number] = nil
            if state.watchers[root]?.isEmpty == true { state.watchers[root] = nil }
        }
    }
}
