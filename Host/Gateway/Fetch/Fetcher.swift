package import Kernel
import Synchronization

/// Fetches for departments: names are checked, looked up and judged here, and a request goes only to an address that
/// was judged. Redirects are followed by the same rules, one hop after the other.
package final class Fetcher: Sendable {
    package let settings: FetchSettings
    private let gate: FetchGate
    /// Made at the first fetch.
    private let client = Mutex<CurlClient?>(nil)

    package init(_ settings: FetchSettings) {
        self.settings = settings
        gate = FetchGate(limit: settings.concurrentFetches)
    }

    /// - Parameters:
    ///   - department: those of one wait for one another when there are many.
    ///   - followsRedirects: false: a redirect is the answer.
    /// - Returns: any HTTP answer: the status as value, the body as data, its headers as JSON in the text.
    package func fetch(
        _ request: HTTPRequest, policy: FetchPolicy, department: String, followsRedirects: Bool = true
    ) async -> Result<EffectResult, Failure> {
        let passed = await gate.pass(department) {
            await attempt(
                request, policy, ContinuousClock.now + .milliseconds(milliseconds(request)), followsRedirects)
        }
        return passed ?? .failure(Failure(.cancelled, "cancelled"))
    }

    /// Ends fetches that are under way.
    package func close() { client.withLock { $0 }?.close() }

    private func attempt(
        _ request: HTTPRequest, _ policy: FetchPolicy, _ end: ContinuousClock.Instant, _ followsRedirects: Bool
    ) async -> Result<EffectResult, Failure> {
        do throws(Failure) {
            return .success(try await follow(request, policy, end, followsRedirects))
        } catch {
            return .failure(error)
        }
    }

    private func follow(
        _ request: HTTPRequest, _ policy: FetchPolicy, _ end: ContinuousClock.Instant, _ followsRedirects: Bool
    ) async throws(Failure) -> EffectResult {
        var hop = try request.firstHop()
        while true {
            if let refusal = policy.refusal(of: hop.url) { throw Self.denied(hop, refusal) }
            let addresses = try policy.vetted(try await addresses(of: hop.url.host, end), for: hop.url)
            let answer = try await send(hop, to: addresses, request, end)
            let location = answer.head.headers.first { $0.name == "location" }?.value
            guard followsRedirects, let next = try hop.following(status: answer.head.status, location: location) else {
                return answer.result
            }
            hop = next
        }
    }

    private static func denied(_ hop: FetchHop, _ refusal: GrantRefusal) -> Failure {
        let way = hop.redirects > 0 ? "the redirect to \(hop.url.origin)" : hop.url.origin
        let reason =
            switch refusal {
            case .notAsked: "the plugin's manifest does not ask for this host in wants.hosts"
            case .notGranted: "the operator did not grant this host"
            case .notEncrypted: "http without TLS needs --allow-plain-http \(hop.url.host):\(hop.url.port)"
            }
        return Failure(.denied, "\(way) is refused: \(reason)")
    }

    // MARK: Addresses

    private func addresses(
        of host: HostName, _ end: ContinuousClock.Instant
    ) async throws(Failure) -> [IPAddress] {
        switch host {
        case .address(let address): return [address]
        case .name(let name): return try await LookUp(settings.resolver, name).result(until: end)
        }
    }

    // MARK: One hop

    private struct Answer {
        var head: ResponseHead
        var body: [UInt8]

        var result: EffectResult {
            // A field that comes several times is one list (RFC 9110 §5.3).
            let fields = Dictionary(head.headers.map { ($0.name, $0.value) }) { "\($0), \($1)" }
            return EffectResult(
                value: UInt64(clamping: head.status), data: body,
                text: JSONValue.object(fields.mapValues { .string($0) }).serialized())
        }
    }

    /// The next address is tried only while nothing of the request has left this host.
    private func send(
        _ hop: FetchHop, to addresses: [IPAddress], _ request: HTTPRequest, _ end: ContinuousClock.Instant
    ) async throws(Failure) -> Answer {
        let client = try ready()
        var failure = Failure(.deadline, "\(hop.url.origin) did not answer in time")
        for address in addresses {
            let left = Self.milliseconds(until: end)
            guard left > 0 else { break }
            let received = Mutex<[UInt8]>([])
            let transfer = await client.send(outgoing(hop, address, request, left)) { _, bytes in
                received.withLock { $0 += bytes }
                return true
            }
            if transfer.outcome == .finished {
                return Answer(head: transfer.head, body: received.withLock { $0 })
            }
            failure = self.failure(of: transfer, hop, address, request)
            if transfer.wasSent || failure.status == .cancelled { break }
        }
        throw failure
    }

    private func outgoing(
        _ hop: FetchHop, _ address: IPAddress, _ request: HTTPRequest, _ milliseconds: Int
    ) -> OutgoingRequest {
        var headers = hop.headers.map { ($0.name, $0.value) }
        // What libcurl would add to a body by itself is not for it to know.
        if !hop.headers.contains(where: { $0.name == "content-type" }) { headers.append(("content-type", "")) }
        var outgoing = OutgoingRequest(
            url: hop.url.description, headers: headers, body: hop.body,
            connectTimeoutMilliseconds: min(milliseconds, settings.connectTimeoutMilliseconds),
            timeoutMilliseconds: milliseconds, idleTimeoutSeconds: max(1, milliseconds / 1000 + 1),
            maximumResponseBytes: maximumBytes(request), certificateFile: settings.certificateFile)
        outgoing.method = hop.method
        outgoing.onlyAddress = address
        outgoing.maximumHeaderBytes = settings.headerBytes
        return outgoing
    }

    private func failure(
        of transfer: TransferEnd, _ hop: FetchHop, _ address: IPAddress, _ request: HTTPRequest
    ) -> Failure {
        let host = "\(hop.url.origin) (\(address))"
        let doubt =
            transfer.wasSent && !["GET", "HEAD", "OPTIONS"].contains(hop.method)
            ? "; the request was sent and may have been carried out" : ""
        switch transfer.outcome {
        case .cancelled, .stopped, .detached: return Failure(.cancelled, "cancelled")
        case .responseTooLarge:
            return Failure(.tooLarge, "the answer of \(host) has more than \(maximumBytes(request)) bytes\(doubt)")
        case .headersTooLarge:
            return Failure(
                .tooLarge, "the headers of \(host) have more than \(settings.headerBytes) bytes\(doubt)")
        case .connectTimedOut, .idleTimedOut, .timedOut:
            return Failure(.deadline, "\(host) did not answer in time\(doubt)")
        case .failed(let reason), .lost(let reason): return Failure(.io, "\(host): \(reason)\(doubt)")
        case .refused(let failure): return failure
        case .finished: return Failure(.internal, "a finished transfer is no failure")
        }
    }

    private func ready() throws(Failure) -> CurlClient {
        if let client = client.withLock({ $0 }) { return client }
        let made = try CurlClient()
        return client.withLock { client in
            if let client { return client }
            client = made
            return made
        }
    }

    // MARK: Limits

    private func milliseconds(_ request: HTTPRequest) -> Int {
        let wanted = request.timeoutMilliseconds.map { Int(clamping: $0) } ?? settings.defaultTimeoutMilliseconds
        return min(wanted, settings.largestTimeoutMilliseconds)
    }

    private func maximumBytes(_ request: HTTPRequest) -> Int {
        let wanted = request.maximumResponseBytes.map { Int(clamping: $0) } ?? settings.defaultResponseBytes
        return min(wanted, settings.largestResponseBytes)
    }

    private static func milliseconds(until end: ContinuousClock.Instant) -> Int {
        let left = ContinuousClock.now.duration(to: end)
        return Int(left.components.seconds) * 1000 + Int(left.components.attoseconds / 1_000_000_000_000_000)
    }
}
