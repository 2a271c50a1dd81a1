package import Kernel

/// What a token of this host is for. Each kind has a type and an audience of its own, so that none passes for another.
package enum TokenKind: String, Hashable, Sendable {
    case access = "at+jwt"
    /// The password was right; a second factor is still to be shown.
    case pending = "mfa+jwt"

    func audience(_ settings: IdentitySettings) -> String {
        switch self {
        case .access: settings.audience
        case .pending: settings.audience + ":mfa"
        }
    }
}

/// What a token says, after every rule held.
package struct TokenClaims: Hashable, Sendable {
    package var id: String
    package var account: RunID
    /// Nil: outside any session.
    package var session: RunID?
    /// Of the account when it was made.
    package var version: Int64
    package var tenant: String?
    /// Nil: all that the account may.
    package var scopes: Set<Scope>?
    package var issuedAt: Int64
    package var expiresAt: Int64
    /// When a factor was shown; nil for tokens that somebody else made.
    package var provedAt: Int64?
    package var methods: [String]

    package init(
        id: String, account: RunID, session: RunID?, version: Int64, tenant: String?, scopes: Set<Scope>?,
        issuedAt: Int64, expiresAt: Int64, provedAt: Int64? = nil, methods: [String] = []
    ) {
        self.id = id
        self.account = account
        self.session = session
        self.version = version
        self.tenant = tenant
        self.scopes = scopes
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.provedAt = provedAt
        self.methods = methods
    }
}

extension TokenClaims {
    private static let leewaySeconds: Int64 = 30

    func members(_ kind: TokenKind, _ settings: IdentitySettings) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "iss": .string(settings.issuer), "aud": .string(kind.audience(settings)), "jti": .string(id),
            "sub": .string(account.description), "sv": .integer(version), "iat": .integer(issuedAt),
            "nbf": .integer(issuedAt), "exp": .integer(expiresAt),
        ]
        members["sid"] = session.map { .string($0.description) }
        members["tenant"] = tenant.map { .string($0) }
        members["scope"] = scopes.map { .string($0.map(\.description).sorted().joined(separator: " ")) }
        members["auth_time"] = provedAt.map { .integer($0) }
        if !methods.isEmpty { members["amr"] = .array(methods.map { .string($0) }) }
        return members
    }

    /// - Returns: nil unless every claim is there, of its type, and holds now.
    init?(_ members: [String: JSONValue], _ kind: TokenKind, _ settings: IdentitySettings, now: Int64) {
        guard members["iss"]?.stringValue == settings.issuer,
            members["aud"]?.stringValue == kind.audience(settings),
            let id = members["jti"]?.stringValue, (1...64).contains(id.utf8.count),
            let account = members["sub"]?.stringValue.flatMap({ RunID($0) }),
            let version = members["sv"]?.integerValue, let issuedAt = members["iat"]?.integerValue,
            let notBefore = members["nbf"]?.integerValue, let expiresAt = members["exp"]?.integerValue
        else { return nil }
        let instants = [issuedAt, notBefore, expiresAt]
        guard instants.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }), issuedAt <= now + Self.leewaySeconds,
            notBefore <= now + Self.leewaySeconds, now < expiresAt + Self.leewaySeconds, issuedAt < expiresAt
        else { return nil }
        var session: RunID?
        if let named = members["sid"] {
            session = named.stringValue.flatMap { RunID($0) }
            guard session != nil else { return nil }
        }
        if let tenant = members["tenant"], tenant.stringValue == nil { return nil }
        var scopes: Set<Scope>?
        if let list = members["scope"] {
            guard let words = list.stringValue?.split(separator: " ").map(String.init) else { return nil }
            let parsed = words.compactMap { Scope($0) }
            guard parsed.count == words.count else { return nil }
            scopes = Set(parsed)
        }
        if let time = members["auth_time"], time.integerValue == nil { return nil }
        let methods = members["amr"]?.arrayValue?.compactMap(\.stringValue) ?? []
        self.init(
            id: id, account: account, session: session, version: version, tenant: members["tenant"]?.stringValue,
            scopes: scopes, issuedAt: issuedAt, expiresAt: expiresAt, provedAt: members["auth_time"]?.integerValue,
            methods: methods)
    }
}
