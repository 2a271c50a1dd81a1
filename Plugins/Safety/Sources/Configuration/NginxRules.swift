import PluginKit

/// nginx's TLS settings against Mozilla's Server Side TLS guidelines and NIST SP 800-52 rev. 2.
struct NginxRules {
    private(set) var settings: [Setting] = []
    private(set) var findings: [Finding] = []
    private let place: String

    private static let mozilla = "Mozilla Server Side TLS 5.7 (intermediate)"
    private static let nist = "NIST SP 800-52 rev. 2 §3.1"
    private static let manual = "nginx documentation"

    init(text: String, place: String) throws(TaskFailure) {
        self.place = place
        settings = try Self.parse(text, place: place)
        for setting in settings { check(setting) }
        checkServers()
    }

    /// Directives with the blocks around them; a block's number tells two `server` blocks apart.
    static func parse(_ text: String, place: String) throws(TaskFailure) -> [Setting] {
        var settings: [Setting] = []
        var words: [String] = []
        var blocks: [String] = []
        var opened = 0
        var start = 1
        for token in NginxTokens(text) {
            switch token.kind {
            case .word:
                if words.isEmpty { start = token.line }
                words.append(token.text)
            case .semicolon:
                if let name = words.first {
                    settings.append(
                        Setting(name: name, values: Array(words.dropFirst()), line: start, blocks: blocks))
                }
                words = []
            case .open:
                guard blocks.count < 100 else { throw .invalid("\(place):\(token.line): more than 100 nested blocks") }
                opened += 1
                blocks.append("\(words.joined(separator: " "))#\(opened)")
                words = []
            case .close:
                guard blocks.popLast() != nil, words.isEmpty else {
                    throw .invalid("\(place):\(token.line): \"}\" without its block, or a directive without \";\"")
                }
            }
        }
        guard blocks.isEmpty, words.isEmpty else { throw .invalid("\(place): ends inside of a block or a directive") }
        return settings
    }

    private mutating func check(_ setting: Setting) {
        switch setting.name {
        case "ssl_protocols", "proxy_ssl_protocols": checkProtocols(setting)
        case "ssl_ciphers", "proxy_ssl_ciphers":
            for weakness in CipherList.weaknesses(in: setting.values.joined(separator: ":")) {
                add(
                    "weak-ciphers", weakness.severity, "\(setting.name) lets in \(weakness.token): \(weakness.why)",
                    setting, "use the list of Mozilla's intermediate configuration", Self.mozilla)
            }
        case "ssl_session_tickets" where setting.values == ["on"]:
            add(
                "session-tickets", .low, "tickets without rotated keys weaken forward secrecy", setting,
                "ssl_session_tickets off", Self.mozilla)
        case "server_tokens" where setting.values == ["on"]:
            add("server-tokens", .low, "answers tell the server's version", setting, "server_tokens off", Self.manual)
        case "autoindex" where setting.values == ["on"]:
            add("autoindex", .low, "folders without an index show their files", setting, "autoindex off", Self.manual)
        case "proxy_ssl_verify" where setting.values == ["off"]:
            add(
                "proxy-verify", .medium, "the certificate of the server behind is not checked", setting,
                "proxy_ssl_verify on with proxy_ssl_trusted_certificate", Self.manual)
        case "ssl" where setting.values == ["on"]:
            add(
                "ssl-directive", .low, "the ssl directive is gone since nginx 1.25.1", setting,
                "listen 443 ssl", Self.manual)
        default: break
        }
    }

    private mutating func checkProtocols(_ setting: Setting) {
        let weak: [(String, Severity, String, String)] = [
            ("SSLv2", .critical, "broken (RFC 6176)", "RFC 6176"),
            ("SSLv3", .high, "broken (POODLE, RFC 7568)", "RFC 7568"),
            ("TLSv1", .medium, "deprecated", "RFC 8996; " + Self.nist),
            ("TLSv1.1", .medium, "deprecated", "RFC 8996; " + Self.nist),
        ]
        for (name, severity, why, source) in weak where setting.values.contains(name) {
            add(
                "weak-protocol", severity, "\(name) is allowed: \(why)", setting,
                "\(setting.name) TLSv1.2 TLSv1.3", source)
        }
        if !setting.values.contains("TLSv1.3") {
            add(
                "no-tls13", .low, "TLS 1.3 is not offered", setting, "\(setting.name) TLSv1.2 TLSv1.3",
                Self.nist + " (TLS 1.3 required since 2024)")
        }
    }

