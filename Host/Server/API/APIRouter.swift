import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Where operations become routes, each in all versions of the API. What no operation is behind is answered here too:
/// `HEAD` and `OPTIONS`, and 405 with what a path does allow.
final class APIRouter {
    typealias Handler = @Sendable (APICall) async throws -> Response

    /// Those that a path may be asked with at all.
    private static let methods: [HTTPMethod] = [.get, .put, .post, .delete, .patch, .trace, .connect]

    let router: Router<APIContext>
    let services: APIServices
    private let authenticator: any Authenticating
    private let stepUp: StepUpGate
    private(set) var operations: [Operation] = []
    /// By path, without versions.
    private var servers: [String: [OperationServer]] = [:]

    private let limits: any RequestLimiting

    init(
        authenticator: any Authenticating, services: APIServices, limits: any RequestLimiting = Unlimited(),
        stepUp: StepUpGate = StepUpGate()
    ) {
        self.authenticator = authenticator
        self.services = services
        self.limits = limits
        self.stepUp = stepUp
        router = Router(context: APIContext.self)
        router.add(middleware: RequestMiddleware(newID: services.newID))
    }

    /// - Precondition: the operation's schemas are sound, and its id and route are new: both stand in this program.
    func add(_ operation: Operation, _ handler: @escaping Handler) {
        precondition(!operations.contains { $0.id == operation.id }, "two operations are called \(operation.id)")
        operations.append(operation)
        let gate = OperationGate(operation: operation, authenticator: authenticator, stepUp: stepUp)
        let server = OperationServer(gate: gate, services: services, limits: limits, handler: handler)
        servers[operation.path, default: []].append(server)
        for version in Self.versions(of: operation) {
            router.on(RouterPath(version.prefix + operation.path), method: operation.method) { request, context in
                try await server.respond(to: request, context, version)
            }
        }
    }

    private static func versions(of operation: Operation) -> [APIVersion] {
        operation.isVersioned ? APIVersion.allCases : [.newest]
    }

    /// After the last operation.
    func finish() -> Router<APIContext> {
        for (path, servers) in servers {
            guard let first = servers.first else { continue }
            let allowed = servers.map(\.gate.operation.method)
            let get = servers.first { $0.gate.operation.method == .get }
            let names = (allowed + (get == nil ? [] : [.head]) + [.options]).map(\.rawValue).sorted()
            let list = names.joined(separator: ", ")
            for version in Self.versions(of: first.gate.operation) {
                let path = RouterPath(version.prefix + path)
                if let get {
                    router.on(path, method: .head) { request, context in
                        try await get.respond(to: request, context, version).withoutBody()
                    }
                }
                router.on(path, method: .options) { _, _ in Response(status: .noContent, headers: [.allow: list]) }
                for method in Self.methods where !allowed.contains(method) {
                    router.on(path, method: method) { _, _ -> Response in
                        var problem = Problem(
                            .methodNotAllowed, "method_not_allowed", "this path takes \(list), not \(method.rawValue)")
                        problem.headers[.allow] = list
                        throw problem
                    }
                }
            }
        }
        return router
    }
}

/// What serves all operations alike.
struct APIServices: Sendable {
    let journal: any JournalStore
    let cursors: CursorKeeper
    let answers: AnswerKeeper
    let usage: UsageMeter
    let newID: @Sendable () -> String

    init(runtime: HostRuntime) {
        journal = runtime.journal
        cursors = CursorKeeper()
        answers = AnswerKeeper(journal: runtime.journal)
        usage = UsageMeter(journal: runtime.journal) { runtime.now }
        newID = { runtime.newRunID().description }
    }
}

extension Response {
    /// As to `HEAD`: what `GET` would say of the content, which a stream does not know yet.
    fileprivate func withoutBody() -> Response { Response(status: status, headers: headers, body: .init()) }
}
