import HTTPTypes
import Hummingbird
import Kernel

/// Where operations become routes. For each request, in this order: who asks, may they, what they say (query, then
/// body, all errors at once), then the handler.
final class APIRouter {
    typealias Handler = @Sendable (APICall) async throws -> Response

    let router: Router<APIContext>
    private let authenticator: any Authenticating
    private(set) var operations: [Operation] = []

    init(authenticator: any Authenticating) {
        self.authenticator = authenticator
        router = Router(context: APIContext.self)
        router.add(middleware: ProblemMiddleware())
    }

    /// - Precondition: the operation's schemas are sound, and its id and route are new: both stand in this program.
    func add(_ operation: Operation, _ handler: @escaping Handler) {
        precondition(!operations.contains { $0.id == operation.id }, "two operations are called \(operation.id)")
        operations.append(operation)
        let gate = OperationGate(operation: operation, authenticator: authenticator)
        router.on(RouterPath(operation.path), method: operation.method) { request, context in
            try await handler(try await gate.admit(request, context))
        }
    }
}

/// What stands before one operation's handler.
struct OperationGate: Sendable {
    let operation: Operation
    private let authenticator: any Authenticating
    private let parameters: ParameterReader
    private let body: BodyReader?

    init(operation: Operation, authenticator: any Authenticating) {
        self.operation = operation
        self.authenticator = authenticator
        parameters = ParameterReader(operation)
        body = operation.body.map { BodyReader(schema: Self.compiled($0.schema), missing: $0.missing) }
    }

    func admit(_ request: Request, _ context: APIContext) async throws -> APICall {
        let caller = try await caller(of: request, context)
        try check(caller)
        let values = try parameters.read(request, context)
        return APICall(
            operation: operation, request: request, context: context, caller: caller, parameters: values,
            body: try await body?.read(request) ?? .null)
    }

    private func caller(of request: Request, _ context: APIContext) async throws -> Principal {
        let credentials = Credentials(request, address: context.peer?.ipAddress ?? "")
        do throws(AuthenticationFailure) {
            return try await authenticator.principal(of: credentials)
        } catch {
            // An open operation does not need it: a client whose token is over can sign in again.
            if case .open = operation.access { return .anonymous }
            throw Problem(.unauthorized, "unauthenticated", error.message)
        }
    }

    private func check(_ caller: Principal) throws {
        if case .open = operation.access { return }
        guard caller.kind != .anonymous else {
            throw Problem(
                .unauthorized, "unauthenticated",
                "say who you are: Authorization: Bearer with a token of POST /auth/login, or X-API-Key")
        }
        guard case .needs(let resource, let verb) = operation.access else { return }
        guard caller.reach(resource, verb) != .none else {
            throw Problem(.forbidden, "forbidden", "\(operation.id) needs \(Permission(resource, verb))")
        }
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
    static var apiKey: HTTPField.Name {
        guard let name = HTTPField.Name("X-API-Key") else { preconditionFailure("a valid field name") }
        return name
    }
}
