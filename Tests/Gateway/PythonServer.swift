import Foundation
import Gateway
import Kernel
import Synchronization
import TestSupport

/// A script beside this file, asked about what it has seen.
final class PythonServer: Sendable {
    private let server: ScriptServer
    var port: Int { server.port }

    static func start(_ script: String) async throws -> PythonServer {
        let folder = Built.checkout.appendingPathComponent("Tests/Gateway")
        return PythonServer(try await ScriptServer.start(folder.appendingPathComponent(script)))
    }

    private init(_ server: ScriptServer) { self.server = server }

    var baseURL: String { "http://127.0.0.1:\(port)/v1" }

    /// What the scripted server noted under `/seen` or `/last`.
    func notes(_ path: String) async throws -> JSONValue {
        let received = Mutex<[UInt8]>([])
        let request = OutgoingRequest(
            url: "http://127.0.0.1:\(port)/\(path)", headers: [], body: Array("{}".utf8),
            connectTimeoutMilliseconds: 60_000, timeoutMilliseconds: 60_000, idleTimeoutSeconds: 60,
            maximumResponseBytes: 1 << 20)
        let client = try CurlClient()
        defer { client.close() }
        let end = await client.send(request) { _, bytes in
            received.withLock { $0 += bytes }
            return true
        }
        guard end.outcome == .finished else { throw ScriptServer.NotReady(output: "\(end)") }
        return try JSONParser.parse(received.withLock { $0 })
    }
}
