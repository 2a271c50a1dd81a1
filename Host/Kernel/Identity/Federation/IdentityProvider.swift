/// An OpenID Connect provider, as the operator set it up. The client's secret stands in the key vault, under
/// ``secretName``.
package struct IdentityProvider: Hashable, Sendable {
    private static let maximumTextBytes = 2_048
    private static let maximumRoles = 32

    /// How an account is found for somebody who comes for the first time.
    package enum Linking: String, Hashable, Sendable, CaseIterable {
        /// The account with the address that the provider says is verified.
        case verifiedEmail = "verified_email"
        /// The same; where there is none, one is made, with the roles that the mapping gives.
        case create
        /// Only who was linked before.
        case manual
    }

    package var name: String
    package var issuer: String
    package var clientID: String
    package var scopes: [String]
    package var algorithms: Set<SignatureKey.Algorithm>
    package var linking: Linking
    /// Those of whom addresses are taken; none: all.
    package var domains: [String]
    /// Where in the claims roles stand, and what they are called here.
    package var roleClaim: JSONPointer?
    package var roles: [String: String]
    package var tenant: String

    package var secretName: String { "oidc.\(name)" }

    package init(
        name: String, issuer: String, clientID: String, scopes: [String] = ["openid", "email", "profile"],
        algorithms: Set<SignatureKey.Algorithm> = [.rs256, .es256], linking: Linking = .verifiedEmail,
        domains: [String] = [], roleClaim: JSONPointer? = nil, roles: [String: String] = [:], tenant: String = "default"
    ) {
        self.name = name
        self.issuer = issuer
        self.clientID = clientID
        self.scopes = scopes
        self.algorithms = algorithms
        self.linking = linking
        self.domains = domains
        self.roleClaim = roleClaim
        self.roles = roles
        self.tenant = tenant
    }

    /// Where the provider describes itself (OpenID Connect Discovery 1.0 §4).
    package var discoveryURL: String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    /// The roles that these claims give here. What is not in the mapping gives none.
    package func roles(of claims: [String: JSONValue]) -> [String] {
        guard let roleClaim, let value = roleClaim.value(in: .object(claims)) else { return [] }
        let names = value.arrayValue ?? [value]
        return Set(names.compactMap { $0.stringValue.flatMap { roles[$0] } }).sorted()
    }

    /// The address, in lower case, where the provider stands for it and its domain is taken.
    package func email(of claims: [String: JSONValue]) -> String? {
        guard claims["email_verified"] == true, let email = claims["email"]?.stringValue,
            MailAddress(email) != nil, let at = email.lastIndex(of: "@")
        else { return nil }
        let domain = email[email.index(after: at)...].lowercased()
        return domains.isEmpty || domains.contains { $0.lowercased() == domain } ? email.lowercased() : nil
    }
}

extension IdentityProvider {
    package var json: JSONValue {
        [
            "name": .string(name), "issuer": .string(issuer), "client_id": .string(clientID),
            "scopes": .array(scopes.map { .string($0) }),
            "algorithms": .array(algorithms.map(\.rawValue).sorted().map { .string($0) }),
            "linking": .string(linking.rawValue), "domains": .array(domains.map { .string($0) }),
            "role_claim": roleClaim.map { .string($0.description) } ?? .null,
            "roles": .object(roles.mapValues { .string($0) }), "tenant": .string(tenant),
        ]
    }

