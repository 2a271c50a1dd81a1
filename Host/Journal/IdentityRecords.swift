package import Kernel

/// A company, or a part of one, whose data nobody else sees.
package struct TenantRecord: Hashable, Sendable {
    package var name: String
    package var title: String
    /// Nobody of a tenant that is closed can do anything.
    package var isOpen: Bool
    package var createdAt: Instant
    package var createdBy: String

    package init(name: String, title: String, isOpen: Bool = true, createdAt: Instant, createdBy: String) {
        self.name = name
        self.title = title
        self.isOpen = isOpen
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

package struct TeamRecord: Hashable, Sendable {
    package var tenant: String
    package var name: String
    package var title: String
    package var createdAt: Instant
    package var createdBy: String

    package init(tenant: String, name: String, title: String, createdAt: Instant, createdBy: String) {
        self.tenant = tenant
        self.name = name
        self.title = title
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// A role of a tenant, or of all of them.
package struct RoleRecord: Hashable, Sendable {
    /// Nil: every tenant has it.
    package var tenant: String?
    package var role: Role
    package var createdAt: Instant
    package var createdBy: String

    package init(tenant: String?, role: Role, createdAt: Instant, createdBy: String) {
        self.tenant = tenant
        self.role = role
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// Somebody, or a program that acts for itself.
package struct AccountRecord: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case user, service }

    package struct Password: Hashable, Sendable {
        /// As libcrypt writes it: `$2b$12$…`.
        package var hash: String
        package var changedAt: Instant
        /// It was given by somebody else: good for nothing but to set another.
        package var mustChange: Bool

        package init(hash: String, changedAt: Instant, mustChange: Bool = false) {
            self.hash = hash
            self.changedAt = changedAt
            self.mustChange = mustChange
        }
    }

    /// Never changes, and tells nothing.
    package var id: RunID
    package var kind: Kind
    /// Nil: an operator's, over all tenants.
    package var tenant: String?
    /// Of a user the e-mail address in lower case, unique in the store; of a service a name, unique in its tenant.
    package var name: String
    package var title: String
    package var roles: [String]
    package var teams: [String]
    package var clearance: Sensitivity
    package var isEnabled: Bool
    /// Grows with everything that ends what was given out before: tokens carry it.
    package var version: Int64
    /// Nil: nobody gets in by password.
    package var password: Password?
    package var createdAt: Instant
    package var createdBy: String

    package init(
        id: RunID, kind: Kind, tenant: String?, name: String, title: String = "", roles: [String],
        teams: [String] = [], clearance: Sensitivity = .usual, isEnabled: Bool = true, version: Int64 = 1,
        password: Password? = nil, createdAt: Instant, createdBy: String
    ) {
        self.id = id
        self.kind = kind
        self.tenant = tenant
        self.name = name
        self.title = title
        self.roles = roles
        self.teams = teams
        self.clearance = clearance
        self.isEnabled = isEnabled
        self.version = version
        self.password = password
        self.createdAt = createdAt
        self.createdBy = createdBy
    }
}

/// What is kept of an API key: enough to know it again, not to use it.
package struct APIKeyRecord: Hashable, Sendable {
    /// Stands in the key, and is shown.
    package var id: String
    /// SHA-256 of the key.
    package var digest: Digest
    package var account: RunID
    package var title: String
    /// Nil: all that its account may.
    package var scopes: [Scope]?
    package var createdAt: Instant
    package var createdBy: String
    package var expiresAt: Instant?
    /// Within an hour.
    package var usedAt: Instant?
    package var revokedAt: Instant?

    package init(
        id: String, digest: Digest, account: RunID, title: String, scopes: [Scope]?, createdAt: Instant,
        createdBy: String, expiresAt: Instant?, usedAt: Instant? = nil, revokedAt: Instant? = nil
    ) {
        self.id = id
        self.digest = digest
        self.account = account
        self.title = title
        self.scopes = scopes
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.usedAt = usedAt
        self.revokedAt = revokedAt
    }

    package func isValid(at now: Instant) -> Bool {
        revokedAt == nil && (expiresAt.map { now < $0 } ?? true)
    }
}

/// A sign-in, with its family of refresh tokens.
package struct SessionRecord: Hashable, Sendable {
    package var id: RunID
    package var account: RunID
    /// How whoever it is proved to be it: `pwd`, `otp`, `hwk`, … of RFC 8176.
    package var methods: [String]
    package var client: ClientMark
    /// What the client calls itself, shortened: for the list of one's sessions.
    package var agent: String
    package var createdAt: Instant
    /// When a factor was last shown.
    package var provedAt: Instant
    /// Counts refreshes.
    package var generation: Int64
    /// SHA-256 of the refresh token of this generation.
    package var refresh: Digest
    package var refreshedAt: Instant
    package var endedAt: Instant?
    package var endReason: String?

    package init(
        id: RunID, account: RunID, methods: [String], client: ClientMark, agent: String, createdAt: Instant,
        provedAt: Instant, generation: Int64 = 0, refresh: Digest, refreshedAt: Instant, endedAt: Instant? = nil,
        endReason: String? = nil
    ) {
        self.id = id
        self.account = account
        self.methods = methods
        self.client = client
        self.agent = agent
        self.createdAt = createdAt
        self.provedAt = provedAt
        self.generation = generation
        self.refresh = refresh
        self.refreshedAt = refreshedAt
        self.endedAt = endedAt
        self.endReason = endReason
    }
}

/// A key that signs tokens, but for its private part, which stands in a file outside the store.
package struct SigningKeyRecord: Hashable, Sendable {
    package var id: String
    package var algorithm: String
    /// Of a shared secret: nothing.
    package var publicKey: [UInt8]
    package var madeAt: Instant
    /// It signs from here on; it is published before.
    package var activeAt: Instant
    /// Another signs from here on; what this one signed is good until it expires.
    package var retiredAt: Instant?
    /// Nothing that it signed is good any more.
    package var withdrawnAt: Instant?

    package init(
        id: String, algorithm: String, publicKey: [UInt8], madeAt: Instant, activeAt: Instant,
        retiredAt: Instant? = nil, withdrawnAt: Instant? = nil
    ) {
        self.id = id
        self.algorithm = algorithm
        self.publicKey = publicKey
        self.madeAt = madeAt
        self.activeAt = activeAt
        self.retiredAt = retiredAt
        self.withdrawnAt = withdrawnAt
    }
}

/// An account that nobody gets into for a while.
package struct LockoutRecord: Hashable, Sendable {
    package var account: RunID
    package var failures: Int
    package var since: Instant
    package var until: Instant

    package init(account: RunID, failures: Int, since: Instant, until: Instant) {
        self.account = account
        self.failures = failures
        self.since = since
        self.until = until
    }
}

/// Whose accounts are asked for. There is no way to ask without saying it.
package enum TenantView: Hashable, Sendable {
    /// An operator's.
    case all
    case one(String)

    package init(_ tenant: String?) { self = tenant.map(TenantView.one) ?? .all }

    /// Whether something of that tenant exists here; nil: something of the operators.
    package func shows(_ tenant: String?) -> Bool {
        switch self {
        case .all: true
        case .one(let name): tenant == name
        }
    }

    var argument: String? { if case .one(let name) = self { name } else { nil } }
}

/// Who there is, and what they got. What a view does not show is not there.
package protocol IdentityReading: AnyObject {
    /// By name.
    func tenants(_ view: TenantView) throws(JournalError) -> [TenantRecord]
    func teams(_ view: TenantView) throws(JournalError) -> [TeamRecord]
    /// Those of all tenants too.
    func roles(_ view: TenantView) throws(JournalError) -> [RoleRecord]
    /// By name.
    func accounts(_ view: TenantView) throws(JournalError) -> [AccountRecord]
    func account(_ id: RunID, _ view: TenantView) throws(JournalError) -> AccountRecord?
    /// By e-mail address.
    func user(named name: String, _ view: TenantView) throws(JournalError) -> AccountRecord?
    func service(named name: String, tenant: String?) throws(JournalError) -> AccountRecord?
    /// Oldest first, the revoked too.
    func apiKeys(_ view: TenantView) throws(JournalError) -> [APIKeyRecord]
    func apiKey(_ id: String, _ view: TenantView) throws(JournalError) -> APIKeyRecord?
    /// Newest first.
    func sessions(_ view: TenantView, open: Bool) throws(JournalError) -> [SessionRecord]
    func sessionRecord(_ id: RunID, _ view: TenantView) throws(JournalError) -> SessionRecord?
    /// Oldest first, the withdrawn too.
    func signingKeys() throws(JournalError) -> [SigningKeyRecord]
    func lockouts(_ view: TenantView) throws(JournalError) -> [LockoutRecord]
}

package protocol IdentityChanging: IdentityReading {
    /// Makes or replaces it.
    func tenantSet(_ tenant: TenantRecord, by: String) throws(JournalError)
    func teamSet(_ team: TeamRecord, by: String) throws(JournalError)
    /// Its people leave it. `.notFound` when it is not there.
    func teamRemove(_ name: String, tenant: String, by: String) throws(JournalError)
    /// `.invalid` where ``RoleBook/problem(with:)`` has something against it.
    func roleSet(_ role: RoleRecord, by: String) throws(JournalError)
    /// `.conflict` while somebody has it, or a role is based on it.
    func roleRemove(_ name: String, tenant: String?, by: String) throws(JournalError)
    /// `.conflict` when the name is taken, `.invalid` for a role, team or tenant that is not there.
    func accountAdd(_ account: AccountRecord, by: String) throws(JournalError)
    /// Replaces all but id, kind, tenant, name and creation. A change that takes something away raises the version
    /// and ends all open sessions but the kept one, in the same commit; they are returned.
    func accountSet(
        _ account: AccountRecord, _ change: AccountChange, keeping: RunID?, by: String
    ) throws(JournalError) -> AccountUpdate
    func apiKeyAdd(_ key: APIKeyRecord, by: String) throws(JournalError)
    func apiKeyRevoke(_ id: String, _ view: TenantView, by: String) throws(JournalError) -> APIKeyRecord
    func apiKeyNoteUse(_ id: String) throws(JournalError)
    /// - Returns: those of the same account that ended to make room.
    @discardableResult
    func sessionAdd(_ session: SessionRecord) throws(JournalError) -> [RunID]
    /// `.conflict` when it is of another generation by now, or has ended.
    func sessionRefresh(_ session: SessionRecord, from generation: Int64) throws(JournalError)
    /// Another factor was shown.
    func sessionProve(
        _ id: RunID, methods: [String], client: ClientMark, agent: String
    ) throws(JournalError) -> SessionRecord
    /// Ends those that are open; returns them.
    func sessionsEnd(
        of account: RunID, except kept: RunID?, because reason: String, by: String
    ) throws(JournalError) -> [RunID]
    func sessionEnd(
        _ id: RunID, _ view: TenantView, because reason: String, by: String
    ) throws(JournalError) -> SessionRecord
    /// Forgets those that began before; at most `limit`.
    func sessionsForget(before horizon: Instant, limit: Int) throws(JournalError) -> Int
    func signingKeySet(_ key: SigningKeyRecord, by: String) throws(JournalError)
    func lockoutSet(_ lockout: LockoutRecord) throws(JournalError)
    /// False when there was none.
    func lockoutRemove(_ account: RunID, by: String) throws(JournalError) -> Bool
}

/// What a change of an account is called in the log.
package enum AccountChange: String, Hashable, Sendable, CaseIterable {
    case titled, roled, teamed, cleared, enabled, disabled, rekeyed
    /// The same password, hashed at another cost.
    case rehashed

    /// Whether what was given out before is good no more.
    var endsTokens: Bool {
        switch self {
        case .roled, .teamed, .cleared, .disabled, .rekeyed: true
        case .titled, .enabled, .rehashed: false
        }
    }
}

package struct AccountUpdate: Hashable, Sendable {
    package var account: AccountRecord
    package var ended: [RunID]

    package init(account: AccountRecord, ended: [RunID]) {
        self.account = account
        self.ended = ended
    }
}
