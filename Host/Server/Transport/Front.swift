import Engine
import Hummingbird
import HummingbirdCore
import Kernel
import Logging
import NIOCore
import ServiceLifecycle

/// Everything between the network and the operations: the listeners, and what they share.
struct Front: Sendable {
    /// What the second listener serves.
    private static let managementPaths: Set<String> = ["/health", "/readyz"]
    /// Connections that wait to be taken.
    private static let backlog = 1_024

    let gate: DrainGate
    let limiter: RequestLimiter
    let hub: SocketHub
    private let settings: ServerSettings
    private let isOpen: Bool
    private let certificates: Certificates?
    private let deadlines = Deadlines()
    private let logger: Logger

    /// - Throws: when the certificate cannot be used.
    init(
        runtime: HostRuntime, settings: ServerSettings, authenticator: any Authenticating, gate: DrainGate,
        logger: Logger
    ) throws {
        self.settings = settings
        self.gate = gate
        self.logger = logger
        isOpen = authenticator is OpenAuthenticator
        certificates = try settings.transport.tls.map { try Certificates($0, logger: logger) }
        limiter = RequestLimiter(settings.transport.limits)
        hub = SocketHub(
            runtime: runtime, limits: settings.transport.sockets, authenticator: authenticator, logger: logger)
    }

    /// Until it is cancelled.
    func run(reload: AsyncStream<Void>) async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await deadlines.run() }
            tasks.addTask { await hub.run() }
            guard let certificates else { return }
            tasks.addTask { await certificates.follow() }
            tasks.addTask { for await _ in reload { certificates.reload() } }
        }
    }

    /// In the order in which they begin; they end in the opposite one, so that whoever watches the host sees it end.
    func listeners(
        _ router: Router<APIContext>, onReady: @escaping @Sendable (ServedPorts) async -> Void
    ) -> [any Service] {
        let responder = router.buildResponder()
        let ports = Ports(
            expected: settings.transport.managementPort == nil ? 1 : 2, isSecure: certificates != nil, onReady)
        var services: [any Service] = []
        if let port = settings.transport.managementPort {
            let management = OnlyPaths(inner: front(responder, isSecure: false), paths: Self.managementPaths)
            services.append(
                application(management, settings.transport.managementHost, port, nil, decide: nil) { port in
                    await ports.management(port)
                })
        }
        let upgrade = SocketUpgrade(
            hub: hub, settings: settings.transport, gate: gate, isSecure: certificates != nil, isOpen: isOpen)
        services.append(
            application(
                front(responder, isSecure: certificates != nil), settings.host, settings.port, certificates,
                decide: { upgrade.decide($0, $1) }
            ) { port in await ports.main(port) })
        return services
    }

    private func front<Inner: HTTPResponder>(_ inner: Inner, isSecure: Bool) -> FrontResponder<Inner>
    where Inner.Context == APIContext {
        FrontResponder(
            inner: inner, settings: settings.transport, limiter: limiter, deadlines: deadlines, isSecure: isSecure,
            isOpen: isOpen)
    }

    private func application<Responder: HTTPResponder>(
        _ responder: Responder, _ host: String, _ port: Int, _ certificates: Certificates?,
        decide: FirstRequestGate.Decide?, onListening: @escaping @Sendable (Int) async -> Void
    ) -> any Service where Responder.Context == APIContext {
        let transport = settings.transport
        let listening = Listening(
            settings: transport, gate: gate,
            connections: ConnectionTable(
                maximum: transport.maximumConnections, maximumByAddress: transport.maximumConnectionsByAddress),
            certificates: certificates, decide: decide)
        return Application(
            responder: responder,
            server: HTTPServerBuilder { BureauChannel(responder: $0, listening: listening) },
            configuration: .init(address: .hostname(host, port: port), backlog: Self.backlog),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }
}

/// Says once where all listeners are.
private actor Ports {
    private let expected: Int
    private let isSecure: Bool
    private let onReady: @Sendable (ServedPorts) async -> Void
    private var mainPort: Int?
    private var managementPort: Int?

    init(expected: Int, isSecure: Bool, _ onReady: @escaping @Sendable (ServedPorts) async -> Void) {
        self.expected = expected
        self.isSecure = isSecure
        self.onReady = onReady
    }

    func main(_ port: Int) async {
        mainPort = port
        await tell()
    }

    func management(_ port: Int) async {
        managementPort = port
        await tell()
    }

    private func tell() async {
        guard let mainPort, expected == 1 || managementPort != nil else { return }
        await onReady(ServedPorts(port: mainPort, managementPort: managementPort, isSecure: isSecure))
    }
}

/// Serves a few paths, as if there were no others.
private struct OnlyPaths<Inner: HTTPResponder>: HTTPResponder where Inner.Context == APIContext {
    let inner: Inner
    let paths: Set<String>

    func respond(to request: Request, context: APIContext) async throws -> Response {
        guard paths.contains(request.uri.path) else {
            return try Problem(.notFound, "not_found", "this port serves the host's health only")
                .response(from: request, context: context)
        }
        return try await inner.respond(to: request, context: context)
    }
}
