import Foundation
import Kernel
import TestSupport

/// A script of `Peers`: what others wrote, asked over loopback.
struct Peer {
    private let server: ScriptServer
    var port: Int { server.port }
    var address: String { "http://127.0.0.1:\(port)" }

    static func start(_ script: String, _ arguments: String...) async throws -> Peer {
        let file = Built.checkout.appendingPathComponent("Tests/Identity/Peers").appendingPathComponent(script)
        let server =
            arguments.isEmpty
            ? try await ScriptServer.start(file) : try await ScriptServer.start(file, arguments[0])
        return Peer(server: server)
    }

    @discardableResult
    func post(_ path: String, _ body: JSONValue) throws -> JSONValue {
        let answer = try LoopbackClient(port: UInt16(port)).post(path, body)
        return answer.body.isEmpty ? .null : try answer.json()
    }

    func get(_ path: String) throws -> JSONValue { try LoopbackClient(port: UInt16(port)).get(path).json() }
}
