/// The forms of secrets within one line.
enum SecretForms {
    // MARK: Issuers' own forms

    private struct Form: Sendable {
        var prefix: String
        var kind: String
        var allowed: @Sendable (UInt8) -> Bool
        /// Bytes after the prefix.
        var length: ClosedRange<Int>
    }

    private static let isDashed: @Sendable (UInt8) -> Bool = { Characters.isWord($0) || $0 == 0x2D }
    private static let isBase32: @Sendable (UInt8) -> Bool = { Characters.isUpper($0) || (0x32...0x37).contains($0) }

    /// Prefixes as their issuers document them; GitHub's forms are checked apart, by their checksum.
    private static let forms: [Form] = [
        Form(prefix: "AKIA", kind: "aws-access-key-id", allowed: isBase32, length: 16...16),
        Form(prefix: "ASIA", kind: "aws-access-key-id", allowed: isBase32, length: 16...16),
        Form(prefix: "github_pat_", kind: "github-token", allowed: Characters.isWord, length: 82...82),
        Form(prefix: "glpat-", kind: "gitlab-token", allowed: isDashed, length: 20...300),
        Form(prefix: "xoxb-", kind: "slack-token", allowed: isDashed, length: 20...200),
        Form(prefix: "xoxp-", kind: "slack-token", allowed: isDashed, length: 20...200),
        Form(prefix: "xoxa-", kind: "slack-token", allowed: isDashed, length: 20...200),
        Form(prefix: "xapp-", kind: "slack-token", allowed: isDashed, length: 20...200),
        Form(prefix: "sk_live_", kind: "stripe-key", allowed: Characters.isWord, length: 16...247),
        Form(prefix: "rk_live_", kind: "stripe-key", allowed: Characters.isWord, length: 16...247),
        Form(prefix: "AIza", kind: "google-api-key", allowed: isDashed, length: 35...35),
        Form(prefix: "sk-ant-", kind: "anthropic-key", allowed: isDashed, length: 32...200),
        Form(prefix: "sk-proj-", kind: "openai-key", allowed: isDashed, length: 32...250),
        Form(prefix: "npm_", kind: "npm-token", allowed: Characters.isWord, length: 36...36),
        Form(prefix: "pypi-AgE", kind: "pypi-token", allowed: isDashed, length: 50...400),
        Form(prefix: "hf_", kind: "huggingface-token", allowed: Characters.isWord, length: 34...40),
        Form(prefix: "dop_v1_", kind: "digitalocean-token", allowed: Characters.isHex, length: 64...64),
        Form(prefix: "AGE-SECRET-KEY-1", kind: "age-key", allowed: isDashed, length: 58...58),
    ]

    /// Runs of word bytes, `-` and, for JSON Web Tokens, `.`.
    static func tokens(_ text: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var tokens: [Range<Int>] = []
        var start = range.lowerBound
        while start < range.upperBound {
            guard isDashed(text[start]) else {
                start += 1
                continue
            }
            var end = start
            while end < range.upperBound, isDashed(text[end]) || text[end] == 0x2E { end += 1 }
            if end - start >= 20 { tokens.append(start..<end) }
            start = end
        }
        return tokens
    }

    static func kind(of token: ArraySlice<UInt8>) -> String? {
        var token = token
        while token.last == 0x2E { token = token.dropLast() }
        if isGitHub(token) { return "github-token" }
        if isJSONWebToken(token) { return "json-web-token" }
        for form in forms where token.starts(with: form.prefix.utf8) {
            let rest = token.dropFirst(form.prefix.utf8.count)
            // Documentation uses keys such as AKIAIOSFODNN7EXAMPLE.
            let isExample = rest.firstRange(of: Array("EXAMPLE".utf8)) != nil
            if form.length.contains(rest.count), rest.allSatisfy(form.allowed), !isExample,
                Characters.entropy(rest) >= 2.5
            {
                return form.kind
            }
        }
        return nil
    }

