import Kernel

/// Which proxies may say whom a request comes from. Without any, what a request says of its own way counts nothing.
package struct ProxyTrust: Hashable, Sendable {
    /// One of the two fields, never both: a proxy that writes one passes the other on as the client sent it.
    package enum Field: String, Hashable, Sendable, CaseIterable {
        case xForwardedFor = "x-forwarded-for"
        case forwarded
    }

    /// What a request really came from.
    package struct Origin: Hashable, Sendable {
        package var address: ClientAddress
        /// Of the way between client and outermost trusted proxy; nil: the proxies do not say.
        package var scheme: String?
        package var cameByProxy: Bool
    }

    private static let maximumHops = 32

    package var proxies: [AddressBlock]
    package var field: Field

    package init(proxies: [AddressBlock] = [], field: Field = .xForwardedFor) {
        self.proxies = proxies
        self.field = field
    }

    package func trusts(_ peer: String?) -> Bool {
        guard !proxies.isEmpty, let address = peer.flatMap({ IPAddress($0) }) else { return false }
        return trusts(address)
    }

    /// - Parameters:
    ///   - fields: all values of the trusted field, in order.
    ///   - proto: `X-Forwarded-Proto`.
    package func origin(peer: String?, fields: [String], proto: String?) -> Origin {
        let direct = ClientAddress(peer)
        guard trusts(peer) else { return Origin(address: direct, scheme: nil, cameByProxy: false) }
        let hops = fields.joined(separator: ",").split(separator: ",").suffix(Self.maximumHops).map(String.init)
        var client = direct, scheme = field == .xForwardedFor ? Self.scheme(proto) : nil
        // From the nearest on: each proxy vouches for the hop before it, and the first that is not ours is the client.
        for hop in hops.reversed() {
            let (address, says) = parse(hop)
            guard let address else { break }
            client = ClientAddress(address.description)
            scheme = says ?? scheme
            guard trusts(address) else { break }
        }
        return Origin(address: client, scheme: scheme, cameByProxy: true)
    }

    private func trusts(_ address: IPAddress) -> Bool {
        let plain = address.unmapped
        return proxies.contains { $0.contains(plain) }
    }

    private func parse(_ hop: String) -> (IPAddress?, scheme: String?) {
        guard field == .forwarded else { return (Self.address(hop.trimmed), nil) }
        var address: IPAddress?, scheme: String?
        for pair in hop.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).trimmed }
            guard parts.count == 2 else { continue }
            let value = parts[1].hasPrefix("\"") ? String(parts[1].dropFirst().dropLast()) : parts[1]
            switch parts[0].lowercased() {
            case "for": address = Self.address(value)
            case "proto": scheme = Self.scheme(value)
            default: break
            }
        }
        return (address, scheme)
    }

    private static func scheme(_ text: String?) -> String? {
        text.map { $0.trimmed.lowercased() }.flatMap { ["http", "https"].contains($0) ? $0 : nil }
    }

    /// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
    private static func address(_ text: String) -> IPAddress? {
        if let plain = IPAddress(text) { return plain }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(String(text[text.index(after: text.startIndex)..<end]))
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 ? IPAddress(String(parts[0])) : nil
    }
}

extension String {
    var trimmed: String {
        var rest = self[...]
        while rest.first == " " || rest.first == "\t" { rest.removeFirst() }
        while rest.last == " " || rest.last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
