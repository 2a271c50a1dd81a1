import Kernel

extension SQLReading {
    func accounts(_ view: TenantView) throws(JournalError) -> [AccountRecord] {
        try session.rows(AccountSQL.all, [.optional(view.argument)]) { AccountRecord(&$0) }
    }

    func account(_ id: RunID, _ view: TenantView) throws(JournalError) -> AccountRecord? {
        try session.first(AccountSQL.one, [.optional(view.argument), .run(id)]) { AccountRecord(&$0) }
    }

    func user(named name: String, _ view: TenantView) throws(JournalError) -> AccountRecord? {
        try session.first(AccountSQL.user, [.optional(view.argument), .text(name)]) { AccountRecord(&$0) }
    }

    func service(named name: String, tenant: String?) throws(JournalError) -> AccountRecord? {
        try session.first(AccountSQL.service, [.text(tenant ?? ""), .text(name)]) { AccountRecord(&$0) }
    }

    func sessions(_ view: TenantView, open: Bool) throws(JournalError) -> [SessionRecord] {
        try session.rows(open ? SessionSQL.open : SessionSQL.all, [.optional(view.argument)]) { SessionRecord(&$0) }
    }

    func sessionRecord(_ id: RunID, _ view: TenantView) throws(JournalError) -> SessionRecord? {
        try session.first(SessionSQL.one, [.optional(view.argument), .run(id)]) { SessionRecord(&$0) }
    }
}

// MARK: Accounts

extension SQLTransaction {
    func accountAdd(_ account: AccountRecord, by: String) throws(JournalError) {
        switch account.kind {
        case .user:
            guard EmailAddress.isValid(account.name) else {
                throw JournalError(.invalid, "\"\(account.name)\" is no e-mail address in lower case")
            }
        case .service:
            guard Name.isValid(account.name) else {
                throw JournalError(
                    .invalid,
                    "\"\(account.name)\" is no name for a service: use lower-case letters, digits, '.', '_' and '-'")
            }
        }
        try check(account)
        guard try session.first("SELECT count(*) FROM account", [], { $0.int() }) ?? 0 < Self.maximumIdentityRows else {
            throw JournalError(.invalid, "there are \(Self.maximumIdentityRows) accounts, which is the limit")
        }
        guard try session.execute(AccountSQL.insert, account.arguments) == 1 else {
            throw JournalError(.conflict(current: 1), "there is a \(account.kind.rawValue) \"\(account.name)\" already")
        }
        try appendLeaf(AuditLeaves.account(account, "added", by: by))
    }

    func accountSet(
        _ wanted: AccountRecord, _ change: AccountChange, keeping: RunID?, by: String
    ) throws(JournalError) -> AccountUpdate {
        guard let known = try account(wanted.id, .all) else {
            throw JournalError(.notFound, "there is no account \(wanted.id)")
        }
        var account = wanted
        (account.kind, account.tenant, account.name) = (known.kind, known.tenant, known.name)
        (account.createdAt, account.createdBy) = (known.createdAt, known.createdBy)
        account.version = known.version + (change.endsTokens ? 1 : 0)
        try check(account)
        try session.execute(AccountSQL.set, account.changeable + [.run(account.id)])
        try appendLeaf(AuditLeaves.account(account, change.rawValue, by: by))
        let ended =
            change.endsTokens
            ? try sessionsEnd(of: account.id, except: keeping, because: "account \(change.rawValue)", by: by) : []
        return AccountUpdate(account: account, ended: ended)
    }

    private func check(_ account: AccountRecord) throws(JournalError) {
        try checkTitle(account.title)
        if let tenant = account.tenant { try requireTenant(tenant) }
        let unknown = try roleBook(of: account.tenant).unknown(account.roles)
        guard unknown.isEmpty else {
            throw JournalError(.invalid, "there is no role \"\(unknown[0])\"; see bureau roles list")
        }
        let teams = try account.tenant.map { tenant throws(JournalError) in try self.teams(.one(tenant)).map(\.name) }
        if let team = account.teams.first(where: { !(teams ?? []).contains($0) }) {
            throw JournalError(.invalid, "there is no team \"\(team)\" in the account's tenant")
        }
        guard Set(account.roles).count == account.roles.count, Set(account.teams).count == account.teams.count else {
            throw JournalError(.invalid, "a role or a team is named twice")
        }
    }
}

