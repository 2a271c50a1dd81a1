/// Which web pages may use this API from a browser. Tokens travel in a header and never in a cookie, so no answer ever
/// allows credentials, and `*` gives away nothing that a page without a token could not get by itself.
package struct OriginRules: Hashable, Sendable {
    /// `https://app.example.org`, in lower case and without a path; or `*`.
    package var allowed: Set<String>

    package init(allowed: Set<String> = []) { self.allowed = allowed }

    /// - Returns: nil for what is no origin: `null`, a URL with a path, another scheme.
    package static func origin(_ text: String) -> String? {
        if text == "*" { return text }
        let lower = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: { lower.hasPrefix($0) }) else { return nil }
        let rest = lower.dropFirst(scheme.count)
        guard !rest.isEmpty, rest.utf8.allSatisfy({ isHostByte($0) }) else { return nil }
        // The port that the scheme has anyway is left out, as browsers leave it out.
        let usual = scheme == "https://" ? ":443" : ":80"
        return scheme + (rest.hasSuffix(usual) ? rest.dropLast(usual.count) : rest)
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]")]
                .contains(byte)
    }

    package func allows(_ origin: String) -> Bool {
        guard let origin = Self.origin(origin), origin != "*" else { return false }
        return allowed.contains("*") || allowed.contains(origin)
    }

    /// Whether a request with this `Origin` comes from a page of this host or from an allowed one.
    package func admits(_ origin: String, host: String?, scheme: String) -> Bool {
        if allows(origin) { return true }
        guard let host, let own = Self.origin("\(scheme)://\(host)") else { return false }
        return Self.origin(origin) == own
    }
}
