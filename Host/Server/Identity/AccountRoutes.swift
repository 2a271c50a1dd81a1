import Hummingbird
import Identity
import Journal
import Kernel

/// Users and service accounts: two lists over one kind of record.
struct AccountRoutes: Sendable {
    let desk: IdentityDesk
    let kind: AccountRecord.Kind

    private var path: String { kind == .user ? "/users" : "/services" }
    private var word: String { kind == .user ? "user" : "service" }
    private var what: String { kind == .user ? "user" : "service account" }

    private static let names: JSONValue = [
        "type": "array", "maxItems": 32, "uniqueItems": true,
        "items": ["type": "string", "minLength": 1, "maxLength": 80],
    ]
    private static let title: JSONValue = ["type": "string", "maxLength": 200]
    private static let clearance: JSONValue = ["enum": ["public", "internal", "confidential", "restricted"]]
    static let account: JSONValue = [
        "type": "object", "required": ["id", "kind", "name", "tenant", "roles", "teams", "enabled", "clearance"],
    ]

    private var addSchema: JSONValue {
        var properties: [String: JSONValue] = [
            "roles": Self.names, "teams": Self.names, "title": Self.title, "clearance": Self.clearance,
            "tenant": ["type": ["string", "null"], "maxLength": 64],
        ]
        if kind == .user {
            properties["email"] = ["type": "string", "minLength": 3, "maxLength": 254]
            properties["password"] = ["type": "string", "minLength": 1, "maxLength": 4_096]
        } else {
            properties["name"] = ["type": "string", "minLength": 1, "maxLength": 64]
        }
        return [
            "type": "object", "additionalProperties": false, "required": [kind == .user ? "email" : "name", "roles"],
            "properties": .object(properties),
        ]
    }

    private static let changeSchema: JSONValue = [
        "type": "object", "additionalProperties": false, "minProperties": 1,
        "properties": [
            "roles": names, "teams": names, "title": title, "clearance": clearance, "enabled": ["type": "boolean"],
        ],
    ]

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "\(word)s.list", .get, path, "Every \(what) that the caller sees", tag: "Identity",
                access: .needs(.users, .read),
                answers: [.ok("By name", ["type": "object", "required": [.string("\(word)s")]])])
        ) { call in
            let seen = try await desk.accounts(seenBy: call.caller).filter { isSeen($0, by: call.caller) }
            return Response.json([
                "\(word)s": .array(seen.map { $0.json(lockedUntil: desk.lockedUntil($0)) })
            ])
        }
        api.add(
            Operation(
                "\(word)s.show", .get, "\(path)/{id}", "One \(what), with what it may", tag: "Identity",
                access: .needs(.users, .read), parameters: [.path("id", "Its id")],
                answers: [.ok("It", Self.account)])
        ) { call in
            let account = try await seen(call)
            return Response.json(
                account.json(scopes: desk.scopes(of: account), lockedUntil: desk.lockedUntil(account)))
        }
        api.add(
            Operation(
                "\(word)s.add", .post, path, "Makes a \(what)", tag: "Identity", access: .needs(.users, .write),
                body: .init(schema: addSchema), answers: [.created("It", Self.account)]
            ).proved(orService: true)
        ) { call in try await make(call) }
        api.add(
            Operation(
                "\(word)s.change", .patch, "\(path)/{id}", "Changes what is given; taking rights away ends its tokens",
                tag: "Identity", access: .needs(.users, .write), parameters: [.path("id", "Its id")],
                body: .init(schema: Self.changeSchema), answers: [.ok("It", Self.account)]
            ).proved(orService: true)
        ) { call in try await change(call) }
        if kind == .user { addForUsers(to: api) }
    }

    private func addForUsers(to api: APIRouter) {
        api.add(
            Operation(
                "users.unlock", .post, "/users/{id}/unlock", "Lets a user try again who failed too often",
                tag: "Identity", access: .needs(.users, .write), parameters: [.path("id", "Its id")],
                answers: [.noContent("Not locked")])
        ) { call in
            let account = try await written(call)
            _ = try await desk.unlock(account.id, by: call.caller)
            return Response(status: .noContent)
        }
        var reset = Operation(
            "users.reset_password", .post, "/users/{id}/password",
            "A random password that is good for one sign-in; all sessions of the user end", tag: "Identity",
            access: .needs(.users, .write), parameters: [.path("id", "Its id")],
            answers: [.ok("The password", ["type": "object", "required": ["password"]])])
        reset.needsRecentProof = true
        api.add(reset) { call in
            let account = try await written(call)
            let password = try await desk.resetPassword(of: account.id, to: nil, by: call.caller)
            return Response.json(["password": .string(password), "must_change": true])
        }
    }

    private func make(_ call: APICall) async throws -> Response {
        let body = call.body
        var tenant = call.caller.tenant
        if let named = body["tenant"] {
            guard call.caller.tenant == nil || named.stringValue == call.caller.tenant else {
                throw Problem(.forbidden, "forbidden", "an account that you make belongs to your tenant")
            }
            tenant = named.stringValue
        } else if call.caller.tenant == nil {
            tenant = call.tenant
        }
        guard call.caller.reach(.users, .write) == .tenant else {
            throw Problem(.forbidden, "forbidden", "making accounts needs users.write")
        }
        let name = body[kind == .user ? "email" : "name"]?.stringValue ?? ""
        let account = try await desk.add(
            NewAccount(
                kind: kind, tenant: tenant, name: name, title: body["title"]?.stringValue ?? "",
                roles: Self.words(body["roles"]) ?? [], teams: Self.words(body["teams"]) ?? [],
                clearance: Self.clearance(body) ?? .usual, password: body["password"]?.stringValue,
                mustChange: body["password"] != nil), by: call.caller)
        var response = Response.json(account.json(), status: .created)
        response.headers[.location] = "\(path)/\(account.id)"
        return response
    }

    private func change(_ call: APICall) async throws -> Response {
        let known = try await written(call)
        let wish = AccountWish(
            title: call.body["title"]?.stringValue, roles: Self.words(call.body["roles"]),
            teams: Self.words(call.body["teams"]), clearance: Self.clearance(call.body),
            isEnabled: call.body["enabled"]?.boolValue)
        return Response.json(try await desk.change(known.id, wish, by: call.caller).json())
    }

    private static func words(_ list: JSONValue?) -> [String]? { list?.arrayValue?.compactMap(\.stringValue) }
    private static func clearance(_ body: JSONValue) -> Sensitivity? {
        body["clearance"]?.stringValue.flatMap(Sensitivity.init(rawValue:))
    }

    private func isSeen(_ account: AccountRecord, by caller: Principal) -> Bool {
        guard account.kind == kind else { return false }
        let reach = caller.reach(.users, .read)
        return reach == .tenant || account.id.description == caller.id
            || caller.sees(owner: account.name, tenant: account.tenant ?? "", reach)
    }

    /// One that the caller sees; else the answer is that of one that is not there.
    private func seen(_ call: APICall) async throws -> AccountRecord {
        let account = try await desk.account(try call.id("id", what), seenBy: call.caller)
        guard isSeen(account, by: call.caller) else {
            throw Problem(.notFound, "not_found", "there is no \(what) \(call.text("id"))")
        }
        return account
    }

    private func written(_ call: APICall) async throws -> AccountRecord {
        let account = try await desk.account(try call.id("id", what), seenBy: call.caller)
        guard account.kind == kind, call.caller.reach(.users, .write) == .tenant else {
            throw Problem(.notFound, "not_found", "there is no \(what) \(call.text("id"))")
        }
        return account
    }
}
