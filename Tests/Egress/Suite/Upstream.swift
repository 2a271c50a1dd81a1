import Egress
import Foundation
import Gateway
import Kernel
import Synchronization
import TestSupport

/// The script beside this file, and requests to it.
struct Upstream: Sendable {
    static let answer = "one two three four five six"

    let server: ScriptServer
    let scheme: String

    static func start(_ arguments: (certificate: String, key: String)? = nil) async throws -> Upstream {
        let script = Built.checkout.appendingPathComponent("Tests/Egress/Suite/upstream.py")
        guard let arguments else { return Upstream(server: try await ScriptServer.start(script), scheme: "http") }
        return Upstream(
            server: try await ScriptServer.start(script, arguments.certificate, arguments.key), scheme: "https")
    }

    func url(_ behaviour: String) -> String { "\(scheme)://127.0.0.1:\(server.port)/\(behaviour)/v1" }

    func request(
        _ attempt: String, _ behaviour: String = "quick", body: String = "{}"
    ) -> OutgoingRequest {
        OutgoingRequest(
            url: url(behaviour), headers: [(name: "Idempotency-Key", value: attempt)], body: Array(body.utf8),
            connectTimeoutMilliseconds: 60_000, timeoutMilliseconds: 60_000, idleTimeoutSeconds: 60,
            maximumResponseBytes: 1 << 20, attempt: attempt, label: "label of \(attempt)")
    }

    /// How often each attempt came, and over how many connections.
    func seen() async throws -> (attempts: [String: Int], connections: Int) {
        let received = Mutex<[UInt8]>([])
        var request = request("")
        request.method = "GET"
        request.attempt = nil
        let client = try CurlClient()
        defer { client.close() }
        _ = await client.send(request) { _, bytes in
            received.withLock { $0 += bytes }
            return true
        }
        let document = try JSONParser.parse(received.withLock { $0 })
        let attempts = (document["seen"]?.objectValue ?? [:]).compactMapValues { $0.integerValue.map { Int($0) } }
        return (attempts, Int(document["connections"]?.integerValue ?? 0))
    }
}

/// What came of a request.
struct Received: Sendable {
    var end: TransferEnd
    var body: String

    var text: String {
        body.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("data: {"), let event = try? JSONParser.parse(Array(line.utf8.dropFirst(6))) else {
                return nil
            }
            return event["choices"]?.arrayValue?.first?["delta"]?["content"]?.stringValue
        }.joined()
    }
}

extension HTTPSender {
    func receive(
        _ request: OutgoingRequest, onPiece: @escaping @Sendable (Int) -> Void = { _ in }
    ) async -> Received {
        let received = Mutex<(bytes: [UInt8], pieces: Int)>(([], 0))
        let end = await send(request) { _, bytes in
            let count = received.withLock { received in
                received.bytes += bytes
                received.pieces += 1
                return received.pieces
            }
            onPiece(count)
            return true
        }
        return Received(end: end, body: String(decoding: received.withLock { $0.bytes }, as: UTF8.self))
    }
}

extension EgressClient {
    static func onScratch(
        _ scratch: Scratch, totalBytes: Int = 1 << 30, exchanges: Int = 64
    ) throws -> EgressClient {
        try EgressClient(
            EgressSettings(
                program: Built.binary("bureau-egress").path, folder: scratch.folder("egress"),
                spool: SpoolFolder.Limits(totalBytes: totalBytes), maximumExchanges: exchanges))
    }

    func killProcess() { if let processID { kill(processID, SIGKILL) } }
}

/// Waits for something that another process does. The limit is only a guard against a hang.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<3000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
