import Engine
import HTTPTypes
import Hummingbird
import Identity
import Journal
import Kernel

/// Second factors: the caller's own, the second step of a sign-in, and a proof anew.
struct FactorRoutes: Sendable {
    let services: ProofServices

    static let tag = "Second factors"
    private static let label: JSONValue = ["type": "string", "minLength": 1, "maxLength": 100]
    private static let code: JSONValue = ["type": "string", "minLength": 6, "maxLength": 32]
    private static let token: JSONValue = ["type": "string", "minLength": 1, "maxLength": 4096]

    /// What answers call a method (RFC 8176), and what requests call it: they may say either, so that a client can send
    /// back what it was told.
    private static let words = ["otp": "totp", "rec": "recovery", "hwk": "webauthn", "pwd": "password"]

    /// A choice of these, by each of their words.
    private static func methods(_ names: [String]) -> JSONValue {
        let more = words.filter { names.contains($0.value) }.keys.sorted()
        return ["type": "string", "enum": .array((names + more).map { .string($0) })]
    }

    /// Which method a request names, by the word for requests.
    private static func method(_ body: JSONValue) -> String? {
        body["method"]?.stringValue.map { words[$0] ?? $0 }
    }

    private static let factor: JSONValue = [
        "type": "object", "required": ["id", "kind", "label", "created_at", "confirmed"],
        "properties": [
            "id": ["type": "string"], "kind": ["type": "string"], "label": ["type": "string"],
            "created_at": ["type": "string"], "confirmed": ["type": "boolean"],
            "used_at": ["type": ["string", "null"]], "left": ["type": "integer"],
        ],
    ]

    private static let list: JSONValue = [
        "type": "object", "required": ["factors"], "properties": ["factors": ["type": "array", "items": factor]],
    ]

