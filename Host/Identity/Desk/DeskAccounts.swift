package import Kernel
import Journal
import Synchronization

/// The desk's accounts and sessions, as second factors and federation see them.
package struct DeskAccounts: AccountSessions {
    /// What an identity provider's word, or a reset of second factors, changes about an account, the host changes; the
    /// log says for whom.
    private static func host(for name: String) -> Principal {
        Principal(kind: .local, id: name, name: name, tenant: nil, scopes: [.everything], clearance: .restricted)
    }

    private let desk: IdentityDesk

    package init(_ desk: IdentityDesk) { self.desk = desk }

    package func pending(_ token: String) async throws(ProofError) -> (account: AccountMark, methods: Set<String>) {
        do {
            let pending = try desk.pending(token)
            guard let mark = try await account(pending.account) else {
                throw ProofError(.wrong, "this token proves nothing; sign in again")
            }
            return (mark, Set(pending.methods))
        } catch let error as IdentityError {
            throw ProofError(error, at: desk.now)
        } catch {
            throw error as? ProofError ?? ProofError(.unavailable, "the host's store does not answer")
        }
    }

    package func pend(_ account: AccountMark, methods: Set<String>) async throws(ProofError) -> JSONValue {
        try await asked { () throws(IdentityError) in
            let record = try desk.record(account.id)
            let answer = SignInAnswer.needsFactor(
                token: try desk.pendingToken(record, methods: methods.sorted()),
                methods: try await desk.factorMethods(of: record), expiresInSeconds: IdentityDesk.pendingSeconds)
            return answer.json
        }
    }

    package func begin(
        _ account: AccountMark, methods: Set<String>, client: Client
    ) async throws(ProofError) -> JSONValue {
        try await asked { () throws(IdentityError) in
            let record = try desk.record(account.id)
            return try await desk.begin(account: record.id, methods: methods.sorted(), client: client).json
        }
    }

    package func renew(
        session: String, account: String, methods: Set<String>, client: Client
    ) async throws(ProofError) -> JSONValue {
        try await asked { () throws(IdentityError) in
            let record = try desk.record(account)
            guard let id = RunID(session) else { throw IdentityError(.notFound, "there is no session \(session)") }
            let proved = try await desk.prove(session: id, methods: methods.sorted(), client: client)
            let token = try desk.token(
                .access, record, session: proved.id, scopes: nil, methods: proved.methods, provedAt: proved.provedAt,
                seconds: desk.settings.accessSeconds)
            return [
                "access_token": .string(token), "token_type": "bearer",
                "expires_in": .integer(desk.settings.accessSeconds),
            ]
        }
    }

    package func isPassword(
        _ password: String, of account: String, client: Client
    ) async throws(ProofError) -> Bool {
        do {
            let record = try desk.record(account)
            _ = try await desk.proved(name: record.name, password: password, client: client)
            return true
        } catch let error as IdentityError {
            if error.code == .unauthenticated { return false }
            throw ProofError(error, at: desk.now)
        } catch {
            throw ProofError(.unavailable, "the host's store does not answer")
        }
    }

    package func account(_ id: String) async throws(ProofError) -> AccountMark? {
        (try? desk.record(id)).map { AccountMark($0) }
    }

    package func account(email: String, tenant: String) async throws(ProofError) -> AccountMark? {
        guard let name = EmailAddress.normalised(email) else { return nil }
        return desk.user(named: name).flatMap { $0.tenant == tenant ? AccountMark($0) : nil }
    }

    package func create(
        email: String, tenant: String, roles: [String], by: String
    ) async throws(ProofError) -> AccountMark {
        do {
            let new = NewAccount(kind: .user, tenant: tenant, name: email, roles: roles)
            return AccountMark(try await desk.add(new, by: Self.host(for: by)))
        } catch {
            throw ProofError(error, at: desk.now)
        }
    }

    package func setRoles(_ roles: [String], of account: String, by: String) async throws(ProofError) {
        do {
            let record = try desk.record(account)
            guard record.roles != roles else { return }
            _ = try await desk.change(record.id, AccountWish(roles: roles), by: Self.host(for: by))
        } catch {
            throw ProofError(error, at: desk.now)
        }
    }

    package func requireRights(over account: String, by caller: Principal) async throws(ProofError) {
        guard let id = RunID(account) else { throw ProofError(.notFound, "there is no account \(account)") }
        do {
            _ = try desk.requireRights(over: id, by: caller)
        } catch {
            throw ProofError(error, at: desk.now)
        }
    }

    package func endSessions(of account: String, by: String) async throws(ProofError) {
        do {
            let record = try desk.record(account)
            let host = Self.host(for: by)
            for session in try await desk.sessions(of: record.id, seenBy: host) {
                try await desk.end(session: session.id, because: "second factors were changed", by: host)
            }
        } catch {
            throw ProofError(error, at: desk.now)
        }
    }

    private func asked(
        _ body: () async throws(IdentityError) -> JSONValue
    ) async throws(ProofError) -> JSONValue {
        do {
            return try await body()
        } catch {
            throw ProofError(error, at: desk.now)
        }
    }
}

extension AccountMark {
    /// Operators belong to no tenant.
    init(_ account: AccountRecord) {
        self.init(id: account.id.description, tenant: account.tenant ?? "", name: account.name)
    }
}

extension FactorDesk: SecondFactors {
    package func methodNames(of account: String) async throws(IdentityError) -> [String] {
        do {
            return try await methods(of: account).map(\.rawValue).sorted()
        } catch {
            throw IdentityError(.storage, error.message)
        }
    }
}

extension IdentityDesk {
    /// An account that may sign in.
    func record(_ id: String) throws(IdentityError) -> AccountRecord {
        guard let id = RunID(id), let account = directory.withLock({ $0.active(id) }) else {
            throw IdentityError(.notFound, "there is no account \(id)")
        }
        return account
    }

    func user(named name: String) -> AccountRecord? {
        directory.withLock { directory in directory.users[name].flatMap { directory.active($0) } }
    }

    func factorMethods(of account: AccountRecord) async throws(IdentityError) -> [String] {
        try await second.withLock { $0 }?.methodNames(of: account.id.description) ?? []
    }
}

extension ProofError {
    init(_ error: IdentityError, at now: Instant) {
        switch error.code {
        case .unauthenticated: self.init(.wrong, error.message)
        case .locked(let until):
            let seconds = Int((until.unixMilliseconds - now.unixMilliseconds + 999) / 1_000)
            self.init(.resting(seconds: max(1, seconds)), error.message)
        case .notFound: self.init(.notFound, error.message)
        case .conflict: self.init(.conflict, error.message)
        case .forbidden: self.init(.forbidden, error.message)
        case .invalid, .mustChangePassword: self.init(.invalid, error.message)
        case .busy: self.init(.tooMany(seconds: 1), error.message)
        case .storage, .full: self.init(.storage, error.message)
        }
    }
}
