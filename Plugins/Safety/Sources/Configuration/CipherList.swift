/// What an OpenSSL cipher list (openssl-ciphers(1)) lets in that NIST SP 800-52 rev. 2 and Mozilla do not.
enum CipherList {
    struct Weakness: Hashable, Sendable {
        var token: String
        var severity: Severity
        var why: String
    }

    /// `!X` forbids for good and `-X` takes away; what is forbidden later counts for the whole list, as in OpenSSL for
    /// `!`. A class such as ALL lets in each weak family that is not forbidden.
    static func weaknesses(in list: String) -> [Weakness] {
        let tokens = list.split(whereSeparator: { ":, ".contains($0) }).map { $0.uppercased() }
        let forbidden = Set(tokens.filter { $0.hasPrefix("!") }.map { String($0.dropFirst()) })
        var found: [Weakness] = []
        for token in tokens {
            if token.hasPrefix("!") || token.hasPrefix("-") || token.hasPrefix("@") { continue }
            let name = token.drop { $0 == "+" }
            var parts = Set(name.split(whereSeparator: { "-_+".contains($0) }).map(String.init))
            // OpenSSL spells triple DES "DES-CBC3".
            if parts.contains("CBC3"), parts.remove("DES") != nil { parts.insert("3DES") }
            if ["ALL", "COMPLEMENTOFALL", "COMPLEMENTOFDEFAULT"].contains(String(name)) {
                for family in families where forbidden.isDisjoint(with: family.names) {
                    found.append(.init(token: token, severity: family.severity, why: family.why))
                }
                continue
            }
            if let family = families.first(where: { !$0.names.isDisjoint(with: parts) }),
                forbidden.isDisjoint(with: parts)
            {
                found.append(.init(token: token, severity: family.severity, why: family.why))
            }
        }
        return found
    }

    private static let families: [(names: Set<String>, severity: Severity, why: String)] = [
        (["NULL", "ENULL"], .critical, "no encryption"),
        (["ANULL", "ADH", "AECDH", "ANON"], .critical, "no authentication: anyone in between can read"),
        (["EXP", "EXPORT", "EXPORT40", "EXPORT56", "EXP1024"], .critical, "export keys (FREAK, Logjam)"),
        (["LOW", "DES", "RC2"], .high, "56-bit keys or less"),
        (["RC4", "ARCFOUR"], .high, "RC4 (RFC 7465)"),
        (["MD5"], .high, "MD5 (RFC 6151)"),
        (["3DES", "DES3", "IDEA"], .medium, "64-bit blocks (Sweet32)"),
    ]
}
