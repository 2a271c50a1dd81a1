/// Who asks, once that is proven: what every check of rights, every audit leaf and every limit is about.
package struct Principal: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case user, service
        /// Whoever can read the store's folder on this machine: the operator at the command line.
        case local
        /// Anybody, while the secure mode is off. The name is what the request says of itself.
        case open
        /// Nobody: a request without credentials, which open operations alone answer.
        case anonymous
    }

    /// What proved it.
    package enum Credential: Hashable, Sendable {
        case none
        case session(String)
        case key(String)
        case token(String)
    }

    package var kind: Kind
    /// Stable and opaque; `name` may change.
    package var id: String
    /// What audit leaves, runs and approvals say.
    package var name: String
    /// The tenant whose data may be seen; nil: of all tenants, which only operators are.
    package var tenant: String?
    package var teams: Set<String>
    /// The names of all users of those teams.
    package var colleagues: Set<String>
    package var roles: [String]
    package var scopes: Set<Scope>
    /// The highest class of data that may be shown.
    package var clearance: Sensitivity
    package var credential: Credential
    /// When a person last proved to be there, by whatever `methods` says (`pwd`, `otp`, `hwk`, … of RFC 8176).
    package var authenticatedAt: Instant?
    package var methods: Set<String>

    package init(
        kind: Kind, id: String, name: String, tenant: String?, teams: Set<String> = [],
        colleagues: Set<String> = [], roles: [String] = [], scopes: Set<Scope>,
        clearance: Sensitivity = .usual, credential: Credential = .none, authenticatedAt: Instant? = nil,
        methods: Set<String> = []
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.tenant = tenant
        self.teams = teams
        self.colleagues = colleagues
        self.roles = roles
        self.scopes = scopes
        self.clearance = clearance
        self.credential = credential
        self.authenticatedAt = authenticatedAt
        self.methods = methods
    }

    package static let anonymous = Principal(
        kind: .anonymous, id: "anonymous", name: "anonymous", tenant: "", scopes: [], clearance: .public)

    /// - Parameter name: what the request calls its sender.
    package static func open(name: String?) -> Principal {
        Principal(
            kind: .open, id: "open", name: name ?? "open", tenant: nil, scopes: [.everything], clearance: .restricted)
    }

    package static func local(name: String) -> Principal {
        Principal(
            kind: .local, id: "local:\(name)", name: name, tenant: nil, scopes: [.everything], clearance: .restricted)
    }

    package func may(_ permission: Permission) -> Bool { scopes.contains { $0.covers(permission) } }

    package func may(_ resource: Resource, _ verb: Verb) -> Bool { may(Permission(resource, verb)) }

    /// How far the caller may see (or, with `write`, change) things of a resource: all of the tenant's, those of the
    /// caller's teams, the caller's own, or none.
    package func reach(_ resource: Resource, _ verb: Verb = .read) -> Reach {
        let (team, own): (Verb, Verb) = verb == .write ? (.writeTeam, .writeOwn) : (.readTeam, .readOwn)
        if may(resource, verb) { return .tenant }
        if may(resource, team) { return .team }
        return may(resource, own) ? .own : .none
    }

    /// Whether something of that tenant exists for the caller.
    package func sees(tenant: String) -> Bool { self.tenant == nil || self.tenant == tenant }

    /// Whether what somebody started in a tenant exists for the caller, as far as a reach goes.
    package func sees(owner: String?, tenant: String, _ reach: Reach) -> Bool {
        guard sees(tenant: tenant) else { return false }
        switch reach {
        case .none: return false
        case .own: return owner == name
        case .team: return owner == name || owner.map(colleagues.contains) == true
        case .tenant: return true
        }
    }
}
