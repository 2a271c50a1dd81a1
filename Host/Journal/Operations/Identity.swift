import Kernel

extension SQLReading {
    func tenants(_ view: TenantView) throws(JournalError) -> [TenantRecord] {
        try session.rows(TenantSQL.all, [.optional(view.argument)]) { TenantRecord(&$0) }
    }

    func teams(_ view: TenantView) throws(JournalError) -> [TeamRecord] {
        try session.rows(TeamSQL.all, [.optional(view.argument)]) { TeamRecord(&$0) }
    }

    func roles(_ view: TenantView) throws(JournalError) -> [RoleRecord] {
        try session.rows(RoleSQL.all, [.optional(view.argument)]) { RoleRecord(&$0) }
    }

    func apiKeys(_ view: TenantView) throws(JournalError) -> [APIKeyRecord] {
        try session.rows(APIKeySQL.all, [.optional(view.argument)]) { APIKeyRecord(&$0) }
    }

    func apiKey(_ id: String, _ view: TenantView) throws(JournalError) -> APIKeyRecord? {
        try session.first(APIKeySQL.one, [.optional(view.argument), .text(id)]) { APIKeyRecord(&$0) }
    }

    func signingKeys() throws(JournalError) -> [SigningKeyRecord] {
        try session.rows(SigningKeySQL.all) { SigningKeyRecord(&$0) }
    }

    func lockouts(_ view: TenantView) throws(JournalError) -> [LockoutRecord] {
        try session.rows(LockoutSQL.all, [.optional(view.argument)]) { LockoutRecord(&$0) }
    }

    /// The roles that accounts of a tenant can have.
    func roleBook(of tenant: String?) throws(JournalError) -> RoleBook {
        // Of operators: those of all tenants.
        RoleBook(try roles(.one(tenant ?? "")).filter { $0.tenant == nil || $0.tenant == tenant }.map(\.role))
    }
}

// MARK: Tenants, teams, roles

extension SQLTransaction {
    private static var maximumTitleBytes: Int { 200 }
    static var maximumIdentityRows: Int { 100_000 }

    func tenantSet(_ tenant: TenantRecord, by: String) throws(JournalError) {
        try checkName(tenant.name, "tenant")
        try checkTitle(tenant.title)
        var stored = tenant
        if let known = try tenants(.one(tenant.name)).first {
            (stored.createdAt, stored.createdBy) = (known.createdAt, known.createdBy)
        }
        try session.execute(TenantSQL.set, stored.arguments)
        try appendLeaf(AuditLeaves.tenant(stored, by: by))
    }

    func teamSet(_ team: TeamRecord, by: String) throws(JournalError) {
        try checkName(team.name, "team")
        try checkTitle(team.title)
        try requireTenant(team.tenant)
        var stored = team
        if let known = try teams(.one(team.tenant)).first(where: { $0.name == team.name }) {
            (stored.createdAt, stored.createdBy) = (known.createdAt, known.createdBy)
        }
        try session.execute(TeamSQL.set, stored.arguments)
        try appendLeaf(AuditLeaves.team(stored, by: by))
    }

    func teamRemove(_ name: String, tenant: String, by: String) throws(JournalError) {
        guard try teams(.one(tenant)).contains(where: { $0.name == name }) else {
            throw JournalError(.notFound, "there is no team \"\(name)\"")
        }
        for var account in try accounts(.one(tenant)) where account.teams.contains(name) {
            account.teams.removeAll { $0 == name }
            _ = try accountSet(account, .teamed, keeping: nil, by: by)
        }
        try session.execute(TeamSQL.remove, [.text(tenant), .text(name)])
        try appendLeaf(AuditLeaves.teamRemoved(name, tenant: tenant, by: by))
    }

    func roleSet(_ record: RoleRecord, by: String) throws(JournalError) {
        if let tenant = record.tenant { try requireTenant(tenant) }
        try checkTitle(record.role.summary)
        if let problem = try roleBook(of: record.tenant).problem(with: record.role) {
            throw JournalError(.invalid, problem)
        }
        let known = try roles(.all).filter { $0.role.name == record.role.name }
        // One name, one meaning: a tenant's role could hide that of all tenants, or the other way round.
        let isAmbiguous = known.contains { ($0.tenant == nil) != (record.tenant == nil) }
        guard !isAmbiguous else {
            throw JournalError(.conflict(current: 1), "\"\(record.role.name)\" is a role of another kind already")
        }
        var stored = record
        if let same = known.first(where: { $0.tenant == record.tenant }) {
            (stored.createdAt, stored.createdBy) = (same.createdAt, same.createdBy)
        }
        try session.execute(RoleSQL.set, stored.arguments)
        try appendLeaf(AuditLeaves.role(stored, by: by))
    }

