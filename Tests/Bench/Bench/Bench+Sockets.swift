import CLimits
import Foundation
import Kernel

/// Ten thousand WebSockets that all listen to all events: what each costs in memory, and how long until the last has
/// heard of one.
extension Bench {
    private static let sockets: UInt32 = 10_000
    private static let rounds: UInt32 = 10

    func webSockets() async throws -> [Measurement] {
        let host = try Child(
            "\(products)/bureau",
            [
                "serve", "--port", "0", "--json", "--grant-all", "--plugins", echoPath, "--max-connections-per-address",
                "20000", "--secure-mode", "off",
            ], ["BUREAU_STORE": "\(folder)/sockets", "HOME": folder])
        defer { host.end() }
        let address = try JSONParser.parse(Array(try host.firstLine().utf8))["address"]?.stringValue ?? ""
        guard let port = address.split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw Failed(text: "bureau serve said \(address)")
        }
        // What is made at the first use is not the sockets'.
        guard let first = limit_sockets_open(port, 100) else { throw Failed(text: "no socket can be opened") }
        limit_sockets_close(first)
        usleep(500_000)
        let before = try host.residentBytes()
        guard let sockets = limit_sockets_open(port, Self.sockets) else {
            throw Failed(text: "\(Self.sockets) sockets cannot be opened")
        }
        defer { limit_sockets_close(sockets) }
        usleep(1_000_000)
        let each = Double(try host.residentBytes() - before) / Double(Self.sockets)
        let body = #"{"type":"bench","name":"agent"}"#
        let request =
            "POST /agents/create HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        var times = [Double](repeating: 0, count: Int(Self.sockets * Self.rounds))
        var delays = Samples()
        for round in 0..<Int(Self.rounds) {
            // Each makes another agent, which is an event.
            let named = request.replacingOccurrences(of: "\"agent\"", with: "\"ag\(100 + round)\"")
            guard limit_sockets_broadcast(sockets, named, 1, &times) == 0 else {
                throw Failed(text: "a socket did not hear of an event")
            }
            for time in times.prefix(Int(Self.sockets)) { delays.add(time) }
        }
        return [
            Measurement(
                name: "a WebSocket of \(Self.sockets) that listen, memory of the host", value: each / 1_024, unit: "KB",
                reference: nil, bar: .atMost(20)),
            Measurement(
                name: "from the request that makes an event to the last of them that heard of it (p99)",
                value: delays.percentile(0.99), unit: "ms", reference: nil, bar: .atMost(250)),
            Measurement(
                name: "the same (p50)", value: delays.median, unit: "ms", reference: nil, bar: .none),
        ]
    }
}
