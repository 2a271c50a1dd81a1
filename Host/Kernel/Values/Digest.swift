import Crypto

/// A SHA-256 digest. Content addresses, step shapes and Merkle nodes are digests, never plain strings.
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let byteCount = 32

    package let bytes: [UInt8]

    /// - Precondition: `bytes` holds 32 bytes; use ``init(checking:)`` for input from outside.
    package init(bytes: [UInt8]) {
        precondition(bytes.count == Self.byteCount)
        self.bytes = bytes
    }

    /// Nil unless there are exactly 32 bytes.
    package init?(checking bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Nil unless `hex` is 64 lower-case hexadecimal digits.
    package init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(checking: bytes)
    }

    package static func sha256(_ content: some Sequence<UInt8>) -> Digest {
        var hash = SHA256()
        if content.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(content))
        }
        return Digest(hash)
    }

    /// Of one byte and what follows it, without a copy of either.
    package static func sha256(_ prefix: UInt8, _ first: [UInt8], _ second: [UInt8] = []) -> Digest {
        var hash = SHA256()
        withUnsafeBytes(of: prefix) { hash.update(bufferPointer: $0) }
        first.withUnsafeBytes { hash.update(bufferPointer: $0) }
        second.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return Digest(hash)
    }

    private init(_ hash: SHA256) { bytes = hash.finalize().withUnsafeBytes { Array($0) } }

    package var hex: String { Hex.encode(bytes) }
    package var description: String { hex }

    package static func < (left: Digest, right: Digest) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// Lower-case hexadecimal.
package enum Hex {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { text in
            var index = 0
            for byte in bytes {
                text[index] = digit(byte >> 4)
                text[index + 1] = digit(byte & 15)
                index += 2
            }
            return index
        }
    }

    /// Nil for an odd length or anything but `0-9a-f`: a digest has one spelling.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes = [UInt8]()
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 87 + value }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 97...102: digit - 87
        default: nil
        }
    }
}
