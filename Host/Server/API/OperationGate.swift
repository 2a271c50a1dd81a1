import Engine
import HTTPTypes
import Hummingbird
import Kernel

/// What stands before one operation's handler. In this order: who asks, may they, what they say (parameters, then body,
/// all errors at once).
struct OperationGate: Sendable {
    let operation: Operation
    private let authenticator: any Authenticating
    private let stepUp: StepUpGate
    private let parameters: ParameterReader
    private let body: BodyReader?

    init(operation: Operation, authenticator: any Authenticating, stepUp: StepUpGate = StepUpGate()) {
        self.operation = operation
        self.authenticator = authenticator
        self.stepUp = stepUp
        parameters = ParameterReader(operation)
        body = operation.body.flatMap { body in
            body.isRead ? BodyReader(schema: Self.compiled(body.schema), missing: body.missing) : nil
        }
    }

    func admit(
        _ caller: Principal, _ request: Request, _ context: APIContext, _ services: APIServices
    ) async throws -> APICall {
        let reach = try reach(of: caller)
        if operation.isForPeople { try requirePerson(caller) }
        if operation.needsRecentProof { try await stepUp.check(caller, operation) }
        let tenant = try tenant(of: caller, request)
        try MediaTypes.check(request, operation)
        let values = try parameters.read(request, context)
        return APICall(
            operation: operation, gate: self, request: request, context: context, services: services, caller: caller,
            reach: reach, tenant: tenant, parameters: values,
            body: try await body?.read(request, atMost: context.maximumBodyBytes) ?? .null)
    }

    /// A call that goes on for long, with what its caller may by now.
    ///
    /// - Returns: nil: what the request shows proves nobody any more, or somebody else, or the right is gone.
    func renewed(_ call: APICall) async -> APICall? {
        guard let caller = try? await caller(of: call.request, call.context), caller.id == call.caller.id,
            caller.tenant == call.caller.tenant, let reach = try? reach(of: caller)
        else { return nil }
        var renewed = call
        (renewed.caller, renewed.reach) = (caller, reach)
        return renewed
    }

    func caller(of request: Request, _ context: APIContext) async throws -> Principal {
        let credentials = Credentials(request, address: context.peer?.ipAddress ?? "")
        do throws(AuthenticationFailure) {
            return try await authenticator.principal(of: credentials)
        } catch {
            // An open operation does not need it: a client whose token is over can sign in again.
            if case .open = operation.access { return .anonymous }
            // A client that is told 401 throws its token away.
            throw error.isStoreFailure ? Problem.storage : Self.unauthenticated(error.message)
        }
    }

    /// What decides in a person's name wants a session: a key or a token says only that a person once made it.
    private func requirePerson(_ caller: Principal) throws {
        switch (caller.kind, caller.credential) {
        case (.local, _), (.open, _), (.user, .session): return
        case (.user, _):
            throw Problem(.forbidden, "person_needed", "\(operation.id) needs a session; a key or token is not enough")
        default:
            throw Problem(.forbidden, "person_needed", "\(operation.id) is for people; a service cannot do it")
        }
    }

    private static func unauthenticated(_ message: String) -> Problem {
        Problem(.unauthorized, "unauthenticated", message)
    }

    /// How much of what there is the caller may reach by this operation.
    private func reach(of caller: Principal) throws -> Reach {
        if case .open = operation.access { return .tenant }
        guard caller.kind != .anonymous else {
            throw Self.unauthenticated(
                "say who you are: Authorization: Bearer with a token of POST /auth/login, or X-API-Key")
        }
        if operation.isForOperators, caller.tenant != nil {
            throw Problem(.forbidden, "forbidden", "\(operation.id) is about the whole host: it is its operators'")
        }
        guard case .needs(let resource, let verb) = operation.access else { return .own }
        var reach = Self.reach(of: caller, resource, verb)
        if operation.isByDepartment, caller.mayRunSome { reach = .tenant }
        guard reach != .none else {
            throw Problem(.forbidden, "forbidden", "\(operation.id) needs \(Permission(resource, verb))")
        }
        guard reach == .tenant || !operation.isOwnerless else {
            throw Problem(
                .forbidden, "forbidden",
                "\(operation.id) needs \(Permission(resource, verb)): what it is about has no owner")
        }
        return reach
    }

    /// Reading and writing reach a part where the caller has `read_own` and the like; who may `execute` or `approve`
    /// may do so with what a reader of the same resource sees.
    static func reach(of caller: Principal, _ resource: Resource, _ verb: Verb) -> Reach {
        switch verb {
        case .read, .write: caller.reach(resource, verb)
        default: caller.may(resource, verb) ? .tenant : .none
        }
    }

    /// Where something new belongs: the caller's tenant; for operators, who belong to none, the one that they name in
    /// the header `x-bureau-tenant`, else the default one.
    private func tenant(of caller: Principal, _ request: Request) throws -> String {
        let named = request.headers[.bureauTenant]
        if let named, !Name.isValid(named) {
            throw Problem(
                .badRequest, "invalid_header", "x-bureau-tenant: \"\(named.prefix(80))\" is no name of a tenant")
        }
        guard let own = caller.tenant, caller.kind != .anonymous else { return named ?? CallOrigin.defaultTenant }
        guard named == nil || named == own else {
            throw Problem(.forbidden, "forbidden", "x-bureau-tenant names another tenant than yours")
        }
        return own
    }

    /// The schemas of this program, which tests compile too.
    static func compiled(_ schema: JSONValue) -> JSONSchema {
        do throws(SchemaError) { return try JSONSchema(schema) } catch {
            preconditionFailure("the host's own schema is broken: \(error.description)")
        }
    }
}

extension Credentials {
    init(_ request: Request, address: String) {
        let scheme = "bearer "
        let authorization = request.headers[.authorization]
        self.init(
            bearer: authorization?.lowercased().hasPrefix(scheme) == true
                ? authorization.map { String($0.dropFirst(scheme.count)) } : nil,
            key: request.headers[.apiKey], claimedName: request.headers[.bureauUser], address: address,
            userAgent: request.headers[.userAgent])
    }
}

extension HTTPField.Name {
    static let apiKey = known("X-API-Key")
}
