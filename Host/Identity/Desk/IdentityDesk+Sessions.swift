package import Journal
package import Kernel
import Synchronization

extension IdentityDesk {
    /// Makes a session for who proved to be an account's owner. Asked by sign-ins of every kind.
    package func begin(
        account id: RunID, methods: [String], client: Client
    ) async throws(IdentityError) -> TokenAnswer {
        guard let account = directory.withLock({ $0.active(id) }), account.kind == .user else {
            throw IdentityError(.unauthenticated, "this account cannot sign in")
        }
        let now = clock(), session = newID()
        let refresh = ring.refreshToken(session, generation: 0)
        let record = SessionRecord(
            id: session, account: account.id, methods: methods.sorted(), client: client.mark, agent: client.agent,
            createdAt: now, provedAt: now, refresh: Kernel.Digest.sha256(refresh.utf8), refreshedAt: now)
        _ = try await change { journal throws(JournalError) -> [RunID] in
            // Between the look at the password and here, somebody may have taken the account away.
            guard let current = try journal.account(account.id, .all), current.version == account.version,
                current.isEnabled
            else { throw JournalError(.denied, "the account was changed meanwhile") }
            return try journal.sessionAdd(record)
        } then: { directory, ended in
            directory.end(ended)
            directory.put(record)
        }
        return try answer(account, record, refresh: refresh)
    }

    private func answer(
        _ account: AccountRecord, _ session: SessionRecord, refresh: String
    ) throws(IdentityError) -> TokenAnswer {
        let scopes = directory.withLock { $0.rights(of: account).scopes }
        let token = try token(
            .access, account, session: session.id, scopes: nil, methods: session.methods, provedAt: session.provedAt,
            seconds: settings.accessSeconds)
        return TokenAnswer(
            accessToken: token, expiresInSeconds: settings.accessSeconds, refreshToken: refresh, session: session,
            scopes: scopes)
    }

    // MARK: Refresh

    private static let stale = IdentityError(.unauthenticated, "this refresh token is good no more; sign in again")

    /// One refresh token for the next. The journal decides between two that come at once.
    package func refresh(_ text: String, client: Client) async throws(IdentityError) -> TokenAnswer {
        guard let token = RefreshToken(text),
            ConstantTime.isEqual(
                Array(ring.refreshToken(token.session, generation: token.generation).utf8), Array(text.utf8))
        else { throw Self.stale }
        let now = clock(), rule = settings.sessions, mark = client.mark
        let next = ring.refreshToken(token.session, generation: token.generation &+ 1)
        let outcome = try await change { journal throws(JournalError) -> RefreshOutcome in
            guard var session = try journal.sessionRecord(token.session, .all), session.endedAt == nil else {
                return .refused
            }
            let decision = rule.refresh(
                generation: token.generation, current: session.generation, rotated: session.refreshedAt,
                isSameClient: session.client.agent == mark.agent,
                isAlive: rule.isAlive(began: session.createdAt, used: session.refreshedAt, at: now), at: now)
            switch decision {
            case .refuse: return .refused
            case .answerAgain: return .answered(session)
            case .endFamily:
                let why = "a refresh token was used again, or by another client"
                return .stolen(try journal.sessionEnd(session.id, .all, because: why, by: "host"))
            case .rotate:
                guard session.refresh == Kernel.Digest.sha256(text.utf8) else { return .refused }
                let from = session.generation
                session.generation += 1
                session.refresh = Kernel.Digest.sha256(next.utf8)
                session.refreshedAt = now
                // Whoever proved to be there sat in another network.
                if session.client.network != mark.network { session.provedAt = Instant(unixMilliseconds: 0) }
                session.client = mark
                session.agent = client.agent
                try journal.sessionRefresh(session, from: from)
                return .answered(session)
            }
        } then: { directory, outcome in
            switch outcome {
            case .refused: break
            case .stolen(let session): directory.end([session.id])
            case .answered(let session): directory.put(session)
            }
        }
        switch outcome {
        case .refused: throw Self.stale
        case .stolen(let session):
            try await suspect(session, mark, "refresh refused, session ended")
            throw Self.stale
        case .answered(let session):
            guard let account = directory.withLock({ $0.active(session.account) }) else { throw Self.stale }
            return try answer(account, session, refresh: next)
        }
    }

    private enum RefreshOutcome: Sendable {
        case refused
        case stolen(SessionRecord)
        case answered(SessionRecord)
    }

    // MARK: Ending

    package func end(session id: RunID, because reason: String, by: Principal) async throws(IdentityError) {
        let view = TenantView(by.tenant), name = by.name
        _ = try await change { journal throws(JournalError) -> SessionRecord in
            try journal.sessionEnd(id, view, because: reason, by: name)
        } then: { directory, record in
            directory.end([record.id])
        }
    }

    /// Who shows a refresh token may end its session, also when its access token is over.
    package func signOut(refresh text: String) async throws(IdentityError) {
        guard let token = RefreshToken(text),
            ConstantTime.isEqual(
                Array(ring.refreshToken(token.session, generation: token.generation).utf8), Array(text.utf8))
        else { return }
        let id = token.session
        _ = try await change { journal throws(JournalError) -> Bool in
            guard try journal.sessionRecord(id, .all)?.endedAt == nil else { return false }
            _ = try journal.sessionEnd(id, .all, because: "signed out", by: "its client")
            return true
        } then: { directory, _ in
            directory.end([id])
        }
    }

    /// Another factor was shown in a session: what needs recent proof may be done for a while, by the client that
    /// showed it.
    package func prove(
        session id: RunID, methods: [String], client: Client
    ) async throws(IdentityError) -> SessionRecord {
        let record = try await change { journal throws(JournalError) -> SessionRecord in
            guard let known = try journal.sessionRecord(id, .all) else {
                throw JournalError(.notFound, "there is no session \(id)")
            }
            return try journal.sessionProve(
                id, methods: Set(known.methods + methods).sorted(), client: client.mark, agent: client.agent)
        } then: { directory, record in
            directory.put(record)
        }
        _ = suspicions.withLock { $0.remove(id) }
        return record
    }

    /// Open ones, newest first: of the caller alone, or of all that the caller sees.
    package func sessions(of account: RunID?, seenBy caller: Principal) async throws(IdentityError) -> [SessionRecord] {
        let view = TenantView(caller.tenant), rule = settings.sessions, now = clock()
        return try await journal.ask { journal throws(JournalError) in try journal.sessions(view, open: true) }
            .filter { session in
                (account == nil || session.account == account)
                    && rule.isAlive(began: session.createdAt, used: session.refreshedAt, at: now)
            }
    }

    /// A leaf for what may be theft; one for each session and client.
    func suspect(_ session: SessionRecord, _ mark: ClientMark, _ action: String) async throws(IdentityError) {
        try await journal.change { journal throws(JournalError) in
            _ = try journal.auditAppend(
                type: "session.suspected",
                fields: [
                    "session": .string(session.id.description), "account": .string(session.account.description),
                    "network": .string(mark.network), "client": .string(mark.agent.hex), "action": .string(action),
                ])
        }
    }

    /// Forgets sessions that ended so long ago that nothing of them can be valid.
    func forgetOldSessions() async throws(IdentityError) -> Int {
        let horizon = clock().advanced(byMilliseconds: -2 * settings.sessions.absoluteMilliseconds)
        return try await journal.change { journal throws(JournalError) in
            try journal.sessionsForget(before: horizon, limit: 1_000)
        }
    }
}
