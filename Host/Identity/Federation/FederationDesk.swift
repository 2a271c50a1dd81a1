package import Journal
package import Kernel
import Synchronization

/// Sign-in by identity providers: OpenID Connect, code flow with PKCE. The host talks to providers through the guards
/// of its fetcher; what a browser brings back counts only with what the host itself remembers of the start.
package final class FederationDesk: Sendable {
    package struct Settings: Sendable {
        /// Where people find this host, without a slash at the end. Never taken from a request.
        package var publicURL: String
        /// One request, to the host of its URL and nowhere else, without redirects.
        package var fetch: @Sendable (HTTPRequest) async -> Result<EffectResult, Failure>
        /// From the key vault; nil: the provider knows this host as a public client.
        package var secret: @Sendable (_ name: String) -> String?
        package var clock: @Sendable () -> Instant
        package var random: @Sendable (_ count: Int) -> [UInt8]

        package init(
            publicURL: String, fetch: @escaping @Sendable (HTTPRequest) async -> Result<EffectResult, Failure>,
            secret: @escaping @Sendable (_ name: String) -> String?, clock: @escaping @Sendable () -> Instant,
            random: @escaping @Sendable (_ count: Int) -> [UInt8]
        ) {
            self.publicURL = publicURL
            self.fetch = fetch
            self.secret = secret
            self.clock = clock
            self.random = random
        }
    }

    /// What is remembered from the start to the answer.
    private struct Start: Sendable {
        var provider: IdentityProvider
        var endpoints: ProviderEndpoints
        var nonce: String
        var verifier: String
        /// Digest of what the browser keeps: the answer must come through the same one.
        var binding: Digest
    }

    private static let startMilliseconds: Int64 = 10 * 60_000
    private static let randomBytes = 32

    private let journal: any JournalStore
    private let sessions: any AccountSessions
    private let factors: FactorDesk
    private let settings: Settings
    private let directory: ProviderDirectory
    private let starts = PendingProofs<Start>(lifeMilliseconds: startMilliseconds)

    package init(journal: any JournalStore, sessions: any AccountSessions, factors: FactorDesk, settings: Settings) {
        self.journal = journal
        self.sessions = sessions
        self.factors = factors
        self.settings = settings
        directory = ProviderDirectory(fetch: settings.fetch, clock: settings.clock)
    }

    /// Whether people come over TLS: then what browsers keep is for that alone.
    package var isSecure: Bool { settings.publicURL.hasPrefix("https://") }

    package func providers() async throws(ProofError) -> [IdentityProvider] {
        do {
            return try await journal.read { journal throws(JournalError) in try journal.identityProviders() }
        } catch {
            throw ProofError(error)
        }
    }

    /// - Returns: where the browser goes, and what it keeps until it comes back.
    package func start(_ name: String) async throws(ProofError) -> (location: String, binding: String) {
        guard !settings.publicURL.isEmpty else {
            throw ProofError(
                .unavailable, "identity providers need the address at which people find this host: server.public_url")
        }
        guard let provider = try await providers().first(where: { $0.name == name }) else {
            throw ProofError(.notFound, "there is no identity provider \"\(name)\"")
        }
        let endpoints = try await directory.endpoints(of: provider)
        let state = newText(), binding = newText()
        let start = Start(
            provider: provider, endpoints: endpoints, nonce: newText(), verifier: newText(),
            binding: Digest.sha256(binding.utf8))
        starts.keep(start, under: state, at: settings.clock())
        let location = endpoints.authorizationURL(
            provider, redirect: redirect(name), state: state, nonce: start.nonce, verifier: start.verifier)
        return (location, binding)
    }

    /// What a provider sends back through the browser.
    package struct Answer: Sendable {
        package var code: String?
        package var state: String?
        package var issuer: String?
        package var error: String?

        package init(code: String?, state: String?, issuer: String?, error: String?) {
            self.code = code
            self.state = state
            self.issuer = issuer
            self.error = error
        }
    }

    /// - Returns: what the client gets: a session, or a token with which it proves a second factor.
    package func finish(
        _ name: String, _ answer: Answer, binding: String?, client: Client
    ) async throws(ProofError) -> JSONValue {
        // Over with the first answer, whatever comes of it: a code that comes twice finds nothing.
        guard let state = answer.state, let start = starts.take(state, at: settings.clock()) else {
            throw Self.refusal("state", "it was not begun here, is over, or was answered already")
        }
        guard start.provider.name == name else { throw Self.refusal("state", "another provider answers") }
        guard let binding, Digest.sha256(binding.utf8) == start.binding else {
            throw Self.refusal("binding", "it was begun in another browser")
        }
        if let issuer = answer.issuer {
            guard issuer.utf8.elementsEqual(start.provider.issuer.utf8) else {
                throw Self.refusal("issuer", "another provider answers")
            }
        } else if start.endpoints.namesItself {
            throw Self.refusal("issuer", "the provider does not name itself, as it says it would")
        }
        // Or the links that this would make were of another issuer.
        guard try await providers().contains(where: { $0.name == name && $0.issuer == start.provider.issuer }) else {
            throw Self.refusal("provider", "it is set up in another way by now")
        }
        guard answer.error == nil else { throw Self.refusal("provider", "the provider refused it") }
        guard let code = answer.code, (1...4_096).contains(code.utf8.count) else {
            throw Self.refusal("code", "the answer holds no code")
        }
        let text = try await token(for: code, start)
        let token = try await checked(text, start)
        let account = try await account(of: token, start.provider)
        return try await admit(account, client)
    }

    /// The account's own second factors are asked for after a provider's word too.
    private func admit(_ account: AccountMark, _ client: Client) async throws(ProofError) -> JSONValue {
        let methods: Set = [StepUpRule.Method.federation.rawValue]
        if try await factors.methods(of: account.id).isEmpty {
            return try await sessions.begin(account, methods: methods, client: client)
        }
        return try await sessions.pend(account, methods: methods)
    }

    // MARK: The provider's word

    private func token(for code: String, _ start: Start) async throws(ProofError) -> String {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", redirect(start.provider.name)), ("code_verifier", start.verifier),
        ]
        var headers: [String: JSONValue] = [
            "content-type": "application/x-www-form-urlencoded", "accept": "application/json",
        ]
        if let secret = settings.secret(start.provider.secretName) {
            let pair = "\(FormText.encoded(start.provider.clientID)):\(FormText.encoded(secret))"
            headers["authorization"] = .string("Basic " + Base64.encode(Array(pair.utf8)))
        } else {
            fields.append(("client_id", start.provider.clientID))
        }
        let request = HTTPRequest(
            method: "POST", url: start.endpoints.token.description, headers: JSONValue.object(headers).bytes,
            body: Array(FormText.encode(fields).utf8), timeoutMilliseconds: ProviderDirectory.timeoutMilliseconds,
            maximumResponseBytes: ProviderDirectory.maximumBytes)
        let answer: EffectResult
        do {
            answer = try await settings.fetch(request).get()
        } catch {
            throw ProofError(.unavailable, "the identity provider does not answer: \(error.message)")
        }
        guard answer.value == 200, let json = try? JSONParser.parse(answer.data),
            let token = json["id_token"]?.stringValue
        else { throw Self.refusal("code", "the provider gave no token for it (\(answer.value))") }
        return token
    }

    private func checked(_ text: String, _ start: Start) async throws(ProofError) -> IDToken {
        let expected = IDToken.Expectation(
            issuer: start.provider.issuer, audience: start.provider.clientID, nonce: start.nonce,
            algorithms: start.provider.algorithms)
        let first = Self.read(
            text, try await directory.keys(of: start.provider, start.endpoints, anew: false), expected,
            settings.clock())
        guard case .failure(.key) = first else { return try Self.proven(first) }
        // The provider may have changed its keys.
        let keys = try await directory.keys(of: start.provider, start.endpoints, anew: true)
        return try Self.proven(Self.read(text, keys, expected, settings.clock()))
    }

    private static func read(
        _ text: String, _ keys: ProviderKeys, _ expected: IDToken.Expectation, _ now: Instant
    ) -> Result<IDToken, IDTokenRefusal> {
        Result { () throws(IDTokenRefusal) in try IDToken(text, by: keys, expecting: expected, at: now) }
    }

    private static func proven(_ result: Result<IDToken, IDTokenRefusal>) throws(ProofError) -> IDToken {
        switch result {
        case .success(let token): return token
        case .failure(let reason): throw refusal(reason.rawValue, "the provider's token proves nothing")
        }
    }

    // MARK: The account

    private func account(of token: IDToken, _ provider: IdentityProvider) async throws(ProofError) -> AccountMark {
        let by = "oidc:\(provider.name)"
        let known = try await linked(provider.name, token.subject)
        let roles = provider.roles(of: token.claims)
        if let known {
            guard let account = try await sessions.account(known.account) else {
                throw Self.refusal("account", "it may not sign in")
            }
            if provider.roleClaim != nil { try await sessions.setRoles(roles, of: account.id, by: by) }
            return account
        }
        guard provider.linking != .manual else { throw Self.refusal("account", "nobody linked it here") }
        guard let email = provider.email(of: token.claims) else {
            throw Self.refusal("email", "the provider stands for no address that is taken here")
        }
        let account: AccountMark
        if let found = try await sessions.account(email: email, tenant: provider.tenant) {
            account = found
        } else if provider.linking == .create {
            account = try await sessions.create(email: email, tenant: provider.tenant, roles: roles, by: by)
        } else {
            throw Self.refusal("account", "nobody here has this address")
        }
        try await link(account, provider.name, token.subject, by)
        if provider.roleClaim != nil { try await sessions.setRoles(roles, of: account.id, by: by) }
        return account
    }

    private func linked(_ provider: String, _ subject: String) async throws(ProofError) -> FederatedAccount? {
        do {
            return try await journal.read { journal throws(JournalError) in
                try journal.federatedAccount(provider: provider, subject: subject)
            }
        } catch {
            throw ProofError(error)
        }
    }

    private func link(
        _ account: AccountMark, _ provider: String, _ subject: String, _ by: String
    ) async throws(ProofError) {
        let link = FederatedAccount(
            provider: provider, subject: subject, account: account.id, tenant: account.tenant,
            linkedAt: settings.clock())
        do {
            try await journal.write { journal throws(JournalError) in try journal.federatedAccountLink(link, by: by) }
        } catch {
            throw ProofError(error)
        }
    }

    // MARK: Parts

    private func redirect(_ provider: String) -> String { "\(settings.publicURL)/auth/oidc/\(provider)/callback" }

    private func newText() -> String { UnpaddedBase64.encode(settings.random(Self.randomBytes)) }

    private static func refusal(_ part: String, _ why: String) -> ProofError {
        ProofError(.wrong, "the sign-in is not taken (\(part)): \(why)")
    }
}