    func roleRemove(_ name: String, tenant: String?, by: String) throws(JournalError) {
        guard try roles(.all).contains(where: { $0.tenant == tenant && $0.role.name == name }) else {
            throw JournalError(.notFound, "there is no role \"\(name)\" that can be removed")
        }
        let holders = try accounts(TenantView(tenant)).filter { $0.roles.contains(name) }
        let children = try roles(TenantView(tenant)).filter { $0.role.parents.contains(name) }
        guard holders.isEmpty, children.isEmpty else {
            let names = (holders.map(\.name) + children.map { "role \($0.role.name)" }).prefix(5)
            throw JournalError(
                .conflict(current: UInt64(holders.count + children.count)),
                "\"\(name)\" is still used by \(names.joined(separator: ", "))")
        }
        try session.execute(RoleSQL.remove, [.text(tenant ?? ""), .text(name)])
        try appendLeaf(AuditLeaves.roleRemoved(name, tenant: tenant, by: by))
    }

    func checkTitle(_ title: String) throws(JournalError) {
        let isPlain = !title.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard isPlain, title.utf8.count <= Self.maximumTitleBytes else {
            throw JournalError(.invalid, "a title is one line of at most \(Self.maximumTitleBytes) bytes")
        }
    }

    private func checkName(_ name: String, _ kind: String) throws(JournalError) {
        guard Name.isValid(name) else {
            throw JournalError(
                .invalid,
                "\"\(name)\" is no name for a \(kind): use lower-case letters, digits, '.', '_' and '-'")
        }
    }

    func requireTenant(_ name: String) throws(JournalError) {
        guard try tenants(.one(name)).first != nil else {
            throw JournalError(.invalid, "there is no tenant \"\(name)\": add it first (bureau tenants add \(name))")
        }
    }
}

// MARK: Keys

extension SQLTransaction {
    func apiKeyAdd(_ key: APIKeyRecord, by: String) throws(JournalError) {
        guard let account = try self.account(key.account, .all) else {
            throw JournalError(.notFound, "there is no account \(key.account)")
        }
        try checkTitle(key.title)
        guard try apiKeys(.all).count(where: { $0.account == account.id && $0.isValid(at: now) }) < 100 else {
            throw JournalError(.invalid, "\(account.name) has 100 API keys, which is the limit; revoke one")
        }
        guard try session.execute(APIKeySQL.insert, key.arguments) == 1 else {
            throw JournalError(.conflict(current: 1), "there is a key \(key.id) already")
        }
        try appendLeaf(AuditLeaves.apiKey(key, "added", by: by))
    }

    func apiKeyRevoke(_ id: String, _ view: TenantView, by: String) throws(JournalError) -> APIKeyRecord {
        guard var key = try apiKey(id, view) else { throw JournalError(.notFound, "there is no API key \(id)") }
        guard key.revokedAt == nil else { return key }
        key.revokedAt = now
        try session.execute(APIKeySQL.revoke, [.instant(now), .text(id)])
        try appendLeaf(AuditLeaves.apiKey(key, "revoked", by: by))
        return key
    }

    func apiKeyNoteUse(_ id: String) throws(JournalError) {
        guard var key = try apiKey(id, .all), key.revokedAt == nil else { return }
        key.usedAt = now
        try session.execute(APIKeySQL.noteUse, [.instant(now), .text(id)])
        try appendLeaf(AuditLeaves.apiKey(key, "used"))
    }

    func signingKeySet(_ key: SigningKeyRecord, by: String) throws(JournalError) {
        try session.execute(SigningKeySQL.set, key.arguments)
        try appendLeaf(AuditLeaves.signingKey(key, by: by))
    }

    func lockoutSet(_ lockout: LockoutRecord) throws(JournalError) {
        try session.execute(LockoutSQL.set, lockout.arguments)
        try appendLeaf(AuditLeaves.lockout(lockout))
    }

    func lockoutRemove(_ account: RunID, by: String) throws(JournalError) -> Bool {
        guard try session.execute(LockoutSQL.remove, [.run(account)]) == 1 else { return false }
        try appendLeaf(AuditLeaves.lockoutRemoved(account, by: by))
        return true
    }
}
