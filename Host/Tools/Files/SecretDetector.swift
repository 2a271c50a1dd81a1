import Glibc
import Kernel

/// Finds what looks like a secret. What it says about one never holds the secret: place, kind, length, entropy and a
/// salted fingerprint.
///
/// Few false alarms come first. Issuers' own forms (and GitHub's checksum) count by themselves; a value counts by its
/// name (`password = …`) only when it is no placeholder, reference or identifier; entropy alone counts only for long
/// mixed text in quotes.
struct SecretDetector: Sendable {
    struct Secret: Hashable, Sendable {
        enum Confidence: String, Sendable { case high, medium, low }
        var line: Int
        /// In bytes, from 1.
        var column: Int
        var kind: String
        var confidence: Confidence
        /// Of the text's bytes.
        var range: Range<Int>
        var entropy: Double
    }

    static let maximumLineBytes = 20_000

    /// In order of place; ranges do not overlap.
    static func secrets(in text: [UInt8]) -> [Secret] {
        var found: [Secret] = []
        var line = 1
        var start = 0
        var keyBlock: (start: Int, line: Int)?
        while start < text.count {
            let end = text[start...].firstIndex(of: 0x0A) ?? text.count
            let content = text[start..<end]
            if let block = keyBlock {
                if contains(content, "-----END") || line - block.line > 200 {
                    found.append(make("private-key", .high, text, block.start..<start, block.line, at: block.start))
                    keyBlock = nil
                }
            } else if let kind = keyBegin(content) {
                // What follows the line is the key; a file that only names the marker has none.
                let body = text[min(end + 1, text.count)...].prefix(64).prefix { $0 != 0x0A }
                if isKeyBody(body) || contains(body, "Proc-Type") {
                    if kind == "encrypted" || contains(text[end...].prefix(80), "ENCRYPTED") {
                        found.append(
                            make("encrypted-private-key", .medium, text, start..<end, line, at: start))
                    } else {
                        keyBlock = (min(end + 1, text.count), line)
                    }
                }
            } else if content.count <= maximumLineBytes {
                found += secretsOfLine(text, start..<end, line)
            }
            start = end + 1
            line += 1
        }
        if let block = keyBlock, block.start < text.count {
            found.append(make("private-key", .high, text, block.start..<text.count, block.line, at: block.start))
        }
        return found
    }

    private static func keyBegin(_ line: ArraySlice<UInt8>) -> String? {
        guard contains(line, "-----BEGIN "), contains(line, "PRIVATE KEY-----") || contains(line, "PRIVATE KEY BLOCK")
        else { return nil }
        return contains(line, "ENCRYPTED") ? "encrypted" : "plain"
    }

    private static func isKeyBody(_ line: ArraySlice<UInt8>) -> Bool {
        let body = line.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x0D }
        return body.count >= 16 && body.allSatisfy { Characters.isBase64($0) }
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ needle: String) -> Bool {
        bytes.firstRange(of: Array(needle.utf8)) != nil
    }

    private static func secretsOfLine(_ text: [UInt8], _ range: Range<Int>, _ line: Int) -> [Secret] {
        var found: [Secret] = []
        func add(_ kind: String, _ confidence: Secret.Confidence, _ place: Range<Int>) {
            guard !found.contains(where: { $0.range.overlaps(place) }) else { return }
            found.append(make(kind, confidence, text, place, line, at: range.lowerBound))
        }
        for token in SecretForms.tokens(text, range) {
            if let kind = SecretForms.kind(of: text[token]) { add(kind, .high, token) }
        }
        if let place = SecretForms.urlPassword(text, range) { add("url-password", .medium, place) }
        if let (kind, place) = SecretForms.assignment(text, range) { add(kind, .medium, place) }
        for place in SecretForms.quoted(text, range) where SecretForms.isRandom(text[place]) {
            add("high-entropy-text", .low, place)
        }
        return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    private static func make(
        _ kind: String, _ confidence: Secret.Confidence, _ text: [UInt8], _ range: Range<Int>, _ line: Int,
        at start: Int
    ) -> Secret {
        Secret(
            line: line, column: range.lowerBound - start + 1, kind: kind, confidence: confidence, range: range,
            entropy: Characters.entropy(text[range]))
    }

    /// SHA-256 over salt and secret, the salt's length first so that no two pairs are the same bytes.
    static func fingerprint(_ secret: some Collection<UInt8>, salt: [UInt8]) -> String {
        var content: [UInt8] = [UInt8(truncatingIfNeeded: salt.count)]
        content += Digest.sha256(salt).bytes
        content += secret
        return String(Digest.sha256(content).hex.prefix(16))
    }

    /// The text with `[secret: kind]` in place of each secret.
    static func masked(_ text: [UInt8]) -> [UInt8] {
        var masked: [UInt8] = []
        var end = 0
        for secret in secrets(in: text) {
            masked += text[end..<secret.range.lowerBound]
            masked += Array("[secret: \(secret.kind)]".utf8)
            if text[secret.range].last == 0x0A { masked.append(0x0A) }
            end = secret.range.upperBound
        }
        return masked + text[end...]
    }
}

/// Kinds of bytes, and how mixed they are.
enum Characters {
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    static func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }
    static func isLetter(_ byte: UInt8) -> Bool { isLower(byte | 0x20) }
    static func isWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == 0x5F }
    static func isBase64(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == 0x2B || byte == 0x2F || byte == 0x3D
    }
    static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte | 0x20) }

    /// Shannon's, of single bytes, in bits for each; to two places.
    static func entropy(_ bytes: some Collection<UInt8>) -> Double {
        guard !bytes.isEmpty else { return 0 }
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        let total = Double(bytes.count)
        let bits = counts.reduce(0.0) { sum, count in
            guard count > 0 else { return sum }
            let share = Double(count) / total
            return sum - share * log2(share)
        }
        return (bits * 100).rounded() / 100
    }
}
