/// When an attempt at the same target is worth a repetition: exponential with full jitter (Marc Brooker,
/// "Exponential Backoff And Jitter", 2015), never before the provider's `Retry-After`, and within the call's time.
package struct RetryRule: Hashable, Sendable {
    package var backoff: Backoff
    /// A provider that asks for more is given up for this call.
    package var longestWaitMilliseconds: Int64

    package init(backoff: Backoff = .modelCalls, longestWaitMilliseconds: Int64 = 60_000) {
        self.backoff = backoff
        self.backoff.jitter = .full
        self.longestWaitMilliseconds = longestWaitMilliseconds
    }

    /// - Parameters:
    ///   - attempt: the one that failed, from 1.
    ///   - random: any number; the same number gives the same delay.
    /// - Returns: nil when there shall be no other.
    package func delayMilliseconds(
        afterAttempt attempt: Int, retryAfterMilliseconds: Int64?, random: UInt64, at now: Tick, deadline: Tick
    ) -> Int64? {
        guard let jitter = backoff.delayMilliseconds(afterAttempt: attempt, random: random) else { return nil }
        // A provider that names a time sees all its callers again at that time: spread them.
        let delay = retryAfterMilliseconds.map { max($0, 0) + jitter / 4 } ?? jitter
        guard delay <= longestWaitMilliseconds, now.advanced(byMilliseconds: delay) < deadline else { return nil }
        return delay
    }
}
