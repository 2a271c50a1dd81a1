/// One call on its way through the candidates of its route: which is next, and after what wait.
package struct RouteWalk: Sendable {
    package enum Next: Hashable, Sendable {
        /// Another attempt at ``current``, which may have changed.
        case attempt(delayMilliseconds: Int64)
        case giveUp
    }

    private let candidates: [Route.Candidate]
    private let fallsOverOn: Set<CallFailure>
    private let retry: RetryRule
    private let deadline: Tick
    private var index = 0
    /// At the current candidate.
    private var attempts = 0
    /// Why the candidate before was left.
    package private(set) var leftBecause: CallFailure?

    /// - Precondition: there is a candidate.
    package init(_ route: Route, for caller: Route.Caller, deadline: Tick) {
        candidates = route.candidates(for: caller)
        precondition(!candidates.isEmpty)
        fallsOverOn = route.fallsOverOn
        retry = route.retry
        self.deadline = deadline
    }

    package var current: Route.Candidate { candidates[index] }

    /// For a second attempt beside the one under way: the candidate after it, or itself where there is none.
    package var beside: Route.Candidate { candidates[min(index + 1, candidates.count - 1)] }

    /// Whether another candidate would step in after such a failure.
    package func hasFallback(after failure: CallFailure) -> Bool {
        fallsOverOn.contains(failure) && index + 1 < candidates.count
    }

    /// For people and the audit log: `canary`, `fallback after rate_limit`.
    package var why: String {
        leftBecause.map { "\(Route.Reason.fallback.rawValue) after \($0.rawValue)" } ?? current.reason.rawValue
    }

    /// - Parameters:
    ///   - isRetryable: whether the same target may be asked again.
    ///   - random: any number; the same number gives the same delay.
    package mutating func failed(
        _ failure: CallFailure, isRetryable: Bool, retryAfterMilliseconds: Int64? = nil,
        random: UInt64, at now: Tick
    ) -> Next {
        attempts += 1
        guard failure != .refused, failure != .cancelled, now < deadline else { return .giveUp }
        let delay =
            isRetryable
            ? retry.delayMilliseconds(
                afterAttempt: attempts, retryAfterMilliseconds: retryAfterMilliseconds, random: random, at: now,
                deadline: deadline)
            : nil
        if let delay { return .attempt(delayMilliseconds: delay) }
        guard hasFallback(after: failure) else { return .giveUp }
        index += 1
        attempts = 0
        leftBecause = failure
        return .attempt(delayMilliseconds: 0)
    }
}
