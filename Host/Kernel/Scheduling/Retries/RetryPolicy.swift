/// Whether and when a run is tried again, by the class of its failure.
package struct RetryPolicy: Hashable, Sendable {
    /// Classes that are not named are not tried again. A class counts its own failures: ten rate limits do not use up
    /// the attempts after a crash.
    package var classes: [FailureClass: Backoff]
    /// Attempts in all, the first included, whatever their failures.
    package var maximumAttempts: Int
    /// From the first attempt's begin to the last one's.
    package var maximumElapsedMilliseconds: Int64?
    /// Who asks for a longer pause is not waited for.
    package var longestWaitMilliseconds: Int64

    package init(
        classes: [FailureClass: Backoff] = standardClasses, maximumAttempts: Int = 20,
        maximumElapsedMilliseconds: Int64? = nil, longestWaitMilliseconds: Int64 = 86_400_000
    ) {
        self.classes = classes
        self.maximumAttempts = max(1, maximumAttempts)
        self.maximumElapsedMilliseconds = maximumElapsedMilliseconds
        self.longestWaitMilliseconds = max(0, longestWaitMilliseconds)
    }

    package static let standardClasses: [FailureClass: Backoff] = [
        .transient: Backoff(
            initialMilliseconds: 1_000, maximumMilliseconds: 300_000, maximumAttempts: 8, jitter: .decorrelated),
        .timeout: Backoff(initialMilliseconds: 5_000, maximumMilliseconds: 300_000, maximumAttempts: 3),
        .crash: Backoff(initialMilliseconds: 1_000, maximumMilliseconds: 60_000, maximumAttempts: 3),
        .rateLimited: Backoff(
            initialMilliseconds: 1_000, maximumMilliseconds: 600_000, maximumAttempts: 20, jitter: .full),
        .busy: Backoff(initialMilliseconds: 1_000, maximumMilliseconds: 60_000, maximumAttempts: 20, jitter: .full),
        .fault: Backoff(initialMilliseconds: 1_000, maximumMilliseconds: 60_000, maximumAttempts: 2),
    ]

    package static let never = RetryPolicy(classes: [:])
}

/// What a run remembers of its failures.
package struct RetryHistory: Hashable, Sendable {
    package var failures: [FailureClass: Int]
    /// When the first attempt began.
    package var firstStartedAt: Instant
    /// Before the last attempt.
    package var lastDelayMilliseconds: Int64?

    package init(
        firstStartedAt: Instant, failures: [FailureClass: Int] = [:], lastDelayMilliseconds: Int64? = nil
    ) {
        self.firstStartedAt = firstStartedAt
        self.failures = failures
        self.lastDelayMilliseconds = lastDelayMilliseconds
    }

    /// That have failed.
    package var attempts: Int { failures.values.reduce(0, +) }
}

package struct RetryDecision: Hashable, Sendable {
    /// When the next attempt may start; nil: the run has failed for good.
    package var retryAt: Instant?
    /// For people: what failed, and why it is tried again or not.
    package var reason: String
}

extension RetryPolicy {
    /// - Parameters:
    ///   - history: before this failure; afterwards with it.
    ///   - retryAfterMilliseconds: what the one who refused asked for.
    ///   - deadline: no attempt may start at or after it.
    ///   - random: any number; the same number gives the same time.
    package func decide(
        _ failure: FailureClass, _ history: inout RetryHistory, retryAfterMilliseconds: Int64? = nil,
        deadline: Instant? = nil, random: UInt64, at now: Instant
    ) -> RetryDecision {
        history.failures[failure, default: 0] += 1
        let count = history.failures[failure] ?? 1, attempts = history.attempts
        let what = "attempt \(attempts) ended with \(failure.words)"
        guard let backoff = classes[failure] else { return .stop("\(what), which is not tried again") }
        guard attempts < maximumAttempts else {
            return .stop("\(what), and it was the last of \(maximumAttempts) attempts")
        }
        guard
            let wait = backoff.delayMilliseconds(
                afterAttempt: count, lastMilliseconds: history.lastDelayMilliseconds, random: random)
        else { return .stop("\(what), and \(backoff.maximumAttempts) such attempts are the limit") }
        // Who names a time sees all its callers again at that time: spread them.
        let delay = retryAfterMilliseconds.map { Self.sum(max(0, $0), wait / 4) } ?? wait
        guard delay <= longestWaitMilliseconds else {
            return .stop("\(what), which asks for a pause of \(delay) ms; \(longestWaitMilliseconds) ms is the longest")
        }
        let retryAt = now.advanced(byMilliseconds: delay)
        if let maximum = maximumElapsedMilliseconds, history.firstStartedAt.advanced(byMilliseconds: maximum) < retryAt
        {
            return .stop("\(what), and the next would start more than \(maximum) ms after the first")
        }
        if let deadline, retryAt >= deadline { return .stop("\(what), and the next would start after the deadline") }
        history.lastDelayMilliseconds = delay
        return RetryDecision(retryAt: retryAt, reason: "\(what); the next starts in \(delay) ms")
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}

extension RetryDecision {
    fileprivate static func stop(_ reason: String) -> RetryDecision { RetryDecision(retryAt: nil, reason: reason) }
}
