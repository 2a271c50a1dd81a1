import Synchronization

/// Is over at the so-manieth look, and from then on.
final class Countdown: Sendable {
    private let left = Mutex<Int?>(nil)

    func start(_ count: Int) { left.withLock { $0 = count } }

    func isOver() -> Bool {
        left.withLock { left in
            guard let count = left else { return false }
            left = count - 1
            return count <= 1
        }
    }
}
