import Journal
package import Kernel
import Synchronization

/// What a request shows of who sends it.
package struct ShownCredentials: Hashable, Sendable {
    package var bearer: String?
    package var key: String?
    /// Believed from the local operator alone.
    package var claimedName: String?
    package var client: Client

    package init(bearer: String?, key: String?, claimedName: String?, client: Client) {
        self.bearer = bearer
        self.key = key
        self.claimedName = claimedName
        self.client = client
    }
}

extension IdentityDesk {
    private static let wrong = IdentityError(.unauthenticated, "this token or key proves nothing; sign in again")

    /// Who sends a request; ``Principal/anonymous`` where nothing is shown. What is shown must be right: a wrong token
    /// beside a right key is refused.
    package func principal(of shown: ShownCredentials) async throws(IdentityError) -> Principal {
        var key = shown.key, bearer = shown.bearer
        // Clients of model providers show their key as a bearer.
        if key == nil, let text = bearer, text.hasPrefix(APIKey.prefix), !text.hasPrefix(OperatorToken.prefix) {
            (key, bearer) = (text, nil)
        }
        if let text = bearer, text.hasPrefix(OperatorToken.prefix) {
            guard key == nil, let name = operatorName(text, shown) else { throw Self.wrong }
            return .local(name: name)
        }
        guard key != nil || bearer != nil else { return .anonymous }
        var principal: Principal?
        if let key { principal = try await self.principal(ofKey: key) }
        if let bearer {
            guard settings.modes.takesTokens else {
                throw IdentityError(.unauthenticated, "this host takes API keys alone (X-API-Key)")
            }
            let person = try await self.principal(ofToken: bearer, shown.client)
            if let program = principal {
                // Both: whoever the token is of, as far as the key goes; never over two tenants.
                guard program.tenant == nil || program.tenant == person.tenant else { throw Self.wrong }
                var both = person
                both.scopes = person.scopes.meet(program.scopes)
                principal = both
            } else {
                principal = person
            }
        }
        if settings.modes.requiresKey, key == nil {
            throw IdentityError(.unauthenticated, "this host wants an API key with every request (X-API-Key)")
        }
        guard let principal else { throw Self.wrong }
        return principal
    }

    // MARK: Tokens

    private func principal(ofToken text: String, _ client: Client) async throws(IdentityError) -> Principal {
        guard let claims = claims(of: text, .access) else { throw Self.wrong }
        let now = clock(), rule = settings.sessions
        let found = directory.withLock { directory -> (AccountRecord, Directory.Rights, SessionRecord?)? in
            guard let account = directory.active(claims.account), account.version == claims.version else { return nil }
            var session: SessionRecord?
            if let id = claims.session {
                session = directory.sessions[id]
                guard let session, session.account == account.id,
                    rule.isAlive(began: session.createdAt, used: session.refreshedAt, at: now)
                else { return nil }
            }
            return (account, directory.rights(of: account), session)
        }
        guard let (account, rights, session) = found else { throw Self.wrong }
        var principal = make(
            account, rights, limitedTo: claims.scopes,
            by: session.map { .session($0.id.description) } ?? .token(claims.id))
        principal.methods = Set(session?.methods ?? claims.methods)
        principal.authenticatedAt = session?.provedAt
        if let session, session.client != client.mark {
            // A token in other hands, or a client that moved: it goes on, but must prove itself again for what needs
            // recent proof; and the log says so, once.
            principal.authenticatedAt = nil
            let isNew = suspicions.withLock { suspicions -> Bool in
                if suspicions.count > Attempts.maximumEntries { suspicions = [] }
                return suspicions.insert(session.id).inserted
            }
            if isNew { try await suspect(session, client.mark, "another client: recent proof is asked for anew") }
        }
        return principal
    }

    private func make(
        _ account: AccountRecord, _ rights: Directory.Rights, limitedTo scopes: Set<Scope>?,
        by credential: Principal.Credential
    ) -> Principal {
        Principal(
            kind: account.kind == .user ? .user : .service, id: account.id.description, name: account.name,
            tenant: account.tenant, teams: Set(account.teams), colleagues: rights.colleagues, roles: account.roles,
            scopes: scopes.map { rights.scopes.meet($0) } ?? rights.scopes, clearance: account.clearance,
            credential: credential)
    }

    // MARK: Keys

    private static let useMilliseconds: Int64 = 3_600_000

    private func principal(ofKey text: String) async throws(IdentityError) -> Principal {
        guard let id = APIKey.id(of: text) else { throw Self.wrong }
        let now = clock(), digest = Kernel.Digest.sha256(text.utf8)
        let found = directory.withLock { directory -> (AccountRecord, Directory.Rights, APIKeyRecord)? in
            guard let key = directory.keys[id], ConstantTime.isEqual(key.digest.bytes, digest.bytes),
                key.isValid(at: now), let account = directory.active(key.account)
            else { return nil }
            return (account, directory.rights(of: account), key)
        }
        guard let (account, rights, key) = found else { throw Self.wrong }
        if key.usedAt.map({ $0.advanced(byMilliseconds: Self.useMilliseconds) <= now }) ?? true {
            try await noteUse(of: key, at: now)
        }
        return make(account, rights, limitedTo: key.scopes.map(Set.init), by: .key(key.id))
    }

    /// Once an hour: first here, so that of many requests at once one writes.
    private func noteUse(of key: APIKeyRecord, at now: Instant) async throws(IdentityError) {
        let isFirst = directory.withLock { directory -> Bool in
            // Gone: it was revoked since it was looked at, and must not come back.
            guard var known = directory.keys[key.id], known.usedAt == key.usedAt else { return false }
            known.usedAt = now
            directory.put(known)
            return true
        }
        guard isFirst else { return }
        try await journal.change { journal throws(JournalError) in try journal.apiKeyNoteUse(key.id) }
    }
}
