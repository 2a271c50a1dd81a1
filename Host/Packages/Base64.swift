/// Base64 of RFC 4648 §4, with padding, and only in its canonical form.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[word >> (18 - 6 * index) & 63] : 0x3D)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for what ``encode(_:)`` would not have written.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 4) {
            let group = digits[start..<start + 4].filter { $0 != 0x3D }.compactMap { alphabet.firstIndex(of: $0) }
            guard group.count >= 2 else { return nil }
            let word = group.reduce(0) { $0 << 6 | $1 } << (6 * (4 - group.count))
            for index in 0..<group.count - 1 { bytes.append(UInt8(word >> (16 - 8 * index) & 255)) }
        }
        return encode(bytes) == text ? bytes : nil
    }
}
