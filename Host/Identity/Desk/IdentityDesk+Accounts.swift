package import Journal
package import Kernel
import Synchronization

/// An account to be made.
package struct NewAccount: Sendable {
    package var kind: AccountRecord.Kind
    package var tenant: String?
    package var name: String
    package var title: String
    package var roles: [String]
    package var teams: [String]
    package var clearance: Sensitivity
    /// Of a user; nil: nobody gets in by password.
    package var password: String?
    package var mustChange: Bool

    package init(
        kind: AccountRecord.Kind, tenant: String?, name: String, title: String = "", roles: [String],
        teams: [String] = [], clearance: Sensitivity = .usual, password: String? = nil, mustChange: Bool = false
    ) {
        self.kind = kind
        self.tenant = tenant
        self.name = name
        self.title = title
        self.roles = roles
        self.teams = teams
        self.clearance = clearance
        self.password = password
        self.mustChange = mustChange
    }
}

/// What can be changed of one; nil: it stays.
package struct AccountWish: Sendable {
    package var title: String?
    package var roles: [String]?
    package var teams: [String]?
    package var clearance: Sensitivity?
    package var isEnabled: Bool?

    package init(
        title: String? = nil, roles: [String]? = nil, teams: [String]? = nil, clearance: Sensitivity? = nil,
        isEnabled: Bool? = nil
    ) {
        self.title = title
        self.roles = roles
        self.teams = teams
        self.clearance = clearance
        self.isEnabled = isEnabled
    }
}

extension IdentityDesk {
    // MARK: Accounts

    package func add(_ new: NewAccount, by caller: Principal) async throws(IdentityError) -> AccountRecord {
        if let tenant = caller.tenant, new.tenant != tenant {
            throw IdentityError(.forbidden, "an account that you make belongs to your tenant")
        }
        try requireMayGive(new.roles, new.clearance, tenant: new.tenant, caller)
        try requireMayGive(teams: new.teams, caller)
        let name = new.kind == .user ? EmailAddress.normalised(new.name) ?? new.name : new.name
        var record = AccountRecord(
            id: newID(), kind: new.kind, tenant: new.tenant, name: name, title: new.title, roles: new.roles,
            teams: new.teams, clearance: new.clearance, createdAt: clock(), createdBy: caller.name)
        if let password = new.password {
            guard new.kind == .user else { throw IdentityError(.invalid, "a service has keys, no password") }
            let hash = try await passwords.hash(try checked(password, names: [name, new.title]))
            record.password = .init(hash: hash, changedAt: clock(), mustChange: new.mustChange)
        }
        let made = record
        try await change { journal throws(JournalError) -> Void in
            try journal.accountAdd(made, by: caller.name)
        } then: { directory, _ in
            directory.put(made)
        }
        return made
    }

    /// One commit for each thing that changes, each with a leaf of its own. What takes rights away ends all sessions
    /// and tokens of the account.
    package func change(
        _ id: RunID, _ wish: AccountWish, by caller: Principal
    ) async throws(IdentityError) -> AccountRecord {
        let known = try requireRights(over: id, by: caller)
        if let roles = wish.roles {
            try requireMayGive(roles, wish.clearance ?? .public, tenant: known.tenant, caller)
        } else if let clearance = wish.clearance {
            try requireMayGive([], clearance, tenant: known.tenant, caller)
        }
        try requireMayGive(teams: (wish.teams ?? []).filter { !known.teams.contains($0) }, caller)
        guard wish.isEnabled != false || known.id.description != caller.id else {
            throw IdentityError(.conflict, "nobody switches themselves off")
        }
        let update = try await change { journal throws(JournalError) -> AccountUpdate in
            guard var account = try journal.account(id, .all) else {
                throw JournalError(.notFound, "there is no account \(id)")
            }
            var ended: [RunID] = []
            func set(_ change: AccountChange, _ edit: (inout AccountRecord) -> Void) throws(JournalError) {
                var next = account
                edit(&next)
                guard next != account else { return }
                let update = try journal.accountSet(next, change, keeping: nil, by: caller.name)
                account = update.account
                ended += update.ended
            }
            if let title = wish.title { try set(.titled) { $0.title = title } }
            if let roles = wish.roles { try set(.roled) { $0.roles = roles } }
            if let teams = wish.teams { try set(.teamed) { $0.teams = teams } }
            if let clearance = wish.clearance { try set(.cleared) { $0.clearance = clearance } }
            if let isEnabled = wish.isEnabled {
                try set(isEnabled ? .enabled : .disabled) { $0.isEnabled = isEnabled }
            }
            return AccountUpdate(account: account, ended: ended)
        } then: { directory, update in
            directory.put(update)
        }
        return update.account
    }

    private func requireMayGive(
        _ roles: [String], _ clearance: Sensitivity, tenant: String?, _ caller: Principal
    ) throws(IdentityError) {
        let scopes = directory.withLock { $0.book(of: tenant).scopes(of: roles) }
        try requireCovers(caller, scopes)
        guard clearance <= caller.clearance else {
            throw IdentityError(
                .forbidden, "you may not see \(clearance.rawValue) data: nobody gives more than they have")
        }
    }

    /// A team gives sight of what its people do.
    private func requireMayGive(teams: [String], _ caller: Principal) throws(IdentityError) {
        guard caller.reach(.teams, .write) != .tenant else { return }
        if let beyond = teams.first(where: { !caller.teams.contains($0) }) {
            throw IdentityError(
                .forbidden, "you are not in the team \"\(beyond)\": giving teams of others needs teams.write")
        }
    }

    // MARK: Passwords

