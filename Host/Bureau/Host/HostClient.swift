import ArgumentParser
import Gateway
import Kernel
import Synchronization

/// Where a host serves.
struct ServedHostOptions: ParsableArguments {
    /// The usual one of `bureau serve`.
    private static let usual = "http://127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            "The running host (default: BUREAU_ADDRESS, or http://127.0.0.1:8080).", valueName: "url"))
    var address: String?

    var url: String {
        var url = (address ?? Environment.value("BUREAU_ADDRESS") ?? Self.usual)[...]
        while url.hasSuffix("/") { url = url.dropLast() }
        return String(url)
    }
}

/// Questions to a host that serves, over its HTTP API.
enum HostClient {
    private static let connectMilliseconds = 5_000
    private static let answerMilliseconds = 30_000
    private static let maximumBytes = 16 << 20

    static func get(_ path: String, of host: ServedHostOptions) async throws(CommandFailure) -> JSONValue {
        let url = host.url + path
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw CommandFailure(.usage, "\"\(host.url)\" is no address: write it as http://127.0.0.1:8080")
        }
        var request = OutgoingRequest(
            url: url, headers: [("Accept", "application/json")], body: [],
            connectTimeoutMilliseconds: connectMilliseconds, timeoutMilliseconds: answerMilliseconds,
            idleTimeoutSeconds: answerMilliseconds / 1000, maximumResponseBytes: maximumBytes)
        request.method = "GET"
        let received = Mutex<[UInt8]>([])
        let end = try await send(request) { bytes in received.withLock { $0 += bytes } }
        guard end.outcome == .finished else {
            throw CommandFailure(
                .storeUnavailable,
                "no host answers at \(host.url): start one with bureau serve, or name it with --address")
        }
        let body = try? JSONParser.parse(received.withLock { $0 })
        guard end.head.status == 200, let body else {
            let detail = body?["detail"]?.stringValue ?? "is it a host of Bureau?"
            throw CommandFailure(
                end.head.status == 404 ? .notFound : .storeUnavailable,
                "\(url) answered \(end.head.status): \(detail.printable)")
        }
        return body
    }

    private static func send(
        _ request: OutgoingRequest, onBytes: @escaping @Sendable ([UInt8]) -> Void
    ) async throws(CommandFailure) -> TransferEnd {
        let client: CurlClient
        do {
            client = try CurlClient()
        } catch {
            throw CommandFailure(.internal, error.message)
        }
        defer { client.close() }
        return await client.send(request) { _, bytes in
            onBytes(bytes)
            return true
        }
    }
}
