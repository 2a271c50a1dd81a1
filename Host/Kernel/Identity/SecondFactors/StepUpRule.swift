/// When somebody must prove anew to be there, before something dangerous is done.
package struct StepUpRule: Hashable, Sendable {
    package static let standard = StepUpRule()

    /// A proof is recent for so long.
    package var maximumAgeMilliseconds: Int64 = 10 * 60_000

    package init() {}

    /// What proves a person, in the words of RFC 8176.
    package enum Method: String, Hashable, Sendable, CaseIterable, Comparable {
        case password = "pwd"
        case oneTimeCode = "otp"
        case hardwareKey = "hwk"
        case textMessage = "sms"
        case recoveryCode = "rec"
        case federation = "fed"

        package var isSecondFactor: Bool { self != .password && self != .federation }

        package static func < (left: Method, right: Method) -> Bool { left.rawValue < right.rawValue }
    }

    package enum Verdict: Hashable, Sendable {
        case met
        /// One of these is asked for.
        case needed([Method])
        /// No proof helps: no person stands behind the caller.
        case impossible
    }

    /// - Parameter factors: the second factors that the account has. Where there are some, a password is not enough.
    package func verdict(on caller: Principal, factors: Set<Method>, at now: Instant) -> Verdict {
        switch caller.kind {
        // Who can read the store's folder needs no host to change it; while the secure mode is off nobody is anybody.
        case .local, .open: return .met
        case .service, .anonymous: return .impossible
        case .user: break
        }
        guard case .session = caller.credential else { return .impossible }
        let accepted = factors.isEmpty ? [.password, .federation] : factors.filter(\.isSecondFactor)
        guard let at = caller.authenticatedAt, at <= now,
            now.unixMilliseconds - at.unixMilliseconds <= maximumAgeMilliseconds,
            accepted.contains(where: { caller.methods.contains($0.rawValue) })
        else { return .needed(accepted.sorted()) }
        return .met
    }
}
