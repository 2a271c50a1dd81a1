import Engine
import Foundation
import Gateway
import Identity
import Journal
import Kernel
import Server
import Synchronization
import TestSupport

/// Tokens `TENANT.NAME.SCOPE,SCOPE`, believed: what a real authenticator proves is not these tests' matter.
/// `operator` belongs to no tenant; `revoked` proves nobody any more.
struct SaidSo: Authenticating {
    private static let revoked = Mutex<Set<String>>([])

    static func revoke(_ token: String) { revoked.withLock { _ = $0.insert(token) } }

    func principal(of credentials: Credentials) async throws(AuthenticationFailure) -> Principal {
        guard let token = credentials.bearer else { return .anonymous }
        let parts = token.split(separator: ".", maxSplits: 2).map(String.init)
        guard parts.count == 3, !Self.revoked.withLock({ $0.contains(token) }) else {
            throw AuthenticationFailure("the token proves nobody")
        }
        let scopes = parts[2].split { ",+".contains($0) }.compactMap { Scope(String($0)) }
        return Principal(
            kind: .user, id: "\(parts[0])/\(parts[1])", name: parts[1],
            tenant: parts[0] == "operator" ? nil : parts[0], scopes: Set(scopes))
    }
}

/// A host without departments, served in this process, so that tests can put events into its journal.
final class ServedHost: Sendable {
    let runtime: HostRuntime
    let port: Int
    private let scratch: Scratch
    private let stop: AsyncStream<Void>.Continuation
    private let serving: Task<Void, any Error>
    private let numbers = Mutex<Int64>(0)

    init(
        authenticator: any Authenticating = SaidSo(), _ adjust: (inout TransportSettings) -> Void = { _ in }
    ) async throws {
        scratch = try Scratch()
        runtime = try await HostRuntime.open(
            HostSettings(
                storeFolder: scratch.folder("store"), pluginPaths: [],
                workerPath: Built.binary("bureau-worker").path, providers: [], priceBook: .builtIn,
                gateway: GatewaySettings(), tools: []))
        var transport = TransportSettings()
        adjust(&transport)
        let identity = try await IdentityDesk.open(
            journal: runtime.journal, files: IdentityFiles(storeFolder: scratch.folder("store")),
            clock: { [runtime] in runtime.now }, by: "test")
        let server = BureauServer(
            runtime: runtime, identity: identity,
            settings: ServerSettings(port: 0, drainSeconds: 0, transport: transport), authenticator: authenticator)
        let (stops, stop) = AsyncStream<Void>.makeStream(), (ports, port) = AsyncStream<Int>.makeStream()
        self.stop = stop
        serving = Task {
            defer { port.finish() }
            try await server.run(until: stops) { ports in port.yield(ports.port) }
        }
        var first = ports.makeAsyncIterator()
        guard let number = await first.next() else {
            try await serving.value
            throw Failure(.internal, "the server never listened")
        }
        self.port = number
    }

    func end() async throws {
        stop.finish()
        try await serving.value
        await runtime.shutdown()
    }

    private func nextID() -> RunID {
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        return RunID(
            unixMilliseconds: 1_800_000_000_000 + number,
            random: (0..<10).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) })
    }

    /// A run that nobody will ever begin, and with it the event that tells of it.
    func insert(_ runs: [(tenant: String, user: String)], correlation: String) async throws {
        let ids = runs.map { _ in nextID() }
        try await runtime.journal.write { journal throws(JournalError) in
            guard let task = TaskReference("nobody/nothing") else { return }
            for (run, id) in zip(runs, ids) {
                _ = try journal.runInsert(
                    NewRun(
                        id: id, tenant: run.tenant, task: task, input: [], user: run.user,
                        startAt: Instant(unixMilliseconds: 4_000_000_000_000), correlation: correlation + run.user))
            }
        }
    }

    /// Events of one run, each of so many bytes.
    func tell(_ count: Int, bytes: Int, tenant: String) async throws {
        let id = nextID()
        try await runtime.journal.write { journal throws(JournalError) in
            guard let task = TaskReference("nobody/nothing") else { return }
            _ = try journal.runInsert(
                NewRun(
                    id: id, tenant: tenant, task: task, input: [],
                    startAt: Instant(unixMilliseconds: 4_000_000_000_000)))
            let body: JSONValue = ["padding": .string(String(repeating: "x", count: bytes))]
            for _ in 0..<count {
                _ = try journal.eventAppend(NewEvent(topic: "test.told", run: id, root: id, body: body))
            }
        }
    }
}

/// Runs a script of `Clients` with the test's Python packages.
struct ClientScript {
    let process: Process
    private let output: Pipe
    private let input: Pipe

    init(_ name: String, _ arguments: String...) throws {
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Clients")
        process.arguments = ["python3", folder.appendingPathComponent(name).path] + arguments
        (output, input) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardInput = input
        try process.runAlone()
    }

    /// The next line that the script prints; nil at its end.
    func line() async -> String? {
        let handle = output.fileHandleForReading
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var bytes: [UInt8] = []
                while let byte = handle.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") { bytes.append(byte) }
                continuation.resume(returning: bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// A script that has ended hears nothing: its report says why.
    func say(_ line: String) { try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

    /// The last line as JSON: what the script found.
    func report() async throws -> JSONValue {
        var last: String?
        while let line = await line() { last = line }
        process.waitUntilExit()
        guard process.terminationStatus == 0, let last else {
            throw Failure(.internal, "the script ended with \(process.terminationStatus): \(last ?? "")")
        }
        return try JSONParser.parse(Array(last.utf8))
    }
}
