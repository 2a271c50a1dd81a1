import Foundation
import Kernel

/// The HTTP server beside FastAPI on uvicorn (`BUREAU_BENCH_FASTAPI` names a Python that has both), with wrk as the
/// client of each.
extension Bench {
    private static let seconds = 6
    private static let connections = 64

    func http() async throws -> [Measurement] {
        let bureau = try httpOfBureau()
        let peer = try httpOfFastAPI()
        return [
            Measurement(
                name: "`GET /health`, \(Self.connections) connections", value: bureau.health, unit: "requests/s",
                reference: peer.map { ("FastAPI on uvicorn", $0.health) }, bar: peer == nil ? .none : .atLeastTimes(5)),
            Measurement(
                name: "durable job by HTTP, \(Self.connections) connections; Bureau runs it too", value: bureau.job,
                unit: "jobs/s", reference: peer.map { ("FastAPI on uvicorn, insert alone", $0.job) },
                bar: peer == nil ? .none : .atLeastTimes(5)),
        ]
    }

    private func httpOfBureau() throws -> (health: Double, job: Double) {
        let host = try Child(
            "\(products)/bureau",
            ["serve", "--port", "0", "--json", "--grant-all", "--placement", "inline", "--plugins", echoPath],
            ["BUREAU_STORE": "\(folder)/http", "HOME": folder])
        defer { host.end() }
        let line = try host.firstLine()
        let address = try JSONParser.parse(Array(line.utf8))["address"]?.stringValue ?? ""
        // Closed, as it is started: each request proves who asks. The peer asks nobody.
        let token = try String(contentsOfFile: "\(folder)/http/operator-token", encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return try (
            requestsPerSecond(address + "/health", nil),
            requestsPerSecond(
                address + "/agents/bench/execute", #"{"task":"echo","parameters":{"n":1}}"#, token: token)
        )
    }

    private func httpOfFastAPI() throws -> (health: Double, job: Double)? {
        guard let python = ProcessInfo.processInfo.environment["BUREAU_BENCH_FASTAPI"] else { return nil }
        let port = Int.random(in: 20_000...29_999)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("http_peer.py").path
        try FileManager.default.createDirectory(atPath: "\(folder)/peer", withIntermediateDirectories: true)
        let server = try Child(python, [script, "\(folder)/peer", "\(port)"], ["HOME": folder])
        defer { server.end() }
        let address = "http://127.0.0.1:\(port)", end = Date().addingTimeInterval(60)
        while (try? Child.output(of: "/usr/bin/curl", ["-sf", address + "/health"], [:])) == nil {
            guard Date() < end else { throw Failed(text: "uvicorn did not start") }
            usleep(100_000)
        }
        return try (
            requestsPerSecond(address + "/health", nil),
            requestsPerSecond(address + "/agents/echo/execute", #"{"task":"echo","parameters":{"n":1}}"#)
        )
    }

    /// By wrk, after a second to warm up. Throws where an answer was no success.
    private func requestsPerSecond(_ url: String, _ body: String?, token: String? = nil) throws -> Double {
        let script = "\(folder)/wrk.lua"
        let text = body.map { body in
            "wrk.method = 'POST'\nwrk.body = '\(body)'\nwrk.headers['Content-Type'] = 'application/json'\n"
        }
        let proof = token.map { "wrk.headers['Authorization'] = 'Bearer \($0)'\n" } ?? ""
        try Data(((text ?? "") + proof).utf8).write(to: URL(fileURLWithPath: script))
        let load = { (seconds: Int) in
            try Child.output(
                of: "/usr/bin/wrk",
                ["-t", "1", "-c", "\(Self.connections)", "-d", "\(seconds)s", "-s", script, url], [:])
        }
        _ = try load(1)
        let report = try load(Self.seconds)
        guard !report.contains("Non-2xx"), !report.contains("Socket errors"),
            let line = report.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
            let rate = line.split(separator: " ").last.flatMap({ Double($0) })
        else { throw Failed(text: "wrk on \(url): \(report)") }
        return rate
    }
}
