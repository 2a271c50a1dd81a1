import Hummingbird
package import Identity
import Journal
package import Kernel

/// API keys, minted tokens, sessions, and the keys that sign.
struct KeyRoutes: Sendable {
    let desk: IdentityDesk

    private static let scopes: JSONValue = [
        "type": "array", "minItems": 1, "maxItems": 64,
        "items": ["type": "string", "minLength": 3, "maxLength": 64],
    ]
    private static let keySchema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "account": ["type": "string", "minLength": 36, "maxLength": 36],
            "title": ["type": "string", "maxLength": 200], "scopes": scopes,
            "expires_in": ["type": "integer", "minimum": 1, "maximum": 315_360_000],
        ],
    ]
    private static let mintSchema: JSONValue = [
        "type": "object", "required": ["scopes", "expires_in"], "additionalProperties": false,
        "properties": [
            "account": ["type": "string", "minLength": 36, "maxLength": 36], "scopes": scopes,
            "expires_in": ["type": "integer", "minimum": 1, "maximum": .integer(IdentitySettings.maximumMintSeconds)],
        ],
    ]
    private static let rotateSchema: JSONValue = [
        "type": "object", "additionalProperties": false, "properties": ["immediate": ["type": "boolean"]],
    ]

    func add(to api: APIRouter) {
        addKeys(to: api)
        addSessions(to: api)
        addSigning(to: api)
    }

    private func addKeys(to api: APIRouter) {
        api.add(
            Operation(
                "keys.list", .get, "/keys", "API keys: the caller's own, or all with keys.read", tag: "Identity",
                access: .signedIn,
                answers: [.ok("Never the keys themselves", ["type": "object", "required": ["keys"]])])
        ) { call in
            let all = call.caller.reach(.keys, .read) == .tenant
            let keys = try await desk.keys(of: all ? nil : try call.requireAccount(), seenBy: call.caller)
            let names = try await names(call)
            return Response.json(["keys": .array(keys.map { $0.json(owner: names[$0.account]) })])
        }
        api.add(
            Operation(
                "keys.add", .post, "/keys", "Makes an API key, for the caller or (keys.write) for another account",
                tag: "Identity", access: .signedIn, body: .init(schema: Self.keySchema, missing: [:]),
                answers: [.created("The key, this once", ["type": "object", "required": ["key", "id"]])]
            ).proved()
        ) { call in
            let account = try subject(call)
            let expires = call.body["expires_in"]?.integerValue.map { desk.now.advanced(byMilliseconds: $0 * 1_000) }
            let made = try await desk.addKey(
                of: account, title: call.body["title"]?.stringValue ?? "", scopes: try scopes(call),
                expiresAt: expires, by: call.caller)
            var members = made.record.json(owner: nil).objectValue ?? [:]
            members["key"] = .string(made.key)
            return Response.json(.object(members), status: .created)
        }
        api.add(
            Operation(
                "keys.revoke", .delete, "/keys/{id}", "Revokes an API key at once", tag: "Identity", access: .signedIn,
                parameters: [.path("id", "What stands in the key between its underscores")],
                answers: [.ok("The key", ["type": "object", "required": ["id"]])])
        ) { call in
            let id = call.text("id")
            if call.caller.credential != .key(id) { try requireSession(call, or: .keys) }
            return Response.json(try await desk.revokeKey(id, by: call.caller).json(owner: nil))
        }
        api.add(
            Operation(
                "tokens.mint", .post, "/auth/tokens", "A token outside any session, with these scopes and no more",
                tag: "Identity", access: .signedIn, body: .init(schema: Self.mintSchema),
                answers: [.created("The token, this once", ["type": "object", "required": ["access_token"]])]
            ).proved()
        ) { call in
            let made = try await desk.mint(
                for: try subject(call), scopes: try scopes(call) ?? [],
                seconds: call.body["expires_in"]?.integerValue ?? 0, by: call.caller)
            return Response.json(made.claims.json(token: made.token), status: .created)
        }
    }

    /// Whom a key or token is for. Neither makes others, since neither is recent proof: who holds one could never be
    /// shut out.
    private func subject(_ call: APICall) throws -> RunID {
        guard let text = call.body["account"]?.stringValue else { return try call.requireAccount() }
        guard let id = RunID(text) else { throw Problem(.notFound, "not_found", "there is no account \(text)") }
        guard text == call.caller.id || call.caller.reach(.keys, .write) == .tenant else {
            throw Problem(.forbidden, "forbidden", "making keys of other accounts needs keys.write")
        }
        return id
    }

    /// What is narrower than its account must not end what the account's person or its other programs work with.
    private func requireSession(_ call: APICall, or resource: Resource) throws {
        switch call.caller.credential {
        case .session, .none: return
        case .key, .token:
            guard call.caller.reach(resource, .write) != .tenant else { return }
            throw Problem(
                .forbidden, "forbidden", "\(call.operation.id) needs a session, or \(Permission(resource, .write))")
        }
    }

    private func scopes(_ call: APICall) throws -> Set<Scope>? {
        guard let words = call.body["scopes"]?.arrayValue?.compactMap(\.stringValue) else { return nil }
        let scopes = words.compactMap { Scope($0) }
        guard scopes.count == words.count else {
            throw Problem(.unprocessableContent, "invalid", "a scope is written resource.verb, such as runs.read")
        }
        return Set(scopes)
    }

    private func names(_ call: APICall) async throws -> [RunID: String] {
        let accounts = try await desk.accounts(seenBy: call.caller)
        return Dictionary(accounts.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    private func addSessions(to api: APIRouter) {
        api.add(
            Operation(
                "sessions.list", .get, "/sessions", "Open sessions: the caller's own, or all with sessions.read",
                tag: "Identity", access: .signedIn,
                answers: [.ok("Newest first", ["type": "object", "required": ["sessions"]])])
        ) { call in
            let all = call.caller.reach(.sessions, .read) == .tenant
            let sessions = try await desk.sessions(
                of: all ? nil : try call.requireAccount(), seenBy: call.caller)
            let names = try await names(call), rule = desk.settings.sessions
            let list = sessions.map { session in
                session.json(
                    owner: names[session.account],
                    isCurrent: call.caller.credential == .session(session.id.description),
                    until: rule.end(began: session.createdAt, used: session.refreshedAt))
            }
            return Response.json(["sessions": .array(list)])
        }
        api.add(
            Operation(
                "sessions.end", .delete, "/sessions/{id}", "Ends a session: its tokens are good no more",
                tag: "Identity", access: .signedIn, parameters: [.path("id", "Its id")],
                answers: [.noContent("It is over")])
        ) { call in
            let id = try call.id("id", "session")
            try requireSession(call, or: .sessions)
            let seen = try await desk.sessions(of: nil, seenBy: call.caller).first { $0.id == id }
            let isOwn = seen?.account.description == call.caller.id
            guard seen != nil, isOwn || call.caller.reach(.sessions, .write) == .tenant else {
                throw Problem(.notFound, "not_found", "there is no session \(id)")
            }
            try await desk.end(session: id, because: "revoked", by: call.caller)
            return Response(status: .noContent)
        }
    }

    private func addSigning(to api: APIRouter) {
        api.add(
            Operation(
                "tokens.keys", .get, "/auth/keys", "The keys that sign tokens, with their age: for operators",
                tag: "Identity", access: .needs(.keys, .read),
                answers: [.ok("Oldest first", ["type": "object", "required": ["keys"]])]
            ).forOperators()
        ) { _ in
            let now = desk.now
            var members: [String: JSONValue] = ["keys": .array(desk.ring.records.map { $0.json(at: now) })]
            members["overdue_days"] = desk.ring.overdueDays(at: now).map { .integer($0) }
            members["shared_secret"] = desk.ring.sharedKeyID.map { .string($0) }
            return Response.json(.object(members))
        }
        var rotate = Operation(
            "tokens.rotate", .post, "/auth/keys/rotate",
            "A new key that signs; immediate: nothing that others signed is good any more", tag: "Identity",
            access: .needs(.keys, .write), body: .init(schema: Self.rotateSchema, missing: [:]),
            answers: [.ok("The new key", ["type": "object", "required": ["kid"]])])
        rotate.needsRecentProof = true
        rotate.isForOperators = true
        api.add(rotate) { call in
            let record = try await desk.ring.rotate(
                isImmediate: call.body["immediate"]?.boolValue ?? false, at: desk.now, by: call.by)
            return Response.json(record.json(at: desk.now))
        }
    }
}

extension TokenClaims {
    package func json(token: String) -> JSONValue {
        [
            "access_token": .string(token), "token_type": "bearer", "expires_in": .integer(expiresAt - issuedAt),
            "token_id": .string(id),
            "scope": .string((scopes ?? []).map(\.description).sorted().joined(separator: " ")),
        ]
    }
}
