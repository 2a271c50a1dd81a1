package import Journal
package import Kernel
import Synchronization

/// The client of a request.
package struct Client: Hashable, Sendable {
    private static let maximumAgentBytes = 200

    package var address: String
    package var userAgent: String?

    package init(address: String, userAgent: String?) {
        self.address = address
        self.userAgent = userAgent
    }

    package var mark: ClientMark { ClientMark(userAgent: userAgent, address: address) }

    /// For lists: printable, and not long.
    var agent: String {
        var text = ""
        for scalar in (userAgent ?? "").unicodeScalars where scalar.isASCII && scalar.value >= 32 {
            guard text.utf8.count < Self.maximumAgentBytes else { break }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}

/// What somebody gets who signed in.
package struct TokenAnswer: Hashable, Sendable {
    package var accessToken: String
    package var expiresInSeconds: Int64
    package var refreshToken: String
    package var session: SessionRecord
    package var scopes: Set<Scope>
}

package enum SignInAnswer: Hashable, Sendable {
    case signedIn(TokenAnswer)
    /// Good for nothing but to show one of these factors.
    case needsFactor(token: String, methods: [String], expiresInSeconds: Int64)
}

extension TokenAnswer {
    /// As OAuth 2.0 writes it (RFC 6749, 5.1).
    package var json: JSONValue {
        [
            "access_token": .string(accessToken), "token_type": "bearer", "expires_in": .integer(expiresInSeconds),
            "refresh_token": .string(refreshToken), "session": .string(session.id.description),
            "scope": .string(scopes.map(\.description).sorted().joined(separator: " ")),
        ]
    }
}

extension SignInAnswer {
    package var json: JSONValue {
        switch self {
        case .signedIn(let answer): answer.json
        case .needsFactor(let token, let methods, let seconds):
            [
                "mfa_token": .string(token), "methods": .array(methods.map { .string($0) }),
                "expires_in": .integer(seconds),
            ]
        }
    }
}

extension IdentityDesk {
    package static let pendingSeconds: Int64 = 300
    private static let refused = IdentityError(.unauthenticated, "the e-mail address or the password is wrong")

    /// - Parameter next: another password, for one that must be changed.
    package func signIn(
        email: String, password: String, next: String? = nil, client: Client
    ) async throws(IdentityError) -> SignInAnswer {
        let name = EmailAddress.normalised(email) ?? email.lowercased()
        let account = try await proved(name: name, password: password, client: client)
        if account.password?.mustChange == true {
            guard let next else {
                throw IdentityError(
                    .mustChangePassword, "this password was given to you: sign in again with new_password beside it")
            }
            _ = try await setPassword(of: account, to: next, mustChange: false, keeping: nil, by: account.name)
        }
        guard let account = directory.withLock({ $0.active(account.id) }) else { throw Self.refused }
        let methods = try await factorMethods(of: account)
        guard methods.isEmpty else {
            return .needsFactor(
                token: try pendingToken(account, methods: ["pwd"]), methods: methods,
                expiresInSeconds: Self.pendingSeconds)
        }
        return .signedIn(try await begin(account: account.id, methods: ["pwd"], client: client))
    }

    /// Whose password it is. The same work and the same answer whether the name exists, is switched off or locked.
    func proved(
        name: String, password: String, client: Client
    ) async throws(IdentityError) -> AccountRecord {
        let now = clock()
        if let until = begin(name, client, at: now) {
            await noteLocked(client)
            throw Self.locked(until)
        }
        let account = directory.withLock { directory in
            directory.users[name].flatMap { directory.active($0) }
        }
        let normal = Bcrypt.normalised(password)
        let isRight: Bool
        do {
            isRight = try await passwords.verify(normal ?? "", normal == nil ? nil : account?.password?.hash)
        } catch {
            _ = end(name, client, failed: nil, at: now)
            throw error
        }
        let ended = clock()
        let lock = end(name, client, failed: !isRight, at: ended)
        guard isRight, let account, let normal else {
            try await noteFailure(account, lock, client, at: ended)
            throw Self.refused
        }
        try await rehash(account, normal)
        return account
    }

    /// Counted by name and network, so that no stranger locks a name for its owner: the name alone may fail much more
    /// often. All of a proxy on this machine that is not trusted is one address, which therefore never locks.
    ///
    /// - Returns: until when nothing is looked at; nil: ``end(_:_:failed:at:)`` follows.
    private func begin(_ name: String, _ client: Client, at now: Instant) -> Instant? {
        let network = client.mark.network, anywhere = Self.key(name: name)
        if !Self.isLoopback(client.address),
            let until = attempts.isLocked(Self.key(network: network), settings.addressLockout, at: now)
        {
            return until
        }
        if case .locked(let until) = attempts.begin(anywhere, settings.accountLockoutAnywhere, at: now) { return until }
        let here = Self.key(name: name, network: network)
        guard case .locked(let until) = attempts.begin(here, settings.accountLockout, at: now) else { return nil }
        _ = attempts.end(anywhere, settings.accountLockoutAnywhere, failed: nil, at: now)
        return until
    }

    /// - Returns: what is known of the name, when this failure locked it everywhere.
    private func end(_ name: String, _ client: Client, failed: Bool?, at now: Instant) -> LockoutRule.Count? {
        let network = client.mark.network
        if failed == true, !Self.isLoopback(client.address) {
            attempts.fail(Self.key(network: network), settings.addressLockout, at: now)
        }
        _ = attempts.end(Self.key(name: name, network: network), settings.accountLockout, failed: failed, at: now)
        return attempts.end(Self.key(name: name), settings.accountLockoutAnywhere, failed: failed, at: now)
    }

    private static func locked(_ until: Instant) -> IdentityError {
        IdentityError(.locked(until: until), "too many sign-ins failed here; nothing was looked at, try again later")
    }

    private func noteLocked(_ client: Client) async {
        await write(attempts.tally(client.mark.network, at: now) { $0.locked += 1 })
    }

    private func noteFailure(
        _ account: AccountRecord?, _ lock: LockoutRule.Count?, _ client: Client, at now: Instant
    ) async throws(IdentityError) {
        await write(
            attempts.tally(client.mark.network, at: now) { tally in
                tally.failures += 1
                tally.account = tally.failures == 1 || tally.account == account?.id ? account?.id : nil
            })
        guard let account, let lock, let until = lock.lockedUntil else { return }
        let record = LockoutRecord(account: account.id, failures: lock.failures, since: lock.since, until: until)
        try await journal.change { journal throws(JournalError) in try journal.lockoutSet(record) }
    }

    /// A hash that was made at another cost is made anew while the password is at hand.
    private func rehash(_ account: AccountRecord, _ password: String) async throws(IdentityError) {
        guard let known = account.password, Bcrypt.cost(of: known.hash) != settings.bcryptCost else { return }
        let hash = try await passwords.hash(password)
        let id = account.id
        _ = try await change { journal throws(JournalError) -> AccountUpdate? in
            guard var current = try journal.account(id, .all), current.password?.hash == known.hash else { return nil }
            current.password?.hash = hash
            return try journal.accountSet(current, .rehashed, keeping: nil, by: current.name)
        } then: { directory, update in
            if let update { directory.put(update) }
        }
    }

    // MARK: Tokens between two factors

    func pendingToken(_ account: AccountRecord, methods: [String]) throws(IdentityError) -> String {
        try token(.pending, account, session: nil, scopes: [], methods: methods, seconds: Self.pendingSeconds)
    }

    /// Who showed a password and is to show a second factor. The token is good for ``pendingSeconds``, on the
    /// operations of second factors alone.
    package func pending(_ token: String) throws(IdentityError) -> (account: String, tenant: String?, methods: [String])
    {
        guard let claims = claims(of: token, .pending),
            let account = directory.withLock({ $0.active(claims.account) }), account.version == claims.version
        else { throw IdentityError(.unauthenticated, "this token proves nothing; sign in again") }
        return (account.id.description, account.tenant, claims.methods)
    }

    func token(
        _ kind: TokenKind, _ account: AccountRecord, session: RunID?, scopes: Set<Scope>?, methods: [String],
        provedAt: Instant? = nil, seconds: Int64
    ) throws(IdentityError) -> String {
        try signed(
            kind, account, session: session, scopes: scopes, methods: methods, provedAt: provedAt, seconds: seconds
        ).text
    }

    func signed(
        _ kind: TokenKind, _ account: AccountRecord, session: RunID?, scopes: Set<Scope>?, methods: [String],
        provedAt: Instant? = nil, seconds: Int64
    ) throws(IdentityError) -> (text: String, claims: TokenClaims) {
        let now = clock()
        guard let key = ring.signing(at: now) else { throw IdentityError(.storage, "there is no key to sign with") }
        let second = now.unixMilliseconds / 1_000
        let claims = TokenClaims(
            id: newID().description, account: account.id, session: session, version: account.version,
            tenant: account.tenant, scopes: scopes, issuedAt: second, expiresAt: second + seconds,
            provedAt: provedAt.map { $0.unixMilliseconds / 1_000 }, methods: methods)
        guard let text = CompactToken.write(claims.members(kind, settings), type: kind.rawValue, key: key) else {
            throw IdentityError(.invalid, "a token with so many scopes is too long: give fewer, or use a role")
        }
        return (text, claims)
    }

    /// Nil unless every rule holds: form, key, signature, type, issuer, audience, times.
    func claims(of text: String, _ kind: TokenKind) -> TokenClaims? {
        guard let token = CompactToken(text), token.type == kind.rawValue else { return nil }
        let now = clock()
        guard let key = ring.checking(token.keyID, at: now), token.isSigned(by: key) else { return nil }
        return TokenClaims(token.claims, kind, settings, now: now.unixMilliseconds / 1_000)
    }
}
