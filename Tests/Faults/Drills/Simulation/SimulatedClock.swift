import Kernel
import Synchronization

/// Moves when it is told, and by steps back and forth too.
final class SimulatedClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)

    init() {}
    var now: Instant { Instant(unixMilliseconds: milliseconds.withLock { $0 }) }
    func step(byMilliseconds step: Int64) { milliseconds.withLock { $0 += step } }
}
