import Identity
package import Journal
package import Kernel

extension AccountRecord {
    package func json(scopes: Set<Scope>? = nil, lockedUntil: Instant? = nil) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id.description), "kind": .string(kind.rawValue), "name": .string(name),
            "title": .string(title), "roles": .array(roles.map { .string($0) }),
            "teams": .array(teams.map { .string($0) }), "clearance": .string(clearance.rawValue),
            "enabled": .bool(isEnabled), "created_at": .string(createdAt.timestamp), "created_by": .string(createdBy),
            "tenant": tenant.map { .string($0) } ?? .null,
        ]
        if kind == .user {
            members["email"] = .string(name)
            members["has_password"] = .bool(password != nil)
            members["must_change_password"] = .bool(password?.mustChange ?? false)
            members["password_changed_at"] = password.map { .string($0.changedAt.timestamp) }
        }
        members["scopes"] = scopes.map { .array($0.map(\.description).sorted().map { .string($0) }) }
        members["locked_until"] = lockedUntil.map { .string($0.timestamp) }
        return .object(members)
    }
}

extension TenantRecord {
    package var json: JSONValue {
        [
            "name": .string(name), "title": .string(title), "open": .bool(isOpen),
            "created_at": .string(createdAt.timestamp), "created_by": .string(createdBy),
        ]
    }
}

extension TeamRecord {
    package func json(members: [String]) -> JSONValue {
        [
            "name": .string(name), "tenant": .string(tenant), "title": .string(title),
            "members": .array(members.map { .string($0) }), "created_at": .string(createdAt.timestamp),
            "created_by": .string(createdBy),
        ]
    }
}

extension Role {
    /// - Parameter record: nil for one that comes with the program.
    package func json(_ record: RoleRecord?) -> JSONValue {
        var members: [String: JSONValue] = [
            "name": .string(name), "summary": .string(summary), "parents": .array(parents.map { .string($0) }),
            "scopes": .array(scopes.map { .string($0.description) }), "preset": .bool(record == nil),
        ]
        members["tenant"] = record?.tenant.map { .string($0) }
        return .object(members)
    }
}

extension APIKeyRecord {
    package func json(owner: String?) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id), "prefix": .string("bureau_\(id)_"), "account": .string(account.description),
            "title": .string(title), "created_at": .string(createdAt.timestamp), "created_by": .string(createdBy),
            "valid": .bool(revokedAt == nil),
        ]
        members["owner"] = owner.map { .string($0) }
        members["scopes"] = scopes.map { .array($0.map { .string($0.description) }) }
        members["expires_at"] = expiresAt.map { .string($0.timestamp) }
        members["last_used_at"] = usedAt.map { .string($0.timestamp) }
        members["revoked_at"] = revokedAt.map { .string($0.timestamp) }
        return .object(members)
    }
}

extension SessionRecord {
    package func json(owner: String?, isCurrent: Bool, until: Instant) -> JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id.description), "account": .string(account.description),
            "methods": .array(methods.map { .string($0) }), "client": .string(agent),
            "network": .string(client.network), "started_at": .string(createdAt.timestamp),
            "refreshed_at": .string(refreshedAt.timestamp), "expires_at": .string(until.timestamp),
            "current": .bool(isCurrent),
        ]
        members["owner"] = owner.map { .string($0) }
        return .object(members)
    }
}

extension SigningKeyRecord {
    package func json(at now: Instant) -> JSONValue {
        var members: [String: JSONValue] = [
            "kid": .string(id), "algorithm": .string(algorithm), "made_at": .string(madeAt.timestamp),
            "active_at": .string(activeAt.timestamp),
            "age_days": .integer((now.unixMilliseconds - madeAt.unixMilliseconds) / 86_400_000),
            "state": .string(state(at: now)),
        ]
        members["retired_at"] = retiredAt.map { .string($0.timestamp) }
        members["withdrawn_at"] = withdrawnAt.map { .string($0.timestamp) }
        return .object(members)
    }

    package func state(at now: Instant) -> String {
        if withdrawnAt != nil { return "withdrawn" }
        if now < activeAt { return "published" }
        return retiredAt.map { $0 <= now } == true ? "retired" : "active"
    }
}