    /// `ghp_` and its siblings: 30 random characters and their CRC-32 in base 62, so that a look-alike is told apart.
    private static func isGitHub(_ token: ArraySlice<UInt8>) -> Bool {
        guard ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].contains(where: { token.starts(with: $0.utf8) }) else {
            return false
        }
        let rest = token.dropFirst(4)
        guard rest.count == 36, rest.allSatisfy({ Characters.isLetter($0) || Characters.isDigit($0) }) else {
            return false
        }
        return Array(rest.suffix(6)) == base62(crc32(rest.prefix(30)))
    }

    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
        }
        return ~crc
    }

    /// Six digits, 0-9A-Za-z.
    static func base62(_ number: UInt32) -> [UInt8] {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var left = Int(number)
        var text: [UInt8] = []
        for _ in 0..<6 {
            text.append(digits[left % 62])
            left /= 62
        }
        return text.reversed()
    }

    private static func isJSONWebToken(_ token: ArraySlice<UInt8>) -> Bool {
        let parts = token.split(separator: 0x2E, omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].starts(with: "eyJ".utf8) && parts[1].starts(with: "eyJ".utf8)
            && parts[2].count >= 20 && parts.allSatisfy { $0.allSatisfy(isDashed) }
    }

    // MARK: By the place

    private static let authorityEnds: Set<UInt8> = [0x2F, 0x22, 0x27, 0x3F, 0x23, 0x3C, 0x60]

    /// `scheme://user:password@host`
    static func urlPassword(_ text: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        guard let scheme = text[range].firstRange(of: Array("://".utf8)) else { return nil }
        let authority = text[scheme.upperBound..<range.upperBound].prefix {
            $0 > 0x20 && !authorityEnds.contains($0)
        }
        guard let at = authority.lastIndex(of: 0x40), let colon = authority[..<at].firstIndex(of: 0x3A) else {
            return nil
        }
        let password = (colon + 1)..<at
        return password.count >= 3 && !isPlaceholder(text[password]) ? password : nil
    }

    private static let names: [(ending: String, kind: String)] = [
        ("password", "password"), ("passwd", "password"), ("passphrase", "password"), ("pwd", "password"),
        ("secret_access_key", "aws-secret-access-key"), ("secretaccesskey", "aws-secret-access-key"),
        ("client_secret", "client-secret"), ("clientsecret", "client-secret"), ("api_key", "api-key"),
        ("apikey", "api-key"), ("access_token", "token"), ("accesstoken", "token"), ("auth_token", "token"),
        ("authtoken", "token"), ("secret_key", "secret-key"), ("secretkey", "secret-key"),
        ("private_key", "secret-key"), ("encryption_key", "secret-key"), ("_secret", "secret"), ("_token", "token"),
        ("secret", "secret"),
    ]

    /// `name = value`, `name: value`, `"name": "value"`, `name => value`, where the name ends in a telling word.
    static func assignment(_ text: [UInt8], _ range: Range<Int>) -> (kind: String, place: Range<Int>)? {
        var index = range.lowerBound
        while index < range.upperBound {
            guard Characters.isWord(text[index]) else {
                index += 1
                continue
            }
            var end = index
            while end < range.upperBound, Characters.isWord(text[end]) || text[end] == 0x2D { end += 1 }
            let name = String(decoding: text[index..<end], as: UTF8.self).lowercased()
                .split(separator: "-", omittingEmptySubsequences: false).joined(separator: "_")
            if let kind = names.first(where: { name.hasSuffix($0.ending) })?.kind,
                let place = value(text, end..<range.upperBound), isSecretValue(text[place], kind: kind)
            {
                return (kind, place)
            }
            index = end
        }
        return nil
    }

    private static func value(_ text: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var index = range.lowerBound
        func skip(_ bytes: Set<UInt8>) { while index < range.upperBound, bytes.contains(text[index]) { index += 1 } }
        skip([0x22, 0x27, 0x5D, 0x20, 0x09])
        guard index < range.upperBound, text[index] == 0x3D || text[index] == 0x3A else { return nil }
        index += 1
        // "==" compares, "::" and "=~" are no assignment either.
        if index < range.upperBound, [0x3D, 0x3A, 0x7E].contains(text[index]) { return nil }
        if index < range.upperBound, text[index] == 0x3E { index += 1 }
        skip([0x20, 0x09])
        guard index < range.upperBound else { return nil }
        let quote = text[index]
        if quote == 0x22 || quote == 0x27 || quote == 0x60 {
            guard let end = text[(index + 1)..<range.upperBound].firstIndex(of: quote) else { return nil }
            return index + 1 < end ? (index + 1)..<end : nil
        }
        let ends: Set<UInt8> = [0x2C, 0x3B, 0x22, 0x27, 0x7D]
        var end = index
        while end < range.upperBound, text[end] > 0x20, !ends.contains(text[end]) { end += 1 }
        return index < end ? index..<end : nil
    }

    private static let nameSigns: Set<UInt8> = [0x20, 0x2D, 0x2E, 0x2F, 0x3A, 0x21, 0x3F]

    private static func isSecretValue(_ value: ArraySlice<UInt8>, kind: String) -> Bool {
        guard (6...4096).contains(value.count), !isPlaceholder(value), !isReference(value) else { return false }
        if kind == "aws-secret-access-key" { return value.count == 40 && value.allSatisfy(Characters.isBase64) }
        var classes = 0
        if value.contains(where: Characters.isLower) { classes += 1 }
        if value.contains(where: Characters.isUpper) { classes += 1 }
        if value.contains(where: Characters.isDigit) { classes += 1 }
        if kind == "password" {
            // Words with spaces, hyphens or dots are labels and names; a digit or another sign makes a password.
            let hasDigit = value.contains(where: Characters.isDigit)
            let hasSign = value.contains { !Characters.isWord($0) && !nameSigns.contains($0) && $0 < 0x80 }
            return (hasDigit || hasSign) && (classes >= 2 || hasSign) && Characters.entropy(value) >= 2.3
        }
        return value.count >= 12 && classes >= 2 && value.contains(where: Characters.isDigit)
            && !value.contains(0x20) && Characters.entropy(value) >= 3
    }

    private static let placeholders = [
        "example", "changeme", "change_me", "change-me", "placeholder", "your_", "your-", "yourpass", "xxxx", "****",
        "....", "dummy", "sample", "redacted", "todo", "insert", "replace", "not-set", "notset", "undefined",
    ]

    static func isPlaceholder(_ value: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: value, as: UTF8.self).lowercased()
        if placeholders.contains(where: { text.contains($0) }) { return true }
        if ["password", "passwd", "secret", "token", "null", "none", "true", "false", "nil"].contains(text) {
            return true
        }
        return Set(value).count <= 2
    }

    /// `${NAME}`, `$NAME`, `{{ name }}`, `<name>`, `%(name)s`, `getenv("X")`, `settings.password`, `/run/secrets/x`.
    private static func isReference(_ value: ArraySlice<UInt8>) -> Bool {
        guard let first = value.first else { return true }
        if [0x3C, 0x7B, 0x25, 0x5B, 0x28, 0x2F, 0x5C, 0x40, 0x26].contains(first) { return true }
        if first == 0x24 {
            // crypt(3) hashes begin with $id$ and are worth finding; $NAME is a reference.
            return value.dropFirst().prefix(4).contains(0x24) == false
        }
        if value.contains(0x28) || value.contains(0x5B) || value.firstRange(of: [0x24, 0x7B]) != nil { return true }
        let isPath = value.contains(0x2E) && value.allSatisfy { Characters.isWord($0) || $0 == 0x2E }
        return isPath && !value.contains(where: Characters.isDigit)
    }

    // MARK: By entropy

    static func quoted(_ text: [UInt8], _ range: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = range.lowerBound
        while index < range.upperBound {
            let quote = text[index]
            guard quote == 0x22 || quote == 0x27 || quote == 0x60,
                let end = text[(index + 1)..<range.upperBound].firstIndex(of: quote)
            else {
                index += 1
                continue
            }
            if end - index - 1 >= 32 { found.append((index + 1)..<end) }
            index = end + 1
        }
        return found
    }

    /// 32 to 200 characters of base 64 with all of upper case, lower case and digits. Hexadecimal digests, integrity
    /// hashes (`sha512-…`), names and paths are not.
    static func isRandom(_ value: ArraySlice<UInt8>) -> Bool {
        guard (32...200).contains(value.count), !value.starts(with: "sha".utf8),
            value.allSatisfy({ Characters.isBase64($0) || $0 == 0x2D || $0 == 0x5F }),
            !value.allSatisfy(Characters.isHex), !isPlaceholder(value)
        else { return false }
        let digits = value.filter(Characters.isDigit).count
        let separators = value.filter { $0 == 0x2F || $0 == 0x2D || $0 == 0x5F }.count
        let isMixed =
            digits >= 3 && value.contains(where: Characters.isUpper) && value.contains(where: Characters.isLower)
        return isMixed && separators * 8 <= value.count && changes(value) * 3 >= value.count
            && Characters.entropy(value) >= 4.3
    }

    /// How often the kind of character changes from one to the next: rarely within names, often in random text.
    private static func changes(_ value: ArraySlice<UInt8>) -> Int {
        func kind(_ byte: UInt8) -> Int {
            Characters.isDigit(byte) ? 0 : Characters.isLower(byte) ? 1 : Characters.isUpper(byte) ? 2 : 3
        }
        return zip(value, value.dropFirst()).filter { kind($0) != kind($1) }.count
    }
}