    /// What holds for a whole server: ports, and headers that are inherited from outside unless a level sets its own.
    private mutating func checkServers() {
        let servers = Dictionary(grouping: settings.filter { $0.name == "listen" }, by: \.blocks)
        for (blocks, listens) in servers.sorted(by: { $0.value[0].line < $1.value[0].line }) {
            let isSecure = listens.contains { $0.values.contains("ssl") || $0.values.contains("quic") }
            for listen in listens where !listen.values.contains("ssl") && !listen.values.contains("quic") {
                let port = listen.values.first?.split(separator: ":").last
                if port == "443" {
                    add("plain-443", .medium, "port 443 is served without TLS", listen, "listen 443 ssl", Self.manual)
                }
            }
            if isSecure { checkStrictTransport(blocks, listens[0]) }
        }
    }

    private mutating func checkStrictTransport(_ blocks: [String], _ listen: Setting) {
        let headers = settings.filter { setting in
            setting.name == "add_header" && setting.values.first?.lowercased() == "strict-transport-security"
                && blocks.starts(with: setting.blocks)
        }
        guard let header = headers.max(by: { $0.blocks.count < $1.blocks.count }) else {
            add(
                "no-hsts", .medium, "browsers are not told to stay with TLS", listen,
                "add_header Strict-Transport-Security \"max-age=63072000\" always", "RFC 6797; " + Self.mozilla)
            return
        }
        let value = header.values.dropFirst().first?.lowercased() ?? ""
        let age = value.firstRange(of: "max-age=").map {
            value[$0.upperBound...].drop { $0 == "\"" }.prefix(while: \.isNumber)
        }
        if (age.flatMap { Int($0) } ?? 0) < 63_072_000 {
            add(
                "short-hsts", .low, "Strict-Transport-Security holds for less than two years", header,
                "max-age=63072000", Self.mozilla)
        }
    }

    private mutating func add(
        _ rule: String, _ severity: Severity, _ title: String, _ setting: Setting, _ remedy: String, _ source: String
    ) {
        findings.append(
            Finding(
                rule: "nginx.\(rule)", severity: severity, title: title, place: "\(place):\(setting.line)",
                evidence: String("\(setting.name) \(setting.values.joined(separator: " "))".prefix(200)),
                remedy: remedy, source: source))
    }
}

/// nginx's tokens: words, quoted words, `;`, `{`, `}`, comments.
struct NginxTokens: Sequence, IteratorProtocol {
    struct Token {
        enum Kind { case word, semicolon, open, close }
        var kind: Kind
        var text: String
        var line: Int
    }

    private var rest: ArraySlice<UInt8>
    private var line = 1

    init(_ text: String) { rest = Array(text.utf8)[...] }

    mutating func next() -> Token? {
        skipSpace()
        guard let byte = rest.first else { return nil }
        let kinds: [UInt8: Token.Kind] = [0x3B: .semicolon, 0x7B: .open, 0x7D: .close]
        if let kind = kinds[byte] {
            rest = rest.dropFirst()
            return Token(kind: kind, text: "", line: line)
        }
        let start = line
        return Token(kind: .word, text: byte == 0x22 || byte == 0x27 ? quoted(by: byte) : bare(), line: start)
    }

    private mutating func skipSpace() {
        while let byte = rest.first {
            if byte == 0x23 {
                rest = rest.drop { $0 != 0x0A }
            } else if byte == 0x20 || (0x09...0x0D).contains(byte) {
                if byte == 0x0A { line += 1 }
                rest = rest.dropFirst()
            } else {
                return
            }
        }
    }

    private mutating func quoted(by quote: UInt8) -> String {
        rest = rest.dropFirst()
        var bytes: [UInt8] = []
        while let byte = rest.popFirst(), byte != quote {
            if byte == 0x0A { line += 1 }
            if byte == 0x5C, let escaped = rest.popFirst() { bytes.append(escaped) } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A brace inside of `${name}` belongs to the word.
    private mutating func bare() -> String {
        var bytes: [UInt8] = []
        while let byte = rest.first {
            if byte == 0x7B, bytes.last == 0x24 {
                let variable = rest.prefix { $0 != 0x7D }
                bytes += variable
                rest = rest[variable.endIndex...]
                if let end = rest.popFirst() { bytes.append(end) }
                continue
            }
            if byte == 0x20 || (0x09...0x0D).contains(byte) || [0x3B, 0x7B, 0x7D].contains(byte) { break }
            bytes.append(byte)
            rest = rest.dropFirst()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
