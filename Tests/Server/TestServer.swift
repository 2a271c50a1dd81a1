import Engine
import Foundation
import Gateway
import Identity
import Journal
import Kernel
import Placement
import Server
import TestSupport

/// Who asks is what the token says: `name=ann;tenant=acme;scopes=runs.read,agents.*;clearance=public`. Without a tenant
/// it is an operator.
struct SpelledTokens: Authenticating {
    func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal {
        guard let token = credentials.bearer ?? credentials.key else { return .anonymous }
        var parts: [String: String] = [:]
        for part in token.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else { throw AuthenticationFailure("the token is not one of this host's") }
            parts[pair[0]] = pair[1]
        }
        guard let name = parts["name"] else { throw AuthenticationFailure("the token is not one of this host's") }
        let scopes = (parts["scopes"] ?? "*.*").split(separator: ",").compactMap { Scope(String($0)) }
        let colleagues = (parts["colleagues"] ?? "").split(separator: ",").map(String.init)
        return Principal(
            kind: .user, id: "user:\(name)", name: name, tenant: parts["tenant"], colleagues: Set(colleagues),
            scopes: Set(scopes), clearance: parts["clearance"].flatMap(Sensitivity.init(rawValue:)) ?? .usual,
            credential: credentials.bearer == nil ? .key("spelled") : .session("spelled"),
            authenticatedAt: Instant(unixMilliseconds: Int64(Date().timeIntervalSince1970 * 1_000)), methods: ["pwd"])
    }
}

/// A host with echoing departments behind the real server, in this process, and a client that holds each answer against
/// the description of the API.
final class TestServer: Sendable {
    struct Caller: Sendable {
        var token: String?

        static let nobody = Caller(token: nil)
        static let operatorOfAll = Caller(token: "name=root")

        static func user(_ name: String, of tenant: String?, _ scopes: String = "*.*", colleagues: String = "")
            -> Caller
        {
            var token = "name=\(name);scopes=\(scopes)"
            if let tenant { token += ";tenant=\(tenant)" }
            if !colleagues.isEmpty { token += ";colleagues=\(colleagues)" }
            return Caller(token: token)
        }
    }

    let runtime: HostRuntime
    let port: Int
    let description: APIDescription
    private let folder: Scratch
    private let stopping: AsyncStream<Void>.Continuation
    private let serving: Task<Void, any Error>

    /// - Parameter folder: of a store that is there already.
    static func start(
        in folder: Scratch? = nil, authenticator: any Authenticating = SpelledTokens(), port: Int = 0,
        _ adjust: (inout HostSettings) -> Void = { _ in }
    ) async throws -> TestServer {
        let folder = try folder ?? Scratch()
        let plugins = [
            EchoPlugin("desk", ["echo", "review"], reviewed: ["review"]), EchoPlugin("life", ["health.wellness_daily"]),
            EchoPlugin("council", ["decide"]), EchoPlugin("analytics", ["experiment-log", "train"]),
        ]
        let departments = plugins.map { plugin in
            BuiltInDepartment(descriptor: plugin.descriptor) { () async throws(PlacementError) in plugin }
        }
        var settings = HostSettings(
            storeFolder: folder.folder("store"), pluginPaths: [], builtIn: departments,
            workerPath: Built.binary("bureau-worker").path, providers: [OfflineProvider()], priceBook: .builtIn,
            gateway: GatewaySettings())
        settings.servesEvents = true
        settings.vault = KeyVault(path: folder.folder("vault"), keyPath: folder.folder("vault.key"))
        adjust(&settings)
        let runtime = try await HostRuntime.open(settings)
        let identity = try await IdentityDesk.open(
            journal: runtime.journal, files: IdentityFiles(storeFolder: folder.folder("store")),
            clock: { runtime.now }, by: "test")
        var transport = TransportSettings()
        transport.limits = .unlimited
        let server = BureauServer(
            runtime: runtime, identity: identity,
            settings: ServerSettings(port: port, drainSeconds: 1, transport: transport), authenticator: authenticator,
            proofs: try ProofServices(
                runtime: runtime, sessions: DeskAccounts(identity), publicURL: "https://bureau.example.org"))
        let (stops, stopping) = AsyncStream.makeStream(of: Void.self)
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        let serving = Task {
            defer { ready.finish() }
            try await server.run(until: stops) { ready.yield($0.port) }
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await serving.value
            throw Failure(.io, "the server did not start")
        }
        return TestServer(
            runtime, port, APIDescription(server.operations().json), folder, stopping, serving)
    }

    private init(
        _ runtime: HostRuntime, _ port: Int, _ description: APIDescription, _ folder: Scratch,
        _ stopping: AsyncStream<Void>.Continuation, _ serving: Task<Void, any Error>
    ) {
        self.runtime = runtime
        self.port = port
        self.description = description
        self.folder = folder
        self.stopping = stopping
        self.serving = serving
    }

    @discardableResult
    func stop() async throws -> Scratch {
        stopping.yield()
        stopping.finish()
        try await serving.value
        await runtime.shutdown()
        return folder
    }

    func ask(
        _ caller: Caller, _ method: String, _ path: String, _ body: JSONValue? = nil, headers: [String: String] = [:]
    ) async throws -> LoopbackClient.Response {
        try await ask(caller, method, path, bytes: body?.bytes, headers: headers)
    }

    /// On a thread of its own: it blocks.
    func ask(
        _ caller: Caller, _ method: String, _ path: String, bytes: [UInt8]?, headers: [String: String] = [:]
    ) async throws -> LoopbackClient.Response {
        var headers = headers
        if let token = caller.token { headers["Authorization"] = "Bearer \(token)" }
        let client = LoopbackClient(port: UInt16(port)), sent = headers
        let response: LoopbackClient.Response = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try client.send(method, path, bytes, headers: sent) })
            }
        }
        try description.check(response, to: method, path)
        return response
    }

    /// The run's id, once it is in this state.
    func run(
        _ caller: Caller, _ task: String = "echo", _ input: JSONValue = [:], until status: String = "done",
        headers: [String: String] = [:]
    ) async throws -> String {
        let body: JSONValue = ["task": .string(task), "parameters": input]
        let started = try await ask(caller, "POST", "/agents/desk/execute", body, headers: headers)
        guard started.status == 202, let id = try started.json()["job_id"]?.stringValue else {
            throw Failure(.internal, "\(started.status) \(String(decoding: started.body, as: UTF8.self))")
        }
        try await wait(for: id, status)
        return id
    }

    /// The suite's limit is only there to end.
    func wait(for run: String, _ status: String) async throws {
        let operatorOfAll = Caller.operatorOfAll
        while try await ask(operatorOfAll, "GET", "/jobs/\(run)").json()["status"]?.stringValue != status {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
