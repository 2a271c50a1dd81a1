/// How long to wait before an attempt is repeated: exponential, bounded, and half of it by chance so that many
/// failures at once do not come back at once ("equal jitter": Marc Brooker, "Exponential Backoff And Jitter", 2015).
package struct Backoff: Hashable, Sendable {
    package var initialMilliseconds: Int64
    package var maximumMilliseconds: Int64
    /// Attempts in all, the first included.
    package var maximumAttempts: Int

    package init(initialMilliseconds: Int64 = 500, maximumMilliseconds: Int64 = 30_000, maximumAttempts: Int = 4) {
        precondition(initialMilliseconds > 0 && maximumMilliseconds >= initialMilliseconds && maximumAttempts > 0)
        self.initialMilliseconds = initialMilliseconds
        self.maximumMilliseconds = maximumMilliseconds
        self.maximumAttempts = maximumAttempts
    }

    /// Milliseconds to wait after failed attempt number `attempt` (from 1); nil when there shall be no other.
    ///
    /// - Parameter random: any number; the same number gives the same delay.
    package func delayMilliseconds(afterAttempt attempt: Int, random: UInt64) -> Int64? {
        guard let ceiling = ceilingMilliseconds(afterAttempt: attempt) else { return nil }
        let certain = ceiling / 2
        return certain + Int64(random % UInt64(ceiling - certain + 1))
    }

    /// Of attempts at a model call, in a run and outside of one.
    package static let modelCalls = Backoff(
        initialMilliseconds: 500, maximumMilliseconds: 8000, maximumAttempts: 3)

    /// The longest wait after failed attempt number `attempt` (from 1); nil when there shall be no other.
    package func ceilingMilliseconds(afterAttempt attempt: Int) -> Int64? {
        guard attempt < maximumAttempts else { return nil }
        let doublings = min(max(attempt - 1, 0), 62)
        return initialMilliseconds > maximumMilliseconds >> doublings
            ? maximumMilliseconds : initialMilliseconds << doublings
    }
}