    private static func object(_ required: [String], _ properties: [String: JSONValue]) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "object", "additionalProperties": false, "properties": .object(properties),
        ]
        // OpenAPI 3.0 knows no empty list here.
        if !required.isEmpty { members["required"] = .array(required.map { .string($0) }) }
        return .object(members)
    }

    func add(to api: APIRouter) {
        addOwn(to: api)
        addCodes(to: api)
        addKeys(to: api)
        addSignIn(to: api)
        addStepUp(to: api)
        addReset(to: api)
    }

    // MARK: The caller's own

    private func addOwn(to api: APIRouter) {
        api.add(
            Operation(
                "mfa.list", .get, "/auth/mfa", "The caller's second factors", tag: Self.tag, access: .signedIn,
                answers: [.ok("They", Self.list)])
        ) { call in
            let factors = try await services.factors.factors(of: try person(call).id)
            return Response.json(["factors": .array(factors.map(\.json))])
        }
        var remove = Operation(
            "mfa.remove", .delete, "/auth/mfa/{id}", "Takes one away; the last takes the recovery codes with it",
            tag: Self.tag, access: .signedIn, parameters: [.path("id", "The factor")],
            answers: [.noContent("It is gone")])
        remove.needsRecentProof = true
        api.add(remove) { call in
            try await services.factors.remove(try id(call), of: try person(call))
            return Response(status: .noContent)
        }
        var recovery = Operation(
            "mfa.recovery", .post, "/auth/mfa/recovery-codes", "Ten new recovery codes, shown this once",
            tag: Self.tag, access: .signedIn, answers: [.created("The codes", ["type": "object"])])
        recovery.needsRecentProof = true
        api.add(recovery) { call in
            let codes = try await services.factors.makeRecoveryCodes(try person(call))
            return Response.json(["recovery_codes": .array(codes.map { .string($0) })], status: .created)
        }
    }

    private func addCodes(to api: APIRouter) {
        var begin = Operation(
            "mfa.totp.add", .post, "/auth/mfa/totp", "Begins with codes of an authenticator program", tag: Self.tag,
            access: .signedIn, body: .init(schema: Self.object(["label"], ["label": Self.label])),
            answers: [.created("The secret, as text, as URI and as QR code; it counts once it is confirmed")])
        begin.needsRecentProof = true
        api.add(begin) { call in
            let made = try await services.factors.addTOTP(
                try person(call), label: call.body["label"]?.stringValue ?? "")
            var members = made.factor.json.objectValue ?? [:]
            members["secret"] = .string(made.secret)
            members["uri"] = .string(made.uri)
            members["qr_svg"] = made.code.map { .string($0.svg) }
            members["qr_text"] = made.code.map { .string($0.terminalLines.joined(separator: "\n")) }
            return Response.json(.object(members), status: .created)
        }
        api.add(
            Operation(
                "mfa.totp.confirm", .post, "/auth/mfa/totp/{id}/confirm", "Confirms it with a code", tag: Self.tag,
                access: .signedIn, parameters: [.path("id", "The factor")],
                body: .init(schema: Self.object(["code"], ["code": Self.code])),
                answers: [.ok("It counts; with the first factor come recovery codes", ["type": "object"])])
        ) { call in
            let person = try person(call)
            try await services.factors.confirmTOTP(
                try id(call), person, code: call.body["code"]?.stringValue ?? "")
            return Response.json(try await confirmed(person))
        }
        var number = Operation(
            "mfa.sms.add", .post, "/auth/mfa/sms", "Sends a code to a telephone number", tag: Self.tag,
            access: .signedIn,
            body: .init(
                schema: Self.object(
                    ["label", "number"],
                    ["label": Self.label, "number": ["type": "string", "minLength": 8, "maxLength": 16]])),
            answers: [.created("It counts once it is confirmed", Self.factor)])
        number.needsRecentProof = true
        api.add(number) { call in
            let factor = try await services.factors.addNumber(
                try person(call), label: call.body["label"]?.stringValue ?? "",
                number: call.body["number"]?.stringValue ?? "")
            return Response.json(factor.json, status: .created)
        }
        api.add(
            Operation(
                "mfa.sms.confirm", .post, "/auth/mfa/sms/confirm", "Confirms the number with the code", tag: Self.tag,
                access: .signedIn, body: .init(schema: Self.object(["code"], ["code": Self.code])),
                answers: [.ok("It counts; with the first factor come recovery codes", ["type": "object"])])
        ) { call in
            let person = try person(call)
            _ = try await services.factors.prove(
                person.id, by: .message(call.body["code"]?.stringValue ?? ""))
            return Response.json(try await confirmed(person))
        }
    }

    private func addKeys(to api: APIRouter) {
        var begin = Operation(
            "mfa.webauthn.begin", .post, "/auth/mfa/webauthn/begin", "What navigator.credentials.create is given",
            tag: Self.tag, access: .signedIn,
            answers: [.ok("PublicKeyCredentialCreationOptionsJSON", ["type": "object"])])
        begin.needsRecentProof = true
        api.add(begin) { call in Response.json(try await services.factors.beginKey(try person(call))) }
        api.add(
            Operation(
                "mfa.webauthn.add", .post, "/auth/mfa/webauthn", "Adds the key of an authenticator", tag: Self.tag,
                access: .signedIn,
                body: .init(
                    schema: Self.object(
                        ["label", "credential"], ["label": Self.label, "credential": ["type": "object"]])),
                answers: [.created("It counts; with the first factor come recovery codes", ["type": "object"])])
        ) { call in
            let person = try person(call)
            let factor = try await services.factors.addKey(
                person, label: call.body["label"]?.stringValue ?? "", answer: call.body["credential"] ?? .null)
            var members = try await confirmed(person).objectValue ?? [:]
            members.merge(factor.json.objectValue ?? [:], uniquingKeysWith: { $1 })
            return Response.json(.object(members), status: .created)
        }
    }

    /// Recovery codes come with the first factor, so that nobody forgets them.
    private func confirmed(_ person: AccountMark) async throws -> JSONValue {
        let kinds = try await services.factors.factors(of: person.id).map(\.kind)
        guard !kinds.contains(.recovery) else { return ["confirmed": true] }
        let codes = try await services.factors.makeRecoveryCodes(person)
        return ["confirmed": true, "recovery_codes": .array(codes.map { .string($0) })]
    }

    // MARK: The second step of a sign-in

    private func addSignIn(to api: APIRouter) {
        api.add(
            Operation(
                "mfa.challenge", .post, "/auth/mfa/challenge",
                "Asks for a second factor after the first was right: an authenticator's options, or a text message",
                tag: Self.tag, access: .open,
                body: .init(
                    schema: Self.object(
                        ["mfa_token"],
                        ["mfa_token": Self.token, "method": Self.methods(["sms", "webauthn"])])),
                answers: [.ok("The methods that the account has, and what was asked for", ["type": "object"])])
        ) { call in
            let pending = try await services.sessions.pending(call.body["mfa_token"]?.stringValue ?? "")
            return Response.json(try await challenge(pending.account.id, Self.method(call.body)))
        }
        api.add(
            Operation(
                "mfa.verify", .post, "/auth/mfa/verify", "The second step of a sign-in", tag: Self.tag, access: .open,
                body: .init(
                    schema: Self.object(
                        ["mfa_token", "method"],
                        [
                            "mfa_token": Self.token, "method": Self.methods(["totp", "recovery", "sms", "webauthn"]),
                            "code": Self.code, "credential": ["type": "object"],
                        ])),
                answers: [.ok("The session", ["type": "object"])])
        ) { call in
            let pending = try await services.sessions.pending(call.body["mfa_token"]?.stringValue ?? "")
            let method = try await services.factors.prove(pending.account.id, by: try shown(call.body))
            let methods = pending.methods.union([method.rawValue, "mfa"])
            return Response.json(
                try await services.sessions.begin(pending.account, methods: methods, client: call.client))
        }
    }

    private func challenge(_ account: String, _ method: String?) async throws -> JSONValue {
        let methods = try await services.factors.methods(of: account)
        var members: [String: JSONValue] = ["methods": .array(methods.map(\.rawValue).sorted().map { .string($0) })]
        switch method {
        case "webauthn": members["options"] = try await services.factors.askKey(of: account)
        case "sms":
            try await services.factors.sendCode(of: account)
            members["sent"] = true
        default: break
        }
        return .object(members)
    }

    // MARK: A proof anew

    private func addStepUp(to api: APIRouter) {
        api.add(
            Operation(
                "step_up.challenge", .post, "/auth/step-up/challenge", "Asks for a second factor of the caller's",
                tag: Self.tag, access: .signedIn,
                body: .init(schema: Self.object([], ["method": Self.methods(["sms", "webauthn"])]), missing: [:]),
                answers: [.ok("The methods that the caller has, and what was asked for", ["type": "object"])])
        ) { call in
            Response.json(try await challenge(try person(call).id, Self.method(call.body)))
        }
        api.add(
            Operation(
                "step_up", .post, "/auth/step-up", "Proves again that it is the caller, for what is dangerous",
                tag: Self.tag, access: .signedIn,
                body: .init(
                    schema: Self.object(
                        ["method"],
                        [
                            "method": Self.methods(["password", "totp", "recovery", "sms", "webauthn"]),
                            "code": Self.code, "credential": ["type": "object"],
                            "password": ["type": "string", "minLength": 1, "maxLength": 1024],
                        ])),
                answers: [.ok("The session, as of now", ["type": "object"])])
        ) { call in
            let person = try person(call)
            guard case .session(let session) = call.caller.credential else {
                throw Problem(.forbidden, "forbidden", "only a session can be proved anew: sign in")
            }
            let method: StepUpRule.Method
            if Self.method(call.body) == "password" {
                method = try await password(call.body["password"]?.stringValue ?? "", person, call.client)
            } else {
                method = try await services.factors.prove(person.id, by: try shown(call.body))
            }
            return Response.json(
                try await services.sessions.renew(
                    session: session, account: person.id, methods: [method.rawValue], client: call.client))
        }
    }

    /// Enough only for who has nothing else.
    private func password(
        _ password: String, _ person: AccountMark, _ client: Client
    ) async throws -> StepUpRule.Method {
        guard try await services.factors.methods(of: person.id).isEmpty else {
            throw ProofError(.wrong, "the account has second factors: prove one of them")
        }
        guard try await services.sessions.isPassword(password, of: person.id, client: client) else {
            throw ProofError(.wrong, "the password is wrong")
        }
        return .password
    }

    // MARK: What administrators do

    private func addReset(to api: APIRouter) {
        var reset = Operation(
            "mfa.reset", .post, "/auth/mfa/reset", "Takes all second factors of an account away, and ends its sessions",
            tag: Self.tag, access: .needs(.users, .write),
            body: .init(
                schema: Self.object(["account"], ["account": ["type": "string", "minLength": 1, "maxLength": 200]])),
            answers: [.ok("How many there were", ["type": "object"])])
        reset.needsRecentProof = true
        api.add(reset) { call in
            let account = call.body["account"]?.stringValue ?? ""
            guard call.reach == .tenant, let known = try await services.sessions.account(account),
                call.caller.sees(tenant: known.tenant)
            else {
                throw Problem(.notFound, "not_found", "there is no account \(account)")
            }
            try await services.sessions.requireRights(over: account, by: call.caller)
            let count = try await services.factors.reset(account, tenant: call.caller.tenant, by: call.by)
            try await services.sessions.endSessions(of: account, by: call.by)
            return Response.json(["removed": .integer(Int64(count))])
        }
    }

    // MARK: Parts

    private func person(_ call: APICall) throws -> AccountMark {
        guard call.caller.kind == .user else {
            throw Problem(.forbidden, "forbidden", "\(call.operation.id) is for people")
        }
        // An operator of all tenants belongs to none: no tenant's administrator may touch what is theirs.
        return AccountMark(id: call.caller.id, tenant: call.caller.tenant ?? "", name: call.caller.name)
    }

    private func id(_ call: APICall) throws -> RunID {
        guard let id = RunID(call.text("id")) else { throw Problem(.notFound, "not_found", "there is no such factor") }
        return id
    }

    private func shown(_ body: JSONValue) throws -> ShownProof {
        let method = Self.method(body) ?? ""
        if method == "webauthn" {
            do throws(WebAuthnRefusal) {
                return .key(try WebAuthnAnswer(json: body["credential"] ?? .null))
            } catch {
                throw ProofError(.invalid, "credential: the answer of an authenticator is expected (\(error.rawValue))")
            }
        }
        guard let code = body["code"]?.stringValue else { throw ProofError(.invalid, "\(method) needs a code") }
        switch method {
        case "totp": return .code(code)
        case "recovery": return .recovery(code)
        default: return .message(code)
        }
    }
}

extension FactorRecord {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "id": .string(id.description), "kind": .string(kind.rawValue), "label": .string(label),
            "created_at": .string(createdAt.timestamp), "confirmed": .bool(confirmedAt != nil),
            "used_at": usedAt.map { .string($0.timestamp) } ?? .null,
        ]
        if kind == .recovery, let codes = secret.flatMap(RecoveryCodes.init(stored:)) {
            members["left"] = .integer(Int64(codes.left))
        }
        return .object(members)
    }
}
