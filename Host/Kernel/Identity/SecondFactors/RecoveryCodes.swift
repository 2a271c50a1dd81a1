/// Codes for the day on which the telephone is gone: shown once, kept as digests, each good for one time.
package struct RecoveryCodes: Hashable, Sendable {
    package static let count = 10
    /// Of one code.
    package static let randomBytes = 10
    private static let spent = [UInt8](repeating: 0, count: Digest.byteCount)

    /// One digest after the other; of a code that was used, zeros.
    package private(set) var digests: [[UInt8]]

    /// - Parameter random: ``count`` times ``randomBytes``.
    /// - Returns: the codes as they are shown, and what is kept of them.
    package static func make(random: [UInt8], account: String) -> (codes: [String], kept: RecoveryCodes) {
        precondition(random.count == count * randomBytes)
        let codes = (0..<count).map { index in
            let text = Array(Base32.encode(Array(random[index * randomBytes..<(index + 1) * randomBytes])).lowercased())
            return stride(from: 0, to: text.count, by: 4).map { String(text[$0..<min($0 + 4, text.count)]) }
                .joined(separator: "-")
        }
        return (codes, RecoveryCodes(digests: codes.map { digest(of: $0, account) }))
    }

    private init(digests: [[UInt8]]) { self.digests = digests }

    /// Nil for anything but ``count`` digests.
    package init?(stored bytes: [UInt8]) {
        guard bytes.count == Self.count * Digest.byteCount else { return nil }
        digests = stride(from: 0, to: bytes.count, by: Digest.byteCount).map {
            Array(bytes[$0..<$0 + Digest.byteCount])
        }
    }

    package var stored: [UInt8] { digests.flatMap { $0 } }
    package var left: Int { digests.count { $0 != Self.spent } }

    /// The rest, once `code` is used; nil when it is none of them, or was used.
    package func using(_ code: String, account: String) -> RecoveryCodes? {
        let digest = Self.digest(of: code, account)
        guard digest != Self.spent, let index = digests.firstIndex(of: digest) else { return nil }
        var rest = self
        rest.digests[index] = Self.spent
        return rest
    }

    /// 80 random bits need no slow hash. The account is in it, so that equal digests tell nothing.
    private static func digest(of code: String, _ account: String) -> [UInt8] {
        let plain = code.lowercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != 32 }
        return Digest.sha256(Array("bureau.recovery/1\n\(account)\n".utf8) + plain).bytes
    }
}
