import Engine
import Kernel
import Synchronization

/// The machine's clock, set forward or back by the test.
final class ShiftedClock: Sendable {
    private let shift = Mutex<Int64>(0)

    var now: Instant { SystemClock.now().advanced(byMilliseconds: shift.withLock { $0 }) }
    func set(byMinutes minutes: Int64) { shift.withLock { $0 += minutes * 60_000 } }
}
