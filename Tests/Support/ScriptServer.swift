package import Foundation

/// A Python script that serves on a loopback port, prints the port when it is ready, and ends with its standard input
/// or with the test process, whatever becomes of that.
package final class ScriptServer: Sendable {
    package let port: Int
    private let input: FileHandle

    /// - Throws: what the script said on standard error, when it ended before it was ready.
    package static func start(_ script: URL, _ arguments: String...) async throws -> ScriptServer {
        let process = Process()
        let (input, output, errors) = (Pipe(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path] + arguments
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
        return ScriptServer(port: port, input: input.fileHandleForWriting)
    }

    private init(port: Int, input: FileHandle) {
        self.port = port
        self.input = input
    }

    deinit { try? input.close() }

    package struct NotReady: Error {
        package var output: String
        package init(output: String) { self.output = output }
    }
}
