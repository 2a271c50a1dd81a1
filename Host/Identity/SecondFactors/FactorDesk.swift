package import Journal
package import Kernel

/// Second factors of accounts: added, proved, taken away. Decisions fall in the journal's transaction, so a code opens
/// once, however many show it at the same time.
package final class FactorDesk: Sendable {
    package struct Settings: Sendable {
        /// What authenticator programs show beside the account.
        package var issuer: String
        /// Nil: keys of authenticators cannot be used, since nobody said where people find this host.
        package var party: RelyingParty?
        /// The key that seals secrets, from outside the store.
        package var key: @Sendable () throws(Failure) -> [UInt8]
        /// Sends a text message; nil: there is no gateway for them.
        package var send: (@Sendable (_ number: String, _ text: String, _ id: String) async -> Failure?)?
        package var clock: @Sendable () -> Instant
        package var random: @Sendable (_ count: Int) -> [UInt8]

        package init(
            issuer: String = "Bureau", party: RelyingParty? = nil,
            key: @escaping @Sendable () throws(Failure) -> [UInt8],
            send: (@Sendable (_ number: String, _ text: String, _ id: String) async -> Failure?)? = nil,
            clock: @escaping @Sendable () -> Instant, random: @escaping @Sendable (_ count: Int) -> [UInt8]
        ) {
            self.issuer = issuer
            self.party = party
            self.key = key
            self.send = send
            self.clock = clock
            self.random = random
        }
    }

    static let challengeMilliseconds: Int64 = 5 * 60_000

    let journal: any JournalStore
    package let settings: Settings
    /// By the challenge: whose it is.
    let challenges = PendingProofs<String>(lifeMilliseconds: challengeMilliseconds)
    let messages = SentCodes()

    package init(journal: any JournalStore, settings: Settings) {
        self.journal = journal
        self.settings = settings
    }

    // MARK: What there is

    package func factors(of account: String) async throws(ProofError) -> [FactorRecord] {
        do {
            return try await journal.read { journal throws(JournalError) in try journal.factors(of: account) }
        } catch {
            throw ProofError(error)
        }
    }

    /// Those that count; without recovery codes they are what a sign-in asks for.
    package func methods(of account: String) async throws(ProofError) -> Set<StepUpRule.Method> {
        let factors = try await factors(of: account).filter { $0.confirmedAt != nil }
        guard factors.contains(where: { $0.kind != .recovery }) else { return [] }
        return Set(factors.map(\.kind.method))
    }

    // MARK: Codes by time

    package struct Enrolment: Sendable {
        package var factor: FactorRecord
        package var secret: String
        package var uri: String
        /// Nil for a name that is too long for one.
        package var code: QRCode?
    }

    /// It counts once it is confirmed with a code.
    package func addTOTP(_ account: AccountMark, label: String) async throws(ProofError) -> Enrolment {
        let password = OneTimePassword(secret: settings.random(OneTimePassword.secretBytes))
        var factor = newFactor(.totp, account, label)
        factor.secret = try seal().seal(password.secret, factor)
        try await add(factor, by: account.name)
        let uri = password.uri(issuer: settings.issuer, account: account.name)
        return Enrolment(
            factor: factor, secret: Base32.encode(password.secret), uri: uri, code: QRCode(Array(uri.utf8)))
    }

    package func confirmTOTP(_ id: RunID, _ account: AccountMark, code: String) async throws(ProofError) {
        let seal = try seal()
        let outcome: ProofOutcome = try await tried(account.id) { journal, now throws(JournalError) in
            guard let factor = try journal.factor(id), factor.account == account.id, factor.kind == .totp else {
                throw JournalError(.notFound, "there is no such factor")
            }
            guard let secret = seal.open(factor) else { return .broken }
            let step = OneTimePassword(secret: secret).acceptedStep(of: code, at: now, after: factor.counter)
            guard let step else { return .wrong }
            try journal.factorConfirm(id, counter: step, by: account.name)
            return .right(.oneTimeCode)
        }
        _ = try outcome.method()
    }

    // MARK: Recovery codes

    /// New ones, in place of those that there were. They are shown now and never again.
    package func makeRecoveryCodes(_ account: AccountMark) async throws(ProofError) -> [String] {
        let random = settings.random(RecoveryCodes.count * RecoveryCodes.randomBytes)
        let (codes, kept) = RecoveryCodes.make(random: random, account: account.id)
        var factor = newFactor(.recovery, account, "recovery codes")
        factor.secret = kept.stored
        factor.confirmedAt = factor.createdAt
        let new = factor
        try await write { journal throws(JournalError) in
            let known = try journal.factors(of: account.id)
            guard known.contains(where: { $0.kind != .recovery && $0.confirmedAt != nil }) else {
                throw JournalError(.conflict(current: 0), "recovery codes stand in for a second factor: add one first")
            }
            for old in known where old.kind == .recovery { try journal.factorRemove(old.id, by: account.name) }
            try journal.factorAdd(new, by: account.name)
        }
        return codes
    }

    // MARK: Taking away

    package func remove(_ id: RunID, of account: AccountMark) async throws(ProofError) {
        try await write { journal throws(JournalError) in
            guard try journal.factor(id)?.account == account.id else {
                throw JournalError(.notFound, "there is no such factor")
            }
            try journal.factorRemove(id, by: account.name)
            // Codes that stand in for nothing would be a factor of their own.
            let left = try journal.factors(of: account.id)
            if !left.contains(where: { $0.kind != .recovery && $0.confirmedAt != nil }) {
                for codes in left where codes.kind == .recovery {
                    try journal.factorRemove(codes.id, by: account.name)
                }
            }
        }
    }

    /// What an administrator does for somebody who lost all of them.
    ///
    /// - Parameter tenant: nil: of any.
    /// - Returns: how many there were.
    package func reset(_ account: String, tenant: String?, by: String) async throws(ProofError) -> Int {
        try await write { journal throws(JournalError) in
            let known = try journal.factors(of: account)
            guard tenant == nil || known.allSatisfy({ $0.tenant == tenant }) else {
                throw JournalError(.notFound, "there is no account \(account)")
            }
            return try journal.factorsReset(of: account, by: by)
        }
    }

    // MARK: Parts

    func newFactor(_ kind: FactorRecord.Kind, _ account: AccountMark, _ label: String) -> FactorRecord {
        let now = settings.clock()
        return FactorRecord(
            id: RunID(unixMilliseconds: now.unixMilliseconds, random: settings.random(10)), account: account.id,
            tenant: account.tenant, kind: kind, label: label, createdAt: now)
    }

    func seal() throws(ProofError) -> FactorSeal {
        do {
            return try FactorSeal(key: try settings.key())
        } catch let failure as Failure {
            throw ProofError(failure)
        } catch let error as ProofError {
            throw error
        } catch {
            throw ProofError(.unavailable, "the key of second factors cannot be read")
        }
    }

    func add(_ factor: FactorRecord, by: String) async throws(ProofError) {
        try await write { journal throws(JournalError) in try journal.factorAdd(factor, by: by) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(ProofError) -> Value {
        do {
            return try await journal.write(body)
        } catch {
            throw ProofError(error)
        }
    }
}
