import Engine
import HTTPTypes
import Hummingbird
import Identity
import Journal
import Kernel

/// Sign-in by identity providers, and their settings.
struct FederationRoutes: Sendable {
    let runtime: HostRuntime
    let services: ProofServices

    private static let tag = "Identity providers"
    /// Kept by the browser from the start to the answer, sent back to nothing else.
    private static let cookie = "bureau-oidc"
    private static let text: JSONValue = ["type": "string", "maxLength": 4096]
    private static let texts: JSONValue = ["type": "array", "items": ["type": "string", "maxLength": 255]]
    private static let settingsSchema: JSONValue = [
        "type": "object", "required": ["issuer", "client_id"], "additionalProperties": false,
        "properties": [
            "issuer": ["type": "string", "maxLength": 2048], "client_id": ["type": "string", "maxLength": 2048],
            "client_secret": ["type": "string", "minLength": 1, "maxLength": 2048], "scopes": texts,
            "algorithms": texts, "domains": texts, "role_claim": ["type": "string", "maxLength": 255],
            "linking": ["type": "string"], "roles": ["type": "object", "additionalProperties": ["type": "string"]],
            "tenant": ["type": "string", "maxLength": 64],
        ],
    ]

    func add(to api: APIRouter) {
        addSignIn(to: api)
        addSettings(to: api)
    }

    private func addSignIn(to api: APIRouter) {
        let provider = Operation.Parameter.path("provider", "Its name")
        api.add(
            Operation(
                "oidc.start", .get, "/auth/oidc/{provider}/start", "Leads a browser to an identity provider",
                tag: Self.tag, access: .open, parameters: [provider],
                answers: [.init(status: 302, summary: "To the provider", schema: nil, mediaType: nil)])
        ) { call in try await start(call) }
        // What providers add of their own is read past.
        let extra = ["session_state", "scope", "authuser", "prompt", "hd", "error_description", "error_uri"]
        api.add(
            Operation(
                "oidc.callback", .get, "/auth/oidc/{provider}/callback", "Where the provider leads the browser back to",
                tag: Self.tag, access: .open,
                parameters: [
                    provider, .query("code", "The provider's code", Self.text),
                    .query("state", "As it was given to the provider", Self.text),
                    .query("iss", "Who answers (RFC 9207)", Self.text), .query("error", "Why not", Self.text),
                ] + extra.map { .query($0, "Not used", Self.text) },
                answers: [.ok("A session, or what the second step of the sign-in needs", ["type": "object"])])
        ) { call in try await finish(call) }
    }

    private func start(_ call: APICall) async throws -> Response {
        let name = call.text("provider")
        let (location, binding) = try await services.federation.start(name)
        let path = "/auth/oidc/\(name)/callback"
        return Response(
            status: .found,
            headers: [
                .location: location, .cacheControl: "no-store",
                .setCookie: "\(Self.cookie)=\(binding); Path=\(path); Max-Age=600; HttpOnly; SameSite=Lax"
                    + (services.federation.isSecure ? "; Secure" : ""),
            ])
    }

    private func finish(_ call: APICall) async throws -> Response {
        let answer = FederationDesk.Answer(
            code: call.parameters["code"]?.stringValue, state: call.parameters["state"]?.stringValue,
            issuer: call.parameters["iss"]?.stringValue, error: call.parameters["error"]?.stringValue)
        var response = Response.json(
            try await services.federation.finish(
                call.text("provider"), answer, binding: Self.binding(in: call.request), client: call.client))
        response.headers[.setCookie] = "\(Self.cookie)=; Path=/auth/oidc/\(call.text("provider"))/callback; Max-Age=0"
        return response
    }

    /// Nil where it stands there twice: somebody else may have put one.
    private static func binding(in request: Request) -> String? {
        let pairs = request.headers[values: .cookie].flatMap { $0.split(separator: ";") }
        let values = pairs.compactMap { pair -> String? in
            let parts = pair.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == cookie ? String(parts[1]) : nil
        }
        return values.count == 1 ? values[0] : nil
    }

    // MARK: Settings

    /// A provider may vouch for accounts of any tenant, so no tenant's administrator sets one up.
    private func addSettings(to api: APIRouter) {
        api.add(
            Operation(
                "oidc.list", .get, "/auth/oidc", "The identity providers", tag: Self.tag,
                access: .needs(.system, .read),
                answers: [.ok("They, without secrets", ["type": "object"])]
            ).forOperators()
        ) { _ in
            let providers = try await services.federation.providers()
            return Response.json(["providers": .array(providers.map(\.json))])
        }
        var set = Operation(
            "oidc.set", .put, "/auth/oidc/{provider}", "Makes or changes an identity provider", tag: Self.tag,
            access: .needs(.system, .write), parameters: [.path("provider", "Its name")],
            body: .init(schema: Self.settingsSchema), answers: [.ok("As it is now, without its secret")])
        set.needsRecentProof = true
        set.isForOperators = true
        api.add(set) { call in
            var members = call.body.objectValue ?? [:]
            let secret = members.removeValue(forKey: "client_secret")?.stringValue
            let provider: IdentityProvider
            do throws(Failure) {
                provider = try IdentityProvider(name: call.text("provider"), json: .object(members))
            } catch {
                throw Problem(.unprocessableContent, "invalid_body", error.message)
            }
            let by = call.by
            if let secret { try runtime.setVaultValue(provider.secretName, to: secret) }
            try await runtime.change { journal throws(JournalError) in
                try journal.identityProviderSet(provider, by: by)
            }
            return Response.json(provider.json)
        }
        var remove = Operation(
            "oidc.remove", .delete, "/auth/oidc/{provider}", "Removes an identity provider with its links",
            tag: Self.tag, access: .needs(.system, .write), parameters: [.path("provider", "Its name")],
            answers: [.noContent("It is gone")])
        remove.needsRecentProof = true
        remove.isForOperators = true
        api.add(remove) { call in
            let name = call.text("provider"), by = call.by
            try await runtime.change { journal throws(JournalError) in
                try journal.identityProviderRemove(name, by: by)
            }
            try runtime.setVaultValue("oidc.\(name)", to: nil)
            return Response(status: .noContent)
        }
    }
}