// MARK: Sessions

extension SQLTransaction {
    private static var maximumOpenSessions: Int { 100 }

    func sessionAdd(_ record: SessionRecord) throws(JournalError) -> [RunID] {
        let open = try session.rows(SessionSQL.openOf, [.run(record.account)]) { $0.runID() }
        // Ids begin with their time: the oldest make room.
        let displaced = Array(open.dropLast(Self.maximumOpenSessions - 1))
        for id in displaced {
            _ = try sessionEnd(id, .all, because: "more than \(Self.maximumOpenSessions) sessions", by: "host")
        }
        guard try session.execute(SessionSQL.insert, record.arguments) == 1 else {
            throw JournalError(.conflict(current: 1), "there is a session \(record.id) already")
        }
        try appendLeaf(AuditLeaves.session(record, "started"))
        return displaced
    }

    func sessionRefresh(_ record: SessionRecord, from generation: Int64) throws(JournalError) {
        let arguments: [SQLValue] = [
            .integer(record.generation), .digest(record.refresh), .instant(record.refreshedAt),
            .digest(record.client.agent), .text(record.client.network), .text(record.agent),
            .instant(record.provedAt), .run(record.id), .integer(generation),
        ]
        guard try session.execute(SessionSQL.refresh, arguments) == 1 else {
            throw JournalError(.conflict(current: 1), "the session moved on, or has ended")
        }
        try logged(record.id, "refreshed")
    }

    func sessionProve(
        _ id: RunID, methods: [String], client: ClientMark, agent: String
    ) throws(JournalError) -> SessionRecord {
        let arguments: [SQLValue] = [
            .words(methods), .instant(now), .digest(client.agent), .text(client.network), .text(agent), .run(id),
        ]
        guard try session.execute(SessionSQL.prove, arguments) == 1 else {
            throw JournalError(.notFound, "there is no open session \(id)")
        }
        return try logged(id, "proved")
    }

    func sessionsEnd(
        of account: RunID, except kept: RunID?, because reason: String, by: String
    ) throws(JournalError) -> [RunID] {
        let open = try session.rows(SessionSQL.openOf, [.run(account)]) { $0.runID() }.filter { $0 != kept }
        for id in open { _ = try sessionEnd(id, .all, because: reason, by: by) }
        return open
    }

    func sessionEnd(
        _ id: RunID, _ view: TenantView, because reason: String, by: String
    ) throws(JournalError) -> SessionRecord {
        guard let record = try sessionRecord(id, view) else {
            throw JournalError(.notFound, "there is no session \(id)")
        }
        guard record.endedAt == nil else { return record }
        try session.execute(SessionSQL.end, [.instant(now), .text(reason), .run(id)])
        return try logged(id, "ended", by: by)
    }

    func sessionsForget(before horizon: Instant, limit: Int) throws(JournalError) -> Int {
        let old = try session.rows(SessionSQL.old, [.instant(horizon), .int(max(0, limit))]) { $0.runID() }
        for id in old {
            try session.execute(SessionSQL.remove, [.run(id)])
            try appendLeaf(AuditLeaves.sessionForgotten(id))
        }
        return old.count
    }

    @discardableResult
    private func logged(_ id: RunID, _ change: String, by: String? = nil) throws(JournalError) -> SessionRecord {
        guard let record = try sessionRecord(id, .all) else {
            throw JournalError(.storage, "the store kept no session \(id)")
        }
        try appendLeaf(AuditLeaves.session(record, change, by: by))
        return record
    }
}
