/// A field of a request or an answer; the name in lower case.
package struct HTTPHeader: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension HTTPRequest {
    package static let maximumHeaders = 64
    package static let maximumHeaderBytes = 32 << 10

    /// Repeating the request has no outside consequence that anybody is answerable for (RFC 9110 §9.2.1).
    package var isSafe: Bool { Self.safeMethods.contains(method) }

    private static let safeMethods: Set<String> = ["GET", "HEAD", "OPTIONS"]
    private static let methods = safeMethods.union(["POST", "PUT", "PATCH", "DELETE"])

    /// The first hop: everything that the plugin wrote, checked.
    package func firstHop() throws(Failure) -> FetchHop {
        guard Self.methods.contains(method) else {
            throw Failure(
                .invalid, "method \"\(method.prefix(32))\": use \(Self.methods.sorted().joined(separator: ", "))")
        }
        guard body.isEmpty || !["GET", "HEAD"].contains(method) else {
            throw Failure(.invalid, "a \(method) request has no body")
        }
        return FetchHop(url: try FetchURL(url), method: method, headers: try fields(), body: body)
    }

    private func fields() throws(Failure) -> [HTTPHeader] {
        guard !headers.isEmpty else { return [] }
        guard headers.count <= Self.maximumHeaderBytes else {
            throw Failure(.tooLarge, "the headers have more than \(Self.maximumHeaderBytes) bytes")
        }
        let document: JSONValue
        do {
            document = try JSONParser.parse(headers)
        } catch {
            throw Failure(.invalid, "the headers are not JSON: \(error.description)")
        }
        guard let members = document.objectValue, members.count <= Self.maximumHeaders else {
            throw Failure(.invalid, "the headers must be an object of at most \(Self.maximumHeaders) members")
        }
        var fields: [HTTPHeader] = []
        for (key, member) in members.sorted(by: { $0.key < $1.key }) {
            let name = String(decoding: key.utf8.map(HostName.lowercased), as: UTF8.self)
            guard let value = member.stringValue, Self.isToken(name), Self.isFieldValue(value) else {
                throw Failure(.invalid, "header \"\(key.prefix(64))\": a name is a token, a value text in one line")
            }
            guard !Self.isHostsOwn(name) else {
                throw Failure(.invalid, "header \"\(name)\" is the host's own; leave it out")
            }
            guard !fields.contains(where: { $0.name == name }) else {
                throw Failure(.invalid, "header \"\(name)\" is given twice")
            }
            fields.append(HTTPHeader(name: name, value: value))
        }
        return fields
    }

    /// Framing, routing and what belongs to one connection (RFC 9110 §7.6.1).
    private static func isHostsOwn(_ name: String) -> Bool {
        hostsOwn.contains(name) || name.hasPrefix("proxy-") || name.hasPrefix(":")
    }

    private static let hostsOwn: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
        "expect", "http2-settings", "accept-encoding",
    ]

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (97...122).contains($0) || (48...57).contains($0) || "!#$%&'*+-.^_`|~".utf8.contains($0)
            }
    }

    /// Visible text, spaces and tabs; no line break and no other control character.
    private static func isFieldValue(_ text: String) -> Bool {
        (1...8_192).contains(text.utf8.count) && text.utf8.allSatisfy { ($0 >= 32 && $0 != 127) || $0 == 9 }
    }
}
