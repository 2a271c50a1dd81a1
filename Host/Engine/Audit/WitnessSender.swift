package import Audit
import Gateway
package import Kernel
import Synchronization

/// Posts to witnesses: over libcurl, with limits, without redirects.
package struct WitnessSender: Sendable {
    private static let connectMilliseconds = 5_000
    private static let answerMilliseconds = 15_000
    private static let maximumBytes = 64 << 10

    private let client: CurlClient

    package init() throws(Failure) { client = try CurlClient() }

    /// Nil when there is no whole answer.
    package func post(_ url: String, _ body: [UInt8]) async -> WitnessExchange.Answer? {
        let request = OutgoingRequest(
            url: url, headers: [("Content-Type", "text/plain; charset=utf-8")], body: body,
            connectTimeoutMilliseconds: Self.connectMilliseconds, timeoutMilliseconds: Self.answerMilliseconds,
            idleTimeoutSeconds: Self.answerMilliseconds / 1000, maximumResponseBytes: Self.maximumBytes)
        let received = Mutex<[UInt8]>([])
        let end = await client.send(request) { _, bytes in
            received.withLock { $0 += bytes }
            return true
        }
        guard end.outcome == .finished else { return nil }
        return WitnessExchange.Answer(
            status: end.head.status, contentType: end.head.contentType, body: received.withLock { $0 })
    }

    package func close() { client.close() }
}
