/// How much of a wait is left to chance, so that many failures at once do not come back at once. The names are Marc
/// Brooker's ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
package enum BackoffJitter: String, Hashable, Sendable, CaseIterable {
    case none
    /// Half of it is certain.
    case equal
    /// From nothing to all of it.
    case full
    /// From the initial wait to three times the last one.
    case decorrelated
}

/// How long to wait before an attempt is repeated: exponential and bounded.
package struct Backoff: Hashable, Sendable {
    package var initialMilliseconds: Int64
    package var maximumMilliseconds: Int64
    /// Attempts in all, the first included.
    package var maximumAttempts: Int
    package var jitter: BackoffJitter

    package init(
        initialMilliseconds: Int64 = 500, maximumMilliseconds: Int64 = 30_000, maximumAttempts: Int = 4,
        jitter: BackoffJitter = .equal
    ) {
        precondition(initialMilliseconds > 0 && maximumMilliseconds >= initialMilliseconds && maximumAttempts > 0)
        self.initialMilliseconds = initialMilliseconds
        self.maximumMilliseconds = maximumMilliseconds
        self.maximumAttempts = maximumAttempts
        self.jitter = jitter
    }

    /// Milliseconds to wait after failed attempt number `attempt` (from 1); nil when there shall be no other.
    ///
    /// - Parameters:
    ///   - last: the wait before the attempt that failed, for decorrelated jitter.
    ///   - random: any number; the same number gives the same delay.
    package func delayMilliseconds(
        afterAttempt attempt: Int, lastMilliseconds last: Int64? = nil, random: UInt64
    ) -> Int64? {
        guard let ceiling = ceilingMilliseconds(afterAttempt: attempt) else { return nil }
        switch jitter {
        case .none: return ceiling
        case .equal: return Self.number(from: ceiling / 2, through: ceiling, random)
        case .full: return Self.number(from: 0, through: ceiling, random)
        case .decorrelated:
            let (triple, overflow) = max(last ?? 0, initialMilliseconds).multipliedReportingOverflow(by: 3)
            return min(
                maximumMilliseconds,
                Self.number(from: initialMilliseconds, through: overflow ? .max : triple, random))
        }
    }

    private static func number(from lower: Int64, through upper: Int64, _ random: UInt64) -> Int64 {
        lower + Int64(random % (UInt64(upper - lower) + 1))
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
