/// Which hosts a manifest asks for or an operator grants: `api.example.org`, `*.example.org`, `*`; each may name a
/// port. Without one it means the default port of the scheme, and no other.
package struct HostPattern: Hashable, Sendable, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        case any
        /// Every name below this one, not the name itself.
        case below(String)
        case exactly(HostName)
    }

    private let form: Form
    package let port: UInt16?

    package init(_ text: String) throws(HostNameError) {
        let (host, port) = try Self.split(text)
        self.port = port
        if host == "*" {
            form = .any
        } else if host.hasPrefix("*.") {
            guard case .name(let name) = try HostName(String(host.dropFirst(2))), name.utf8.contains(46) else {
                throw HostNameError("\"\(text)\": after \"*.\" comes a domain of at least two labels")
            }
            form = .below(name)
        } else {
            form = .exactly(try HostName(host))
        }
    }

    /// Every host there is.
    package var isAny: Bool { form == .any }

    package func matches(_ host: HostName, port: UInt16, defaultPort: UInt16) -> Bool {
        guard port == self.port ?? defaultPort else { return false }
        switch (form, host) {
        case (.any, _): return true
        case (.exactly(let mine), _): return mine == host
        case (.below(let domain), .name(let name)): return name.hasSuffix("." + domain)
        case (.below, .address): return false
        }
    }

    /// Whether all that `other` matches is matched by this one.
    package func covers(_ other: HostPattern) -> Bool {
        guard port == other.port else { return false }
        switch (form, other.form) {
        case (.any, _): return true
        case (_, .any): return false
        case (.below(let domain), .below(let name)): return name == domain || name.hasSuffix("." + domain)
        case (.below(let domain), .exactly(.name(let name))): return name.hasSuffix("." + domain)
        case (.below, .exactly), (.exactly, .below): return false
        case (.exactly(let mine), .exactly(let name)): return mine == name
        }
    }

    package var description: String {
        let host =
            switch form {
            case .any: "*"
            case .below(let domain): "*." + domain
            case .exactly(let host): host.description
            }
        return port.map { "\(host):\($0)" } ?? host
    }

    /// `host[:port]`; an IPv6 address stands in brackets.
    static func split(_ text: String) throws(HostNameError) -> (host: String, port: UInt16?) {
        let hostEnd = text.hasPrefix("[") ? text.firstIndex(of: "]").map(text.index(after:)) : text.firstIndex(of: ":")
        guard let hostEnd, hostEnd < text.endIndex else { return (text, nil) }
        let digits = text[hostEnd...].dropFirst()
        guard text[hostEnd] == ":", (1...5).contains(digits.utf8.count), digits.utf8.first != UInt8(ascii: "0"),
            digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits)
        else { throw HostNameError("\"\(text)\": a port is a number from 1 to 65535") }
        return (String(text[..<hostEnd]), port)
    }
}
