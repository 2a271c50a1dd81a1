/// An absolute `http` or `https` URL, read strictly (RFC 3986): what different readers take differently is refused.
package struct FetchURL: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Sendable {
        case http, https
        package var defaultPort: UInt16 { self == .http ? 80 : 443 }
    }

    package static let maximumBytes = 8_192

    package let scheme: Scheme
    package let host: HostName
    package let port: UInt16
    /// Starts with `/`.
    package let path: String
    /// With its `?`; empty when there is none.
    package let query: String

    package init(_ text: String) throws(Failure) {
        try Self.checkCharacters(text)
        guard let colon = text.firstIndex(of: ":") else { throw Self.bad(text, "it is not absolute") }
        let name = String(decoding: text[..<colon].utf8.map(HostName.lowercased), as: UTF8.self)
        guard let scheme = Scheme(rawValue: name) else { throw Self.bad(text, "its scheme is not https") }
        let rest = text[text.index(after: colon)...]
        guard rest.hasPrefix("//") else { throw Self.bad(text, "after the scheme comes //") }
        let authorityAndPath = rest.dropFirst(2)
        let end = authorityAndPath.firstIndex { "/?#".contains($0) } ?? authorityAndPath.endIndex
        try self.init(scheme, String(authorityAndPath[..<end]), authorityAndPath[end...], text)
    }

    private init(
        _ scheme: Scheme, _ authority: String, _ rest: Substring, _ text: String
    ) throws(Failure) {
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw Self.bad(text, "it holds a user name; credentials go in headers")
        }
        do throws(HostNameError) {
            let (host, port) = try HostPattern.split(authority)
            self.host = try HostName(host)
            self.port = port ?? scheme.defaultPort
        } catch {
            throw Self.bad(text, error.description)
        }
        self.scheme = scheme
        let (path, query) = Self.parts(rest)
        self.path = path.isEmpty ? "/" : Self.withoutDots(path)
        self.query = query
    }

    private init(_ base: FetchURL, path: String, query: String) {
        scheme = base.scheme
        host = base.host
        port = base.port
        self.path = Self.withoutDots(path)
        self.query = query
    }

    /// Where a `Location` of this URL's answer leads (RFC 3986 §5.2).
    package func resolve(_ reference: String) throws(Failure) -> FetchURL {
        try Self.checkCharacters(reference)
        if reference.hasPrefix("//") { return try FetchURL("\(scheme.rawValue):\(reference)") }
        let (path, query) = Self.parts(reference[...])
        // A colon in the first segment ends a scheme.
        if path.prefix(while: { $0 != "/" }).contains(":") { return try FetchURL(reference) }
        if path.isEmpty { return FetchURL(self, path: self.path, query: query.isEmpty ? self.query : query) }
        if path.hasPrefix("/") { return FetchURL(self, path: path, query: query) }
        let folder = self.path.lastIndex(of: "/").map { self.path[...$0] } ?? "/"
        return FetchURL(self, path: folder + path, query: query)
    }

    package var origin: String {
        let tail = port == scheme.defaultPort ? "" : ":\(port)"
        return "\(scheme.rawValue)://\(host)\(tail)"
    }

    package var description: String { origin + path + query }

    // MARK: Parts

    /// Path and query; a fragment never leaves this host.
    private static func parts(_ text: Substring) -> (path: String, query: String) {
        let text = text.prefix { $0 != "#" }
        let mark = text.firstIndex(of: "?") ?? text.endIndex
        return (String(text[..<mark]), String(text[mark...]))
    }

    /// RFC 3986 §5.2.4.
    private static func withoutDots(_ path: String) -> String {
        var kept: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }

    /// Visible ASCII without what RFC 3986 leaves out: a backslash is a slash to some, and others are quoted by some.
    private static func checkCharacters(_ text: String) throws(Failure) {
        guard text.utf8.count <= maximumBytes else {
            throw Failure(.invalid, "the URL has more than \(maximumBytes) bytes")
        }
        guard text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"\\\"<>^`{|}".utf8.contains($0) }) else {
            throw bad(text, "it holds a character that must be percent-encoded")
        }
    }

    private static func bad(_ text: String, _ reason: String) -> Failure {
        let shown = text.unicodeScalars.prefix(200).map { $0.value < 32 || $0.value == 127 ? "?" : String($0) }
        return Failure(.invalid, "the URL \"\(shown.joined())\" is refused: \(reason)")
    }
}
