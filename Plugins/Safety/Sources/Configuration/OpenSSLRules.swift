/// openssl.cnf: what the library allows every program on the host, and how certificates are made.
struct OpenSSLRules {
    private(set) var settings: [Setting] = []
    private(set) var findings: [Finding] = []
    private let place: String

    private static let nist = "NIST SP 800-52 rev. 2 §3.1"
    private static let manual = "SSL_CONF_cmd(3), config(5)"

    init(text: String, place: String) {
        self.place = place
        var section = "default"
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Texts.trimmed(raw.prefix { $0 != "#" })
            if line.first == "[", line.last == "]" {
                section = Texts.trimmed(line.dropFirst().dropLast())
            } else if let equals = line.firstIndex(of: "="), equals > line.startIndex {
                let name = Texts.trimmed(line[..<equals]).lowercased()
                let value = Texts.trimmed(line[line.index(after: equals)...])
                settings.append(Setting(name: name, values: [value], line: index + 1, blocks: [section]))
            }
        }
        for setting in settings { check(setting) }
    }

    private mutating func check(_ setting: Setting) {
        let value = setting.values[0]
        switch setting.name {
        case "minprotocol", "system_default_minprotocol":
            if ["none", "sslv2", "sslv3", "tlsv1", "tlsv1.0", "tlsv1.1", "dtlsv1", "dtlsv1.0"].contains(
                value.lowercased())
            {
                let severity: Severity =
                    value.lowercased().hasPrefix("ssl") || value.lowercased() == "none" ? .high : .medium
                add(
                    "min-protocol", severity, "protocols older than TLS 1.2 are allowed", setting,
                    "MinProtocol = TLSv1.2", Self.nist + "; RFC 8996")
            }
        case "cipherstring":
            if value.contains("SECLEVEL=0") || value.contains("SECLEVEL=1") {
                add(
                    "security-level", .medium, "keys of less than 112 bits of security are accepted", setting,
                    "CipherString = DEFAULT@SECLEVEL=2", "SSL_CTX_set_security_level(3); NIST SP 800-57 part 1")
            }
            for weakness in CipherList.weaknesses(in: value) {
                add(
                    "weak-ciphers", weakness.severity, "CipherString lets in \(weakness.token): \(weakness.why)",
                    setting, "CipherString = DEFAULT@SECLEVEL=2", Self.nist)
            }
        case "options":
            for option in value.split(separator: ",").map({ Texts.trimmed($0).lowercased() }) {
                if option == "unsafelegacyrenegotiation" {
                    add(
                        "legacy-renegotiation", .high, "renegotiation can be spliced by others (CVE-2009-3555)",
                        setting, "take UnsafeLegacyRenegotiation out", "RFC 5746")
                } else if option == "unsafelegacyserverconnect" {
                    add(
                        "legacy-connect", .medium, "servers without secure renegotiation are accepted", setting,
                        "take UnsafeLegacyServerConnect out", "RFC 5746")
                }
            }
        case "default_md":
            if ["md5", "md4", "sha1", "sha"].contains(value.lowercased()) {
                add(
                    "digest", value.lowercased().hasPrefix("md") ? .high : .medium,
                    "certificates are signed with a digest that can be collided", setting, "default_md = sha256",
                    "NIST SP 800-131A rev. 2")
            }
        case "default_bits":
            if let bits = Int(value), bits < 2048 {
                add(
                    "key-size", .high, "RSA keys of \(bits) bits are made", setting, "default_bits = 3072",
                    "NIST SP 800-131A rev. 2")
            }
        default: break
        }
    }

    private mutating func add(
        _ rule: String, _ severity: Severity, _ title: String, _ setting: Setting, _ remedy: String, _ source: String
    ) {
        findings.append(
            Finding(
                rule: "openssl.\(rule)", severity: severity, title: title, place: "\(place):\(setting.line)",
                evidence: String("[\(setting.blocks.joined())] \(setting.name) = \(setting.values[0])".prefix(200)),
                remedy: remedy, source: source))
    }
}