    /// The caller's own, by the old one.
    package func changePassword(
        _ old: String, to new: String, by caller: Principal, client: Client
    ) async throws(IdentityError) {
        guard let id = RunID(caller.id), let account = directory.withLock({ $0.active(id) }), account.kind == .user
        else { throw IdentityError(.forbidden, "only a user has a password") }
        _ = try await proved(name: account.name, password: old, client: client)
        var kept: RunID?
        if case .session(let session) = caller.credential { kept = RunID(session) }
        _ = try await setPassword(of: account, to: new, mustChange: false, keeping: kept, by: caller.name)
    }

    /// Somebody else's: a new one that is good for one sign-in.
    ///
    /// - Parameter password: nil: a random one.
    /// - Returns: the password.
    package func resetPassword(
        of id: RunID, to password: String?, by caller: Principal
    ) async throws(IdentityError) -> String {
        let account = try requireRights(over: id, by: caller)
        guard account.kind == .user else { throw IdentityError(.invalid, "a service has keys, no password") }
        let text = password ?? UnpaddedBase64.encode(RandomBytes.make(15))
        _ = try await setPassword(
            of: account, to: text, mustChange: password == nil, keeping: nil, by: caller.name)
        _ = try await unlock(id, by: caller)
        return text
    }

    func setPassword(
        of account: AccountRecord, to password: String, mustChange: Bool, keeping: RunID?, by: String
    ) async throws(IdentityError) -> AccountRecord {
        let normal = try checked(password, names: [account.name, account.title])
        if !mustChange, let old = account.password?.hash, try await passwords.verify(normal, old) {
            throw IdentityError(.invalid, "this is the password before; choose another")
        }
        let hash = try await passwords.hash(normal), id = account.id, now = clock()
        let update = try await change { journal throws(JournalError) -> AccountUpdate in
            guard var current = try journal.account(id, .all) else {
                throw JournalError(.notFound, "there is no account \(id)")
            }
            current.password = .init(hash: hash, changedAt: now, mustChange: mustChange)
            return try journal.accountSet(current, .rekeyed, keeping: keeping, by: by)
        } then: { directory, update in
            directory.put(update)
        }
        return update.account
    }

    private func checked(_ password: String, names: [String]) throws(IdentityError) -> String {
        guard let normal = Bcrypt.normalised(password) else {
            throw IdentityError(.invalid, PasswordPolicy.Problem.long.description + ", and no NUL in it")
        }
        if let problem = settings.passwords.problem(normal, names: names) {
            throw IdentityError(.invalid, problem.description)
        }
        return normal
    }

    package func unlock(_ id: RunID, by caller: Principal) async throws(IdentityError) -> Bool {
        let account = try requireRights(over: id, by: caller)
        let wasStored = try await journal.change { journal throws(JournalError) in
            try journal.lockoutRemove(id, by: caller.name)
        }
        attempts.forget(prefix: Self.key(name: account.name))
        return wasStored
    }

    /// Until when nobody gets into an account, from wherever; nil: it is not locked.
    package func lockedUntil(_ account: AccountRecord) -> Instant? {
        attempts.isLocked(Self.key(name: account.name), settings.accountLockoutAnywhere, at: clock())
    }

    // MARK: Who there is

    package func accounts(seenBy caller: Principal) async throws(IdentityError) -> [AccountRecord] {
        let view = TenantView(caller.tenant)
        return try await journal.ask { journal throws(JournalError) in try journal.accounts(view) }
    }

    package func account(_ id: RunID, seenBy caller: Principal) async throws(IdentityError) -> AccountRecord {
        let view = TenantView(caller.tenant)
        let found = try await journal.ask { journal throws(JournalError) in try journal.account(id, view) }
        guard let found else { throw IdentityError(.notFound, "there is no account \(id)") }
        return found
    }

    package func user(named name: String, seenBy caller: Principal) async throws(IdentityError) -> AccountRecord {
        let view = TenantView(caller.tenant), name = EmailAddress.normalised(name) ?? name
        let found = try await journal.ask { journal throws(JournalError) in try journal.user(named: name, view) }
        guard let found else { throw IdentityError(.notFound, "there is no user \"\(name)\"") }
        return found
    }

    package func scopes(of account: AccountRecord) -> Set<Scope> {
        directory.withLock { $0.rights(of: account).scopes }
    }

    // MARK: Tenants, teams, roles

    /// Something that many rights may hang on: done, then read anew.
    package func changeShared<Value: Sendable>(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Value
    ) async throws(IdentityError) -> Value {
        let changed = try await change { journal throws(JournalError) -> (Value, Directory) in
            let value = try body(journal)
            return (value, try Directory.read(journal))
        } then: { directory, changed in
            directory = changed.1
        }
        return changed.0
    }

    package func set(_ role: Role, tenant: String?, by caller: Principal) async throws(IdentityError) -> RoleRecord {
        if let own = caller.tenant, tenant != own {
            throw IdentityError(.forbidden, "a role that you make belongs to your tenant")
        }
        let parents = directory.withLock { $0.book(of: tenant).scopes(of: role.parents) }
        try requireCovers(caller, parents.union(role.scopes))
        let record = RoleRecord(tenant: tenant, role: role, createdAt: clock(), createdBy: caller.name)
        // Who has the role already gets what it gives from now on: that too is giving.
        return try await changeShared { journal throws(JournalError) in
            try journal.roleSet(record, by: caller.name)
            return try journal.roles(TenantView(tenant)).first { $0.role.name == role.name } ?? record
        }
    }

    package func removeRole(_ name: String, tenant: String?, by caller: Principal) async throws(IdentityError) {
        try await changeShared { journal throws(JournalError) in
            try journal.roleRemove(name, tenant: tenant, by: caller.name)
        }
    }
}
