/// Wrong codes in a row of one account. Six digits are guessed in a day without it.
package struct FactorTrial: Hashable, Sendable {
    /// After so many the account's factors rest, each time again.
    package static let failuresUntilRest = 5
    package static let restMilliseconds: Int64 = 15 * 60_000
    /// NIST SP 800-63B: at most 100 in a row. From here on only an administrator helps.
    package static let maximumFailures = 100

    package var failures: Int
    package var restsUntil: Instant?

    package init(failures: Int = 0, restsUntil: Instant? = nil) {
        self.failures = failures
        self.restsUntil = restsUntil
    }

    package enum Standing: Hashable, Sendable {
        case open
        case resting(until: Instant)
        case locked
    }

    package func standing(at now: Instant) -> Standing {
        if failures >= Self.maximumFailures { return .locked }
        if let restsUntil, now < restsUntil { return .resting(until: restsUntil) }
        return .open
    }

    /// - Precondition: it is open.
    package func afterFailure(at now: Instant) -> FactorTrial {
        let failures = failures + 1
        let rests = failures.isMultiple(of: Self.failuresUntilRest)
        return FactorTrial(
            failures: failures, restsUntil: rests ? now.advanced(byMilliseconds: Self.restMilliseconds) : nil)
    }
}
