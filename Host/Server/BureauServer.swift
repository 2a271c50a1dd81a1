package import Engine
import Hummingbird
package import Identity
import Journal
import Logging
import ServiceLifecycle
import Synchronization

package struct ServerSettings: Hashable, Sendable {
    /// Loopback unless the operator says otherwise.
    package var host: String
    /// 0: any free port; `onReady` says which.
    package var port: Int
    /// How long open runs may go on after the signal to end, before they are left to the next start.
    package var drainSeconds: Int
    package var transport: TransportSettings

    package init(
        host: String = "127.0.0.1", port: Int = 8080, drainSeconds: Int = 20,
        transport: TransportSettings = TransportSettings()
    ) {
        self.host = host
        self.port = port
        self.drainSeconds = drainSeconds
        self.transport = transport
    }
}

/// Where a served host listens.
package struct ServedPorts: Hashable, Sendable {
    package var port: Int
    package var managementPort: Int?
    package var isSecure: Bool
}

/// The HTTP API over one host runtime. Handlers are thin: the engine decides, the journal answers.
package struct BureauServer: Sendable {
    private let runtime: HostRuntime
    private let settings: ServerSettings
    private let identity: IdentityDesk
    private let authenticator: any Authenticating
    private let proofs: ProofServices?

    /// - Parameter authenticator: nil: the desk says who asks, and who shows nothing may nothing.
    package init(
        runtime: HostRuntime, identity: IdentityDesk, settings: ServerSettings = ServerSettings(),
        authenticator: (any Authenticating)? = nil, proofs: ProofServices? = nil
    ) {
        self.runtime = runtime
        self.identity = identity
        self.settings = settings
        self.authenticator = authenticator ?? DeskAuthenticator(identity)
        self.proofs = proofs
    }

    /// Serves until `stop` yields or ends, then drains: `/readyz` answers 503 and nothing new is admitted while open
    /// runs get their time; answers say that their connection ends. Then the listener closes, requests in flight are
    /// answered, and sockets are told where to go on.
    ///
    /// - Parameters:
    ///   - reload: yields when certificates are to be read again, changed or not.
    ///   - onReady: called once all sockets listen.
    /// - Throws: when an address cannot be bound, or the certificate cannot be used.
    package func run(
        until stop: AsyncStream<Void>, reload: AsyncStream<Void> = AsyncStream { _ in },
        onReady: @escaping @Sendable (ServedPorts) async -> Void
    ) async throws {
        DescriptorLimit.raise()
        let gate = DrainGate(), services = APIServices(runtime: runtime)
        let logger = HostLog.logger("bureau.server")
        let front = try Front(
            runtime: runtime, settings: settings, authenticator: authenticator, gate: gate, logger: logger)
        let listeners = front.listeners(makeRouter(front, services), onReady: onReady)
        let group = ServiceGroup(
            configuration: .init(
                services: listeners, gracefulShutdownSignals: [], logger: logger))
        let helpers = Task { await front.run(reload: reload) }
        defer { helpers.cancel() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await _ in stop { break }
                gate.close()
                await runtime.drain(timeoutSeconds: settings.drainSeconds)
                await group.triggerGracefulShutdown()
            }
            // The first to end is the server: closed by the drain, or because it could not start.
            defer { tasks.cancelAll() }
            try await tasks.next()
            if gate.isOpen { return }
            try await tasks.waitForAll()
        }
        // What was counted goes into the journal before that is closed.
        await services.usage.flush()
    }

    private func makeRouter(_ front: Front, _ services: APIServices) -> Router<APIContext> {
        let api = APIRouter(
            authenticator: authenticator, services: services, limits: front.limiter,
            stepUp: StepUpGate(factors: proofs?.factors, clock: { runtime.now }))
        addRoutes(to: api, gate: front.gate, hub: front.hub)
        return api.finish()
    }

    private func addRoutes(to api: APIRouter, gate: DrainGate, hub: SocketHub) {
        SocketRoutes(hub: hub).add(to: api)
        api.router.add(middleware: RefusalMiddleware(desk: identity))
        HostRoutes(runtime: runtime, gate: gate, isSecure: !(authenticator is OpenAuthenticator)).add(to: api)
        AuthRoutes(desk: identity).add(to: api)
        AccountRoutes(desk: identity, kind: .user).add(to: api)
        AccountRoutes(desk: identity, kind: .service).add(to: api)
        PeopleRoutes(desk: identity).add(to: api)
        KeyRoutes(desk: identity).add(to: api)
        if let proofs {
            FactorRoutes(services: proofs).add(to: api)
            FederationRoutes(runtime: runtime, services: proofs).add(to: api)
        }
        NotificationRoutes(runtime: runtime).add(to: api)
        DepartmentRoutes(runtime: runtime).add(to: api)
        GrantRoutes(runtime: runtime).add(to: api)
        ReloadRoutes(runtime: runtime, gate: gate).add(to: api)
        OrderRoutes(runtime: runtime).add(to: api)
        AgentRoutes(runtime: runtime).add(to: api)
        AgentLifeRoutes(runtime: runtime).add(to: api)
        WorkRoutes(runtime: runtime, gate: gate).add(to: api)
        MessageRoutes(runtime: runtime).add(to: api)
        PoolRoutes(runtime: runtime).add(to: api)
        PlanRoutes(runtime: runtime, gate: gate).add(to: api)
        JobRoutes(runtime: runtime, gate: gate).add(to: api)
        DepartmentTaskRoutes(runtime: runtime, gate: gate).add(to: api)
        ScheduleRoutes(runtime: runtime).add(to: api)
        EventRoutes(runtime: runtime, gate: gate).add(to: api)
        TriggerRoutes(runtime: runtime).add(to: api)
        WebhookRoutes(runtime: runtime).add(to: api)
        BudgetRoutes(runtime: runtime).add(to: api)
        CostRoutes().add(to: api)
        ApprovalRoutes(runtime: runtime).add(to: api)
        ApprovalRuleRoutes(runtime: runtime).add(to: api)
        SubjectRoutes(runtime: runtime).add(to: api)
        OversightRoutes(runtime: runtime).add(to: api)
        AuditRoutes(runtime: runtime).add(to: api)
        ModelRoutes(runtime: runtime, gate: gate).add(to: api)
        UsageRoutes().add(to: api)
        // The last: it describes the others.
        DocumentRoutes().add(to: api)
    }

    /// What is served, without serving it: it touches no store.
    package func operations() -> OpenAPIDocument {
        let api = APIRouter(authenticator: authenticator, services: APIServices(runtime: runtime))
        let hub = SocketHub(
            runtime: runtime, limits: settings.transport.sockets, authenticator: authenticator,
            logger: Logger(label: "bureau.server"))
        addRoutes(to: api, gate: DrainGate(), hub: hub)
        return OpenAPIDocument(operations: api.operations)
    }
}

/// Open until the host was told to end. Streams of events end when it closes, so that the listener can.
final class DrainGate: Sendable {
    private let closed = Atomic(false)
    var isOpen: Bool { !closed.load(ordering: .acquiring) }
    func close() { closed.store(true, ordering: .releasing) }
}
