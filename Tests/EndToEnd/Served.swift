import Foundation
import Kernel
import TestSupport

/// A served host, and requests by curl: nothing of ours on the client's side.
struct Served {
    struct Response {
        var status: Int
        var headers: String
        var body: String
        func json() throws -> JSONValue { try JSONParser.parse(Array(body.utf8)) }
    }

    let command: Command
    let started: Started
    let address: String

    init(_ command: Command, desk: String, _ options: String...) throws {
        try self.init(
            command,
            starting: ["serve", "--secure-mode", "off", "--port", "0", "--json", "--drain-seconds", "1", "--grant-all"]
                + ["--plugins", desk] + options)
    }

    /// - Parameter program: starts the host, when it is not the host itself.
    init(_ command: Command, starting arguments: [String], program: String = Built.binary("bureau").path) throws {
        self.command = command
        started = try command.start(arguments, program: program)
        let line = try started.line(with: "address")
        address = try JSONParser.parse(Array(line.utf8))["address"]?.stringValue ?? ""
    }

    func get(_ path: String, _ headers: String...) throws -> Response {
        try curl(headers.flatMap { ["-H", $0] } + [address + path])
    }

    func post(_ path: String, _ body: String = "") throws -> Response { try send("POST", path, body) }
    func delete(_ path: String, _ body: String) throws -> Response { try send("DELETE", path, body) }
    func put(_ path: String, _ body: String) throws -> Response { try send("PUT", path, body) }

    private func send(_ method: String, _ path: String, _ body: String) throws -> Response {
        let file = try command.scratch.write(Array(body.utf8), to: UUID().uuidString)
        return try curl([
            "-X", method, "-H", "Content-Type: application/json", "--data-binary", "@" + file, address + path,
        ])
    }

    func curl(_ arguments: [String]) throws -> Response {
        let headers = command.scratch.folder(UUID().uuidString)
        let result = try command.run(
            ["curl", "-sS", "--max-time", "120", "-D", headers, "-w", "\n%{http_code}"] + arguments,
            program: "/usr/bin/env")
        guard result.status == 0 else { throw Failure(.io, "curl: \(result.errors)") }
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        return Response(
            status: Int(lines.last ?? "") ?? 0, headers: try String(contentsOfFile: headers, encoding: .utf8),
            body: lines.dropLast().joined(separator: "\n"))
    }

    /// - Returns: the exit code.
    func stop() -> Int32 {
        started.process.terminate()
        guard started.process.waitUntilExit(upTo: Command.limitSeconds) else {
            kill(started.process.processIdentifier, SIGKILL)
            return -1
        }
        return started.result.status
    }
}
