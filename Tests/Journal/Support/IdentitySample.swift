import Journal
import Kernel

/// One of everything that is known of who there is.
enum IdentitySample {
    static let leafTypes: Set<String> = [
        "tenant.set", "team.set", "team.removed", "role.set", "role.removed", "account.added", "account.roled",
        "account.rekeyed", "account.teamed", "apikey.added", "apikey.used", "apikey.revoked", "session.started",
        "session.refreshed", "session.ended", "session.removed", "signing.set", "lockout.set", "lockout.removed",
    ]

    static func account(
        _ name: String = "ada@example.org", kind: AccountRecord.Kind = .user, tenant: String? = "acme",
        roles: [String] = ["developer"], teams: [String] = [], at now: Instant
    ) -> AccountRecord {
        AccountRecord(
            id: .sample(), kind: kind, tenant: tenant, name: name, title: "Ada", roles: roles, teams: teams,
            password: .init(hash: "$2b$04$x", changedAt: now), createdAt: now, createdBy: "ana")
    }

    static func session(_ account: AccountRecord, at now: Instant) -> SessionRecord {
        SessionRecord(
            id: .sample(), account: account.id, methods: ["pwd"],
            client: ClientMark(userAgent: "curl/8", address: "192.0.2.7"), agent: "curl/8", createdAt: now,
            provedAt: now, refresh: Digest.sha256([1]), refreshedAt: now)
    }

    static func key(_ account: AccountRecord, _ id: String, at now: Instant) -> APIKeyRecord {
        APIKeyRecord(
            id: id, digest: Digest.sha256(id.utf8), account: account.id, title: "ci", scopes: [.everything],
            createdAt: now, createdBy: "ana", expiresAt: now.advanced(byMilliseconds: 60_000))
    }

    static func fill(_ store: TestStore) async throws {
        try await store.journal.write { tx throws(JournalError) in
            let now = tx.now
            try tx.tenantSet(TenantRecord(name: "acme", title: "Acme", createdAt: now, createdBy: "ana"), by: "ana")
            for name in ["one", "two"] {
                try tx.teamSet(
                    TeamRecord(tenant: "acme", name: name, title: "t", createdAt: now, createdBy: "ana"), by: "ana")
                try tx.roleSet(
                    RoleRecord(
                        tenant: "acme", role: Role(name, "r", parents: ["user"], scopes: [.everything]), createdAt: now,
                        createdBy: "ana"), by: "ana")
            }
            let account = account(roles: ["developer", "one"], teams: ["one", "two"], at: now)
            try tx.accountAdd(account, by: "ana")
            try tx.teamRemove("two", tenant: "acme", by: "ana")
            try tx.roleRemove("two", tenant: "acme", by: "ana")
            try fillGiven(tx, account)
        }
    }

    private static func fillGiven(_ tx: any JournalTransaction, _ account: AccountRecord) throws(JournalError) {
        let now = tx.now
        var changed = account
        changed.teams = ["one"]
        changed.roles = ["one"]
        _ = try tx.accountSet(changed, .roled, keeping: nil, by: "ana")
        changed.password = .init(hash: "$2b$04$y", changedAt: now, mustChange: true)
        _ = try tx.accountSet(changed, .rekeyed, keeping: nil, by: "ana")
        for id in ["k1", "k2"] { try tx.apiKeyAdd(key(account, id, at: now), by: "ana") }
        for id in ["k1", "k2"] { try tx.apiKeyNoteUse(id) }
        _ = try tx.apiKeyRevoke("k2", .all, by: "ana")
        var old = session(account, at: now)
        old.createdAt = Instant(unixMilliseconds: 1)
        try tx.sessionAdd(old)
        _ = try tx.sessionsForget(before: Instant(unixMilliseconds: 2), limit: 5)
        var open = session(account, at: now)
        try tx.sessionAdd(open)
        open.generation = 1
        open.refresh = Digest.sha256([2])
        try tx.sessionRefresh(open, from: 0)
        let other = session(account, at: now)
        try tx.sessionAdd(other)
        _ = try tx.sessionEnd(other.id, .all, because: "signed out", by: "ada")
        for (number, id) in ["a", "b"].enumerated() {
            try tx.signingKeySet(
                SigningKeyRecord(
                    id: id, algorithm: "EdDSA", publicKey: [UInt8(number)], madeAt: now, activeAt: now,
                    retiredAt: number == 0 ? now : nil, withdrawnAt: number == 0 ? now : nil), by: "ana")
        }
        try tx.lockoutSet(LockoutRecord(account: account.id, failures: 5, since: now, until: now))
        try tx.lockoutSet(LockoutRecord(account: .sample(), failures: 5, since: now, until: now))
        let gone = try tx.lockouts(.all)[1]
        _ = try tx.lockoutRemove(gone.account, by: "ana")
    }
}
