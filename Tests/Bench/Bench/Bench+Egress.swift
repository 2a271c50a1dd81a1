import Egress
import Foundation
import Gateway
import Glibc
import Kernel

extension Bench {
    /// One call after the other to the same upstream on loopback, from this process and through the egress process.
    func egress() async throws -> [Measurement] {
        let upstream = try FixedUpstream()
        let store = "\(folder)/egress"
        let client = try EgressClient(EgressSettings(program: "\(products)/bureau-egress", folder: store))
        let direct = try CurlClient()
        defer {
            client.close()
            direct.close()
        }
        var (mine, bare) = (Samples(), Samples())
        _ = try await latencies(client, upstream, round: 0, calls: 200)
        _ = try await latencies(direct, upstream, round: 0, calls: 200)
        for round in 1...5 {
            bare.add(try await latencies(direct, upstream, round: round, calls: 1000).median)
            mine.add(try await latencies(client, upstream, round: round, calls: 1000).median)
        }
        return [
            Measurement(
                name: "a provider call through the egress process, answer kept (p50)", value: mine.median, unit: "µs",
                reference: ("the same call in process", bare.median), bar: .atMost(bare.median + 60))
        ]
    }

    private func latencies(
        _ sender: any HTTPSender, _ upstream: FixedUpstream, round: Int, calls: Int
    ) async throws -> Samples {
        var samples = Samples()
        for number in 1...calls {
            let attempt = "bench/\(round)/\(number)"
            let request = OutgoingRequest(
                url: "http://127.0.0.1:\(upstream.port)/", headers: [], body: Array("{}".utf8),
                connectTimeoutMilliseconds: 10_000, timeoutMilliseconds: 60_000, idleTimeoutSeconds: 60,
                maximumResponseBytes: 1 << 20, attempt: attempt)
            let start = ContinuousClock.now
            let end = await sender.send(request) { _, _ in true }
            samples.add(Double((ContinuousClock.now - start) / .nanoseconds(1)) / 1000)
            guard end.outcome == .finished else { throw Failed(text: "the call ended with \(end)") }
            sender.forget(attempt)
        }
        return samples
    }
}

/// Answers every request on a connection with the same bytes, without looking at it.
private struct FixedUpstream {
    let port: UInt16

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard listener >= 0, isOpen else { throw Bench.Failed(text: "no upstream on loopback") }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread {
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Thread.detachNewThread { Self.serve(connection) }
            }
        }
    }

    private static func serve(_ connection: Int32) {
        let answer = Array("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nyes".utf8)
        var request: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(connection, &buffer, buffer.count)
            guard count > 0 else { break }
            request += buffer[..<count]
            // The body is "{}".
            guard request.suffix(2) == Array("{}".utf8)[...] else { continue }
            request = []
            guard write(connection, answer, answer.count) == answer.count else { break }
        }
        close(connection)
    }
}
