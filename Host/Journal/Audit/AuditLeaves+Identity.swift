import Kernel

/// Of what lets somebody in, leaves hold digests of digests at most.
extension AuditLeaves {
    static func tenant(_ tenant: TenantRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "tenant.set",
            [
                "tenant": text(tenant.name), "title": text(tenant.title), "open": .bool(tenant.isOpen),
                "created_at_ms": time(tenant.createdAt), "created_by": text(tenant.createdBy),
                "changed_by": by.map(text),
            ])
    }

    static func team(_ team: TeamRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "team.set",
            [
                "tenant": text(team.tenant), "team": text(team.name), "title": text(team.title),
                "created_at_ms": time(team.createdAt), "created_by": text(team.createdBy),
                "changed_by": by.map(text),
            ])
    }

    static func teamRemoved(_ name: String, tenant: String, by: String) -> LeafContent {
        LeafContent("team.removed", ["tenant": text(tenant), "team": text(name), "changed_by": text(by)])
    }

    static func role(_ record: RoleRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "role.set",
            [
                "tenant": text(record.tenant ?? ""), "role": text(record.role.name),
                "summary": digest(Array(record.role.summary.utf8)), "parents": words(record.role.parents),
                "scopes": words(record.role.scopes.map(\.description)), "created_at_ms": time(record.createdAt),
                "created_by": text(record.createdBy), "changed_by": by.map(text),
            ])
    }

    static func roleRemoved(_ name: String, tenant: String?, by: String) -> LeafContent {
        LeafContent("role.removed", ["tenant": text(tenant ?? ""), "role": text(name), "changed_by": text(by)])
    }

    static func account(_ account: AccountRecord, _ change: String, by: String? = nil) -> LeafContent {
        LeafContent(
            "account.\(change)",
            [
                "account": id(account.id), "kind": .string(account.kind.rawValue), "tenant": account.tenant.map(text),
                "name": text(account.name), "title": digest(Array(account.title.utf8)), "roles": words(account.roles),
                "teams": words(account.teams), "clearance": .string(account.clearance.rawValue),
                "enabled": .bool(account.isEnabled), "version": number(account.version),
                "password": account.password.map { digest(Array($0.hash.utf8)) },
                "password_at_ms": account.password.map { time($0.changedAt) },
                "must_change": account.password.map { .bool($0.mustChange) },
                "created_at_ms": time(account.createdAt), "created_by": text(account.createdBy),
                "changed_by": by.map(text),
            ])
    }

    static func apiKey(_ key: APIKeyRecord, _ change: String, by: String? = nil) -> LeafContent {
        LeafContent(
            "apikey.\(change)",
            [
                "apikey": text(key.id), "digest": digest(key.digest.bytes), "account": id(key.account),
                "title": text(key.title), "scopes": key.scopes.map { words($0.map(\.description)) },
                "created_at_ms": time(key.createdAt), "created_by": text(key.createdBy),
                "expires_at_ms": key.expiresAt.map(time), "used_at_ms": key.usedAt.map(time),
                "revoked_at_ms": key.revokedAt.map(time), "changed_by": by.map(text),
            ])
    }

    static func session(_ session: SessionRecord, _ change: String, by: String? = nil) -> LeafContent {
        LeafContent(
            "session.\(change)",
            [
                "session": id(session.id), "account": id(session.account), "methods": words(session.methods),
                "client": hex(session.client.agent), "network": text(session.client.network),
                "agent": digest(Array(session.agent.utf8)), "created_at_ms": time(session.createdAt),
                "proved_at_ms": time(session.provedAt), "generation": number(session.generation),
                "refresh": digest(session.refresh.bytes), "refreshed_at_ms": time(session.refreshedAt),
                "ended_at_ms": session.endedAt.map(time), "why": session.endReason.map(text),
                "changed_by": by.map(text),
            ])
    }

    static func sessionForgotten(_ session: RunID) -> LeafContent {
        LeafContent("session.removed", ["session": id(session)])
    }

    static func signingKey(_ key: SigningKeyRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "signing.set",
            [
                "signing": text(key.id), "algorithm": text(key.algorithm), "public": digest(key.publicKey),
                "made_at_ms": time(key.madeAt), "active_at_ms": time(key.activeAt),
                "retired_at_ms": key.retiredAt.map(time), "withdrawn_at_ms": key.withdrawnAt.map(time),
                "changed_by": by.map(text),
            ])
    }

    static func lockout(_ lockout: LockoutRecord) -> LeafContent {
        LeafContent(
            "lockout.set",
            [
                "lockout": id(lockout.account), "failures": number(Int64(lockout.failures)),
                "since_ms": time(lockout.since), "until_ms": time(lockout.until),
            ])
    }

    static func lockoutRemoved(_ account: RunID, by: String) -> LeafContent {
        LeafContent("lockout.removed", ["lockout": id(account), "changed_by": text(by)])
    }

    /// Many words do not fit: then it is their digest.
    private static func words(_ words: [String]) -> JSONValue { text(words.joined(separator: " ")) }
}
