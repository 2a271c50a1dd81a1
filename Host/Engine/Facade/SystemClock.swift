import Glibc
package import Kernel

/// The one place where the host meets the machine's clock and randomness.
package enum SystemClock {
    package static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(unixMilliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Of the clock that never steps.
    static func tick() -> Tick {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Tick(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    package static func randomBytes(count: Int) -> [UInt8] {
        // Eight at a time: each number is a system call.
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 7)
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }
}
