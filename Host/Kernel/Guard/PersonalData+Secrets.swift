extension PersonalData {
    /// What vendors put before their keys, how many characters follow at least, and what those may be besides letters
    /// and digits. From the vendors' own documentation of secret scanning.
    private static let prefixes: [(text: [UInt8], minimum: Int)] = [
        ("sk-", 20), ("AKIA", 16), ("ASIA", 16), ("ghp_", 36), ("gho_", 36), ("ghs_", 36), ("github_pat_", 50),
        ("glpat-", 20), ("xoxb-", 20), ("xoxp-", 20), ("AIza", 35), ("hf_", 30), ("sk_live_", 20), ("rk_live_", 20),
    ].map { (Array($0.0.utf8), $0.1) }

    private static let keyHead = Array("-----BEGIN ".utf8), keyWord = Array("PRIVATE KEY-----".utf8)
    private static let keyTail = Array("-----END ".utf8)
    /// An RSA key of 16,384 bits has about 13,000 bytes.
    private static let maximumKeyBytes = 16_384

    static func secretEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        for prefix in prefixes where bytes[start...].starts(with: prefix.text) {
            let end = tokenEnd(bytes, start + prefix.text.count)
            if end - start - prefix.text.count >= prefix.minimum { return end }
        }
        return privateKeyEnd(bytes, start) ?? tokenOfThreeParts(bytes, start)
    }

    private static func tokenEnd(_ bytes: [UInt8], _ start: Int) -> Int {
        var end = start
        while end < bytes.count, isAlphanumeric(bytes[end]) || bytes[end] == 45 || bytes[end] == 95 { end += 1 }
        return end
    }

    /// RFC 7468 armour, to its end line or, when that is missing, to the end of what one can be.
    private static func privateKeyEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard bytes[start...].starts(with: keyHead) else { return nil }
        let limit = min(bytes.count, start + maximumKeyBytes)
        let headEnd = min(limit, start + 64)
        guard let word = first(keyWord, in: bytes, from: start, to: headEnd) else { return nil }
        guard let tail = first(keyTail, in: bytes, from: word, to: limit) else { return limit }
        return first(keyWord, in: bytes, from: tail, to: min(limit, tail + 64)).map { $0 + keyWord.count } ?? limit
    }

    /// RFC 7519, whose header as base64url of `{"` begins with `eyJ`.
    private static func tokenOfThreeParts(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard bytes[start...].starts(with: [101, 121, 74]) else { return nil }
        var end = tokenEnd(bytes, start)
        for _ in 0..<2 {
            guard end - start >= 8, end < bytes.count, bytes[end] == 46 else { return nil }
            let next = tokenEnd(bytes, end + 1)
            guard next > end + 8 else { return nil }
            end = next
        }
        return end
    }

    private static func first(_ needle: [UInt8], in bytes: [UInt8], from: Int, to: Int) -> Int? {
        guard to - from >= needle.count else { return nil }
        return (from...(to - needle.count)).first { bytes[$0...].starts(with: needle) }
    }
}
