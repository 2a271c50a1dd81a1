import HTTPTypes
import Hummingbird
import Identity
import Kernel

/// Signing in and out, and what concerns the caller alone.
struct AuthRoutes: Sendable {
    let desk: IdentityDesk

    private static let password: JSONValue = ["type": "string", "minLength": 1, "maxLength": 4_096]
    private static let email: JSONValue = ["type": "string", "minLength": 3, "maxLength": 320]
    private static let token: JSONValue = ["type": "string", "minLength": 1, "maxLength": 8_192]
    static let loginSchema: JSONValue = [
        "type": "object", "required": ["email", "password"], "additionalProperties": false,
        "properties": ["email": email, "password": password, "new_password": password],
    ]
    private static let refreshSchema: JSONValue = [
        "type": "object", "required": ["refresh_token"], "additionalProperties": false,
        "properties": ["refresh_token": token],
    ]
    private static let logoutSchema: JSONValue = [
        "type": "object", "additionalProperties": false, "properties": ["refresh_token": token],
    ]
    private static let setupSchema: JSONValue = [
        "type": "object", "required": ["token", "email", "password"], "additionalProperties": false,
        "properties": [
            "token": token, "email": email, "password": password, "title": ["type": "string", "maxLength": 200],
        ],
    ]
    private static let passwordSchema: JSONValue = [
        "type": "object", "required": ["password", "new_password"], "additionalProperties": false,
        "properties": ["password": password, "new_password": password],
    ]
    private static let tokens: JSONValue = [
        "type": "object", "required": ["access_token", "token_type", "expires_in"],
        "properties": [
            "access_token": ["type": "string"], "token_type": ["type": "string", "enum": ["bearer"]],
            "expires_in": ["type": "integer"],
            "refresh_token": ["type": "string"], "session": ["type": "string"], "scope": ["type": "string"],
        ],
    ]

    func add(to api: APIRouter) {
        addSignIn(to: api)
        addOwn(to: api)
        api.add(
            Operation(
                "auth.keys", .get, "/.well-known/jwks.json", "The public keys that sign this host's tokens",
                tag: "Identity", access: .open,
                answers: [.ok("A JSON Web Key Set", ["type": "object", "required": ["keys"]])])
        ) { _ in
            var response = Response.json(desk.ring.published(at: desk.now))
            response.headers[.cacheControl] = "public, max-age=300"
            return response
        }
    }

    private func addSignIn(to api: APIRouter) {
        // The body is read here: the operation takes a form as well as JSON.
        var login = Operation(
            "auth.login", .post, "/auth/login", "Signs in with e-mail and password", tag: "Identity", access: .open,
            answers: [
                .ok("Tokens", Self.tokens),
                .accepted(
                    "A second factor is needed; the token is good for showing one",
                    ["type": "object", "required": ["mfa_token", "methods", "expires_in"]]),
            ])
        login.body = nil
        api.add(login) { call in try await signIn(call) }
        api.add(
            Operation(
                "auth.refresh", .post, "/auth/refresh", "The next pair of tokens for a refresh token", tag: "Identity",
                access: .open, body: .init(schema: Self.refreshSchema), answers: [.ok("Tokens", Self.tokens)])
        ) { call in
            Response.json(
                try await desk.refresh(call.body["refresh_token"]?.stringValue ?? "", client: call.client).json)
        }
        api.add(
            Operation(
                "auth.setup", .post, "/auth/setup", "Makes the first administrator, with the word printed at the start",
                tag: "Identity", access: .open, body: .init(schema: Self.setupSchema),
                answers: [.created("Tokens of the administrator", Self.tokens)])
        ) { call in
            let answer = try await desk.setUp(
                token: call.body["token"]?.stringValue ?? "", email: call.body["email"]?.stringValue ?? "",
                password: call.body["password"]?.stringValue ?? "", title: call.body["title"]?.stringValue ?? "",
                client: call.client)
            return Response.json(answer.json, status: .created)
        }
    }

    private func signIn(_ call: APICall) async throws -> Response {
        let body = try await LoginBody(call.request)
        let answer = try await desk.signIn(
            email: body.email, password: body.password, next: body.next, client: call.client)
        guard case .signedIn = answer else { return Response.json(answer.json, status: .accepted) }
        return Response.json(answer.json)
    }