    /// - Throws: `.invalid` with the member that is wrong.
    package init(name: String, json: JSONValue) throws(Failure) {
        func bad(_ what: String) -> Failure { Failure(.invalid, "the identity provider's \(what)") }
        func texts(_ member: String) throws(Failure) -> [String]? {
            guard let value = json[member] else { return nil }
            guard let list = value.arrayValue, list.count <= Self.maximumRoles else { throw bad("\(member) is a list") }
            let names = list.compactMap { $0.stringValue }
            guard names.count == list.count else { throw bad("\(member) holds texts") }
            return names
        }
        guard Name.isValid(name) else { throw bad("name: lower-case letters, digits, '.', '_' and '-'") }
        guard let issuer = json["issuer"]?.stringValue, let client = json["client_id"]?.stringValue,
            (1...Self.maximumTextBytes).contains(client.utf8.count)
        else { throw bad("issuer and client_id are required") }
        let url = try FetchURL(issuer)
        guard url.query.isEmpty, issuer.utf8.count <= Self.maximumTextBytes else { throw bad("issuer has no query") }
        self.init(name: name, issuer: issuer, clientID: client)
        if let list = try texts("scopes") {
            guard list.contains("openid"), list.allSatisfy(Self.isScope) else { throw bad("scopes hold openid") }
            scopes = list
        }
        if let list = try texts("algorithms") {
            let known = list.compactMap(SignatureKey.Algorithm.init(rawValue:))
            guard !known.isEmpty, known.count == list.count else {
                let names = SignatureKey.Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
                throw bad("algorithms are of \(names)")
            }
            algorithms = Set(known)
        }
        if let text = json["linking"]?.stringValue {
            guard let known = Linking(rawValue: text) else {
                throw bad("linking is \(Linking.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            linking = known
        }
        domains = try texts("domains") ?? []
        if let text = json["role_claim"]?.stringValue {
            guard let pointer = JSONPointer(text) else { throw bad("role_claim is a JSON pointer: /groups") }
            roleClaim = pointer
        }
        let mapping = json["roles"]?.objectValue ?? [:]
        roles = mapping.compactMapValues(\.stringValue)
        guard roles.count == mapping.count, roles.count <= Self.maximumRoles, roles.values.allSatisfy(Name.isValid)
        else { throw bad("roles map the provider's words to names of roles") }
        if let text = json["tenant"]?.stringValue {
            guard Name.isValid(text) else { throw bad("tenant is a name") }
            tenant = text
        }
    }

    private static func isScope(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}

/// What a provider says of itself.
package struct ProviderEndpoints: Hashable, Sendable {
    package var authorization: FetchURL
    package var token: FetchURL
    package var keys: FetchURL
    /// It names itself in its answers (RFC 9207), so that one provider's answer cannot pass for another's.
    package var namesItself: Bool

    /// - Throws: `.denied` where it says that it is another one, or leads to another scheme.
    package init(json: JSONValue, issuer: String) throws(Failure) {
        guard let said = json["issuer"]?.stringValue, said.utf8.elementsEqual(issuer.utf8) else {
            throw Failure(.denied, "the provider at \(issuer) says that it is another one")
        }
        func url(_ member: String) throws(Failure) -> FetchURL {
            guard let text = json[member]?.stringValue else {
                throw Failure(.invalid, "the provider at \(issuer) names no \(member)")
            }
            let url = try FetchURL(text)
            guard try url.scheme == FetchURL(issuer).scheme else {
                throw Failure(.denied, "the provider's \(member) has another scheme than its issuer")
            }
            return url
        }
        authorization = try url("authorization_endpoint")
        token = try url("token_endpoint")
        keys = try url("jwks_uri")
        namesItself = json["authorization_response_iss_parameter_supported"] == true
    }

    /// Where somebody's browser goes: code flow with PKCE (RFC 7636, S256).
    package func authorizationURL(
        _ provider: IdentityProvider, redirect: String, state: String, nonce: String, verifier: String
    ) -> String {
        let challenge = UnpaddedBase64.encode(Digest.sha256(verifier.utf8).bytes)
        let fields = [
            ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", redirect),
            ("scope", provider.scopes.joined(separator: " ")), ("state", state), ("nonce", nonce),
            ("code_challenge", challenge), ("code_challenge_method", "S256"),
        ]
        return authorization.description + (authorization.query.isEmpty ? "?" : "&") + FormText.encode(fields)
    }
}

/// `application/x-www-form-urlencoded`.
package enum FormText {
    package static func encode(_ fields: [(String, String)]) -> String {
        fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
    }

    package static func encoded(_ text: String) -> String { PercentEncoding.encode(text) }
}
