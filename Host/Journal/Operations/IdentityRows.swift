import Kernel

extension TenantRecord {
    /// From ``TenantSQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(
            name: row.text(), title: row.text(), isOpen: row.flag(), createdAt: row.instant(), createdBy: row.text())
    }

    var arguments: [SQLValue] {
        [.text(name), .text(title), .flag(isOpen), .instant(createdAt), .text(createdBy)]
    }
}

extension TeamRecord {
    /// From ``TeamSQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(
            tenant: row.text(), name: row.text(), title: row.text(), createdAt: row.instant(), createdBy: row.text())
    }

    var arguments: [SQLValue] {
        [.text(tenant), .text(name), .text(title), .instant(createdAt), .text(createdBy)]
    }
}

extension RoleRecord {
    /// From ``RoleSQL/columns``.
    init(_ row: inout SQLRow) {
        let tenant = row.text(), name = row.text(), summary = row.text(), parents = row.words(), scopes = row.scopes()
        self.init(
            tenant: tenant.isEmpty ? nil : tenant,
            role: Role(name, summary, parents: parents, scopes: scopes), createdAt: row.instant(),
            createdBy: row.text())
    }

    var arguments: [SQLValue] {
        [
            .text(tenant ?? ""), .text(role.name), .text(role.summary), .words(role.parents),
            .words(role.scopes.map(\.description)), .instant(createdAt), .text(createdBy),
        ]
    }
}

extension AccountRecord {
    /// From ``AccountSQL/columns``.
    init(_ row: inout SQLRow) {
        let id = row.runID(), kind = Kind(rawValue: row.text())
        if kind == nil { row.refuse() }
        let tenant = row.optionalText(), name = row.text(), title = row.text(), roles = row.words()
        let teams = row.words(), clearance = row.sensitivity(), isEnabled = row.flag(), version = row.integer()
        let hash = row.optionalText(), changedAt = row.optionalInstant(), mustChange = row.flag()
        if (hash == nil) != (changedAt == nil) || (hash == nil && mustChange) { row.refuse() }
        let password = hash.flatMap { hash in
            changedAt.map { Password(hash: hash, changedAt: $0, mustChange: mustChange) }
        }
        self.init(
            id: id, kind: kind ?? .service, tenant: tenant, name: name, title: title, roles: roles, teams: teams,
            clearance: clearance, isEnabled: isEnabled, version: version, password: password,
            createdAt: row.instant(), createdBy: row.text())
    }

    /// All that can change.
    var changeable: [SQLValue] {
        [
            .text(title), .words(roles), .words(teams), .text(clearance.rawValue), .flag(isEnabled),
            .integer(version), .optional(password?.hash), .optional(password?.changedAt),
            .flag(password?.mustChange ?? false),
        ]
    }

    var arguments: [SQLValue] {
        [.run(id), .text(kind.rawValue), .optional(tenant), .text(name)] + changeable
            + [.instant(createdAt), .text(createdBy)]
    }
}

extension APIKeyRecord {
    /// From ``APIKeySQL/columns``.
    init(_ row: inout SQLRow) {
        let id = row.text(), digest = row.digest(), account = row.runID(), title = row.text()
        self.init(
            id: id, digest: digest, account: account, title: title, scopes: row.optionalScopes(),
            createdAt: row.instant(), createdBy: row.text(), expiresAt: row.optionalInstant(),
            usedAt: row.optionalInstant(), revokedAt: row.optionalInstant())
    }

    var arguments: [SQLValue] {
        [
            .text(id), .digest(digest), .run(account), .text(title),
            scopes.map { .words($0.map(\.description)) } ?? .null, .instant(createdAt), .text(createdBy),
            .optional(expiresAt), .optional(usedAt), .optional(revokedAt),
        ]
    }
}

extension SessionRecord {
    /// From ``SessionSQL/columns``.
    init(_ row: inout SQLRow) {
        let id = row.runID(), account = row.runID(), methods = row.words()
        let client = ClientMark(agent: row.digest(), network: row.text())
        self.init(
            id: id, account: account, methods: methods, client: client, agent: row.text(), createdAt: row.instant(),
            provedAt: row.instant(), generation: row.integer(), refresh: row.digest(), refreshedAt: row.instant(),
            endedAt: row.optionalInstant(), endReason: row.optionalText())
    }

    var arguments: [SQLValue] {
        [
            .run(id), .run(account), .words(methods), .digest(client.agent), .text(client.network), .text(agent),
            .instant(createdAt), .instant(provedAt), .integer(generation), .digest(refresh), .instant(refreshedAt),
            .optional(endedAt), .optional(endReason),
        ]
    }
}

extension SigningKeyRecord {
    /// From ``SigningKeySQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(
            id: row.text(), algorithm: row.text(), publicKey: row.blob(), madeAt: row.instant(),
            activeAt: row.instant(), retiredAt: row.optionalInstant(), withdrawnAt: row.optionalInstant())
    }

    var arguments: [SQLValue] {
        [
            .text(id), .text(algorithm), .blob(publicKey), .instant(madeAt), .instant(activeAt), .optional(retiredAt),
            .optional(withdrawnAt),
        ]
    }
}

extension LockoutRecord {
    /// From ``LockoutSQL/columns``.
    init(_ row: inout SQLRow) {
        self.init(account: row.runID(), failures: row.int(), since: row.instant(), until: row.instant())
    }

    var arguments: [SQLValue] { [.run(account), .int(failures), .instant(since), .instant(until)] }
}

extension SQLValue {
    /// Names without spaces, in one column.
    static func words(_ words: [String]) -> SQLValue { .text(words.joined(separator: " ")) }
}

extension SQLRow {
    mutating func words() -> [String] { text().split(separator: " ").map(String.init) }

    mutating func scopes() -> [Scope] { read(words()) }

    mutating func optionalScopes() -> [Scope]? {
        guard let text = optionalText() else { return nil }
        return read(text.split(separator: " ").map(String.init))
    }

    private mutating func read(_ words: [String]) -> [Scope] {
        let scopes = words.compactMap { Scope($0) }
        if scopes.count != words.count { refuse() }
        return scopes
    }
}