    private func addOwn(to api: APIRouter) {
        api.add(
            Operation(
                "auth.logout", .post, "/auth/logout", "Ends a session: the caller's, or that of a refresh token",
                tag: "Identity", access: .open, body: .init(schema: Self.logoutSchema, missing: [:]),
                answers: [.noContent("It is over, or was")])
        ) { call in
            if let token = call.body["refresh_token"]?.stringValue { try await desk.signOut(refresh: token) }
            if case .session(let text) = call.caller.credential, let id = RunID(text) {
                try await desk.end(session: id, because: "signed out", by: call.caller)
            }
            return Response(status: .noContent)
        }
        api.add(
            Operation(
                "auth.me", .get, "/auth/me", "Who the caller is, and may", tag: "Identity", access: .signedIn,
                answers: [.ok("The caller", ["type": "object", "required": ["kind", "name", "scopes"]])])
        ) { call in Response.json(call.caller.json) }
        api.add(
            Operation(
                "auth.password", .post, "/auth/password", "Another password; all other sessions end", tag: "Identity",
                access: .signedIn, body: .init(schema: Self.passwordSchema),
                answers: [.noContent("It holds from now on; refresh the access token")]
            ).forPeople()
        ) { call in
            try await desk.changePassword(
                call.body["password"]?.stringValue ?? "", to: call.body["new_password"]?.stringValue ?? "",
                by: call.caller, client: call.client)
            return Response(status: .noContent)
        }
    }
}

extension Principal {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": .string(kind.rawValue), "id": .string(id), "name": .string(name),
            "tenant": tenant.map { .string($0) } ?? .null, "roles": .array(roles.map { .string($0) }),
            "teams": .array(teams.sorted().map { .string($0) }), "clearance": .string(clearance.rawValue),
            "scopes": .array(scopes.sorted().map { .string($0.description) }),
            "methods": .array(methods.sorted().map { .string($0) }),
        ]
        if case .session(let id) = credential { members["session"] = .string(id) }
        members["authenticated_at"] = authenticatedAt.map { .string($0.timestamp) }
        return .object(members)
    }
}

/// What stands in a sign-in: a form (`email=…&password=…`), or JSON.
struct LoginBody: Sendable {
    var email: String
    var password: String
    var next: String?

    private static let maximumBytes = 16 << 10

    init(_ request: Request) async throws {
        let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.lowercased() } ?? ""
        let document: JSONValue
        switch type.filter({ $0 != " " }) {
        case "application/x-www-form-urlencoded":
            let bytes = try await BodyReader.collect(request)
            guard bytes.count <= Self.maximumBytes, let form = Self.form(bytes) else {
                throw Problem(.badRequest, "invalid_form", "the body is no form with each member once")
            }
            document = .object(form.mapValues { .string($0) })
        case "application/json", "":
            document = try await BodyReader(own: ["type": "object"]).read(request)
        default:
            throw Problem(
                .unsupportedMediaType, "media_type", "send a form or JSON: application/x-www-form-urlencoded")
        }
        // Clients of OAuth call it username.
        var members = document.objectValue ?? [:]
        if members["email"] == nil, let name = members["username"] {
            members["email"] = name
            members["username"] = nil
        }
        if members["grant_type"] == "password" { members["grant_type"] = nil }
        let violations = OperationGate.compiled(AuthRoutes.loginSchema).validate(.object(members))
        guard violations.isEmpty else {
            throw Problem(
                .unprocessableContent, "invalid_body", "the body does not have the expected form",
                errors: violations.map { $0.json(under: "") })
        }
        email = members["email"]?.stringValue ?? ""
        password = members["password"]?.stringValue ?? ""
        next = members["new_password"]?.stringValue
    }

    /// Nil for what is no UTF-8, stands there twice, or is escaped wrongly.
    static func form(_ bytes: [UInt8]) -> [String: String]? {
        var members: [String: String] = [:]
        for part in bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: true) {
            let sides = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(sides[0]), let value = decoded(sides.count == 2 ? sides[1] : []),
                members.updateValue(value, forKey: name) == nil
            else { return nil }
        }
        return members
    }

    private static func decoded(_ part: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = [], rest = part
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(32)
            case UInt8(ascii: "%"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
                guard digits.utf8.count == 2, let value = Hex.decode(digits)?.first else { return nil }
                bytes.append(value)
                rest = rest.dropFirst(2)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
