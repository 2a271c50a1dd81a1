import Foundation
import Gateway
import Kernel
import Synchronization
import TestSupport

/// A Python script beside this file that serves on a loopback port, prints the port when it is ready, and ends with
/// its standard input or with the test process, whatever becomes of that.
final class PythonServer: Sendable {
    let port: Int
    private let input: FileHandle

    /// - Throws: what the script said on standard error, when it ended before it was ready.
    static func start(_ script: String) async throws -> PythonServer {
        let folder = Built.checkout.appendingPathComponent("Tests/Gateway")
        let process = Process()
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", folder.appendingPathComponent(script).path]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.runAlone()
        // A first start may compile for minutes: waited for on a thread of its own.
        let port: Int = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
                if let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) {
                    continuation.resume(returning: port)
                } else {
                    let said = errors.fileHandleForReading.readDataToEndOfFile()
                    continuation.resume(throwing: NotReady(output: String(decoding: said, as: UTF8.self)))
                }
            }
        }
        return PythonServer(port: port, input: input.fileHandleForWriting)
    }

    private init(port: Int, input: FileHandle) {
        self.port = port
        self.input = input
    }

    deinit { try? input.close() }

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
        guard end.outcome == .finished else { throw NotReady(output: "\(end)") }
        return try JSONParser.parse(received.withLock { $0 })
    }

    struct NotReady: Error { var output: String }
}
