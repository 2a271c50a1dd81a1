package import Journal
package import Kernel

/// What somebody shows.
package enum ShownProof: Sendable {
    /// Of an authenticator program.
    case code(String)
    case recovery(String)
    /// That came as a text message.
    case message(String)
    case key(WebAuthnAnswer)
}

/// How a try ended; what it wrote is committed, whichever way.
enum ProofOutcome: Sendable {
    case right(StepUpRule.Method)
    case wrong
    case refused(WebAuthnRefusal)
    case resting(seconds: Int)
    case locked
    /// A stored secret cannot be opened.
    case broken

    func method() throws(ProofError) -> StepUpRule.Method {
        switch self {
        case .right(let method): return method
        case .wrong: throw ProofError(.wrong, "the code is wrong, over, or was used already")
        case .refused(let refusal):
            throw ProofError(.wrong, "the answer of the authenticator is not taken: \(refusal.rawValue)")
        case .resting(let seconds):
            throw ProofError(.resting(seconds: seconds), "too many wrong ones; again in \(seconds) seconds")
        case .locked:
            throw ProofError(.locked, "too many wrong ones in a row: an administrator has to reset the second factors")
        case .broken:
            throw ProofError(.unavailable, "the factor's secret cannot be opened: the host's key is another one")
        }
    }
}

extension FactorDesk {
    /// - Returns: by what the person proved to be there.
    package func prove(_ account: String, by proof: ShownProof) async throws(ProofError) -> StepUpRule.Method {
        let outcome: ProofOutcome
        switch proof {
        case .code(let code):
            let seal = try seal()
            outcome = try await tried(account) { journal, now throws(JournalError) in
                try Self.tryCode(code, account, seal, journal, now)
            }
        case .recovery(let code):
            outcome = try await tried(account) { journal, _ throws(JournalError) in
                try Self.tryRecovery(code, account, journal)
            }
        case .message(let code):
            let messages = messages
            outcome = try await tried(account) { journal, now throws(JournalError) in
                guard let id = messages.take(code, of: account, at: now), let factor = try journal.factor(id),
                    factor.account == account
                else { return .wrong }
                if factor.confirmedAt == nil {
                    try journal.factorConfirm(id, counter: nil, by: account)
                } else {
                    try journal.factorUse(id, counter: nil, secret: nil)
                }
                return .right(.textMessage)
            }
        case .key(let answer): outcome = try await tryKey(answer, account)
        }
        return try outcome.method()
    }

    /// One try among those that an account has. Nothing is looked at while it rests.
    func tried(
        _ account: String,
        _ body: @escaping @Sendable (any JournalTransaction, Instant) throws(JournalError) -> ProofOutcome
    ) async throws(ProofError) -> ProofOutcome {
        let clock = settings.clock
        return try await write { journal throws(JournalError) in
            let trial = try journal.factorTrial(of: account), now = clock()
            switch trial.standing(at: now) {
            case .locked: return .locked
            case .resting(let until):
                let milliseconds = until.unixMilliseconds - now.unixMilliseconds
                return .resting(seconds: Int(clamping: max(1, (milliseconds + 999) / 1000)))
            case .open: break
            }
            let outcome = try body(journal, now)
            switch outcome {
            case .right where trial.failures > 0: try journal.factorTrialSet(FactorTrial(), of: account)
            case .wrong, .refused: try journal.factorTrialSet(trial.afterFailure(at: now), of: account)
            default: break
            }
            return outcome
        }
    }

    private static func tryCode(
        _ code: String, _ account: String, _ seal: FactorSeal, _ journal: any JournalTransaction, _ now: Instant
    ) throws(JournalError) -> ProofOutcome {
        for factor in try journal.factors(of: account) where factor.kind == .totp && factor.confirmedAt != nil {
            guard let secret = seal.open(factor) else { return .broken }
            let step = OneTimePassword(secret: secret).acceptedStep(of: code, at: now, after: factor.counter)
            guard let step else { continue }
            try journal.factorUse(factor.id, counter: step, secret: nil)
            return .right(.oneTimeCode)
        }
        return .wrong
    }

    private static func tryRecovery(
        _ code: String, _ account: String, _ journal: any JournalTransaction
    ) throws(JournalError) -> ProofOutcome {
        guard let factor = try journal.factors(of: account).first(where: { $0.kind == .recovery }),
            let rest = factor.secret.flatMap(RecoveryCodes.init(stored:))?.using(code, account: account)
        else { return .wrong }
        try journal.factorUse(factor.id, counter: nil, secret: rest.stored)
        return .right(.recoveryCode)
    }
}
