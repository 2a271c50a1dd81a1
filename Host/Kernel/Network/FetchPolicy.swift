/// Where one department's fetches may go: what it asked for, what the operator granted, and the operator's exceptions.
package struct FetchPolicy: Hashable, Sendable {
    package static let maximumRedirects = 5

    /// Both must match.
    package var asked: [HostPattern]
    package var granted: [HostPattern]
    /// Hosts that may be reached without TLS.
    package var plainHosts: [HostPattern]
    /// Hosts that may lie on this machine or an internal network.
    package var privateHosts: [HostPattern]

    package init(
        asked: [HostPattern], granted: [HostPattern], plainHosts: [HostPattern] = [], privateHosts: [HostPattern] = []
    ) {
        self.asked = asked
        self.granted = granted
        self.plainHosts = plainHosts
        self.privateHosts = privateHosts
    }

    /// Which list lacks the host of `url`; nil when it may be fetched, as far as names go.
    package func refusal(of url: FetchURL) -> GrantRefusal? {
        if !Self.matches(url, asked) { return .notAsked }
        if !Self.matches(url, granted) { return .notGranted }
        if url.scheme == .http, !Self.matches(url, plainHosts) { return .notEncrypted }
        return nil
    }

    /// The addresses of `url`'s host that may be connected to. One that leads inside refuses them all: a name that
    /// points to both is an attempt to rebind, or a mistake.
    package func vetted(_ addresses: [IPAddress], for url: FetchURL) throws(Failure) -> [IPAddress] {
        guard !addresses.isEmpty else { throw Failure(.notFound, "\(url.host) has no address") }
        let mayBeInternal = Self.matches(url, privateHosts)
        for address in addresses {
            switch address.scope {
            case .global: continue
            case .internal where mayBeInternal: continue
            case .internal(let reason):
                throw Failure(
                    .denied,
                    "\(url.host) leads to \(address), \(reason): fetches do not go inside, unless the operator "
                        + "starts the host with --allow-private-host \(url.host):\(url.port)")
            case .unusable(let reason):
                throw Failure(.denied, "\(url.host) leads to \(address), \(reason): fetches never go there")
            }
        }
        return addresses
    }

    private static func matches(_ url: FetchURL, _ patterns: [HostPattern]) -> Bool {
        patterns.contains { $0.matches(url.host, port: url.port, defaultPort: url.scheme.defaultPort) }
    }
}

/// What is sent at one hop of a fetch. A value: `following` decides the next hop, and nothing is sent here.
package struct FetchHop: Hashable, Sendable {
    package var url: FetchURL
    package var method: String
    package var headers: [HTTPHeader]
    package var body: [UInt8]
    package var redirects = 0

    package init(url: FetchURL, method: String, headers: [HTTPHeader], body: [UInt8]) {
        self.url = url
        self.method = method
        self.headers = headers
        self.body = body
    }

    /// The next hop that an answer asks for; nil when the answer is the end (RFC 9110 §15.4).
    package func following(status: Int, location: String?) throws(Failure) -> FetchHop? {
        guard [301, 302, 303, 307, 308].contains(status), let location else { return nil }
        guard redirects < FetchPolicy.maximumRedirects else {
            throw Failure(.io, "\(url.origin) redirects more than \(FetchPolicy.maximumRedirects) times")
        }
        var next = self
        next.redirects += 1
        next.url = try url.resolve(location)
        guard !(url.scheme == .https && next.url.scheme == .http) else {
            throw Failure(.denied, "\(url.origin) redirects to \(next.url.origin): from https to http is refused")
        }
        let becomesGet = status == 303 ? method != "HEAD" : [301, 302].contains(status) && method == "POST"
        if becomesGet {
            next.method = "GET"
            next.body = []
            next.headers.removeAll { $0.name.hasPrefix("content-") }
        }
        if next.url.origin != url.origin { next.headers.removeAll { Self.credentials.contains($0.name) } }
        return next
    }

    private static let credentials: Set<String> = [
        "authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token", "api-key", "apikey",
    ]
}
