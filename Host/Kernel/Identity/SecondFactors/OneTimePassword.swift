import Crypto

/// Codes by a counter (RFC 4226) and by the time (RFC 6238).
package struct OneTimePassword: Hashable, Sendable {
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case sha1 = "SHA1"
        case sha256 = "SHA256"
        case sha512 = "SHA512"
    }

    /// What one that is made here has: more than the 128 bits that RFC 4226 asks for, and what SHA-1 takes in.
    package static let secretBytes = 20
    /// Steps before and after the one of the clock: a phone's clock is a little off, and people type slowly.
    package static let window: Int64 = 1

    package var secret: [UInt8]
    package var algorithm: Algorithm
    package var digits: Int
    package var periodSeconds: Int64

    /// - Precondition: 6 to 8 digits, and a period of a second or more.
    package init(secret: [UInt8], algorithm: Algorithm = .sha1, digits: Int = 6, periodSeconds: Int64 = 30) {
        precondition((6...8).contains(digits) && periodSeconds > 0)
        self.secret = secret
        self.algorithm = algorithm
        self.digits = digits
        self.periodSeconds = periodSeconds
    }

    package func code(counter: UInt64) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * $0)) }
        let key = SymmetricKey(data: secret)
        let mac: [UInt8] =
            switch algorithm {
            case .sha1: Array(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: key))
            case .sha256: Array(HMAC<SHA256>.authenticationCode(for: message, using: key))
            case .sha512: Array(HMAC<SHA512>.authenticationCode(for: message, using: key))
            }
        let offset = Int(mac[mac.count - 1] & 15)
        let number = mac[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<digits).reduce(UInt32(1)) { power, _ in power * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }

    /// Nil before 1970.
    package func step(at instant: Instant) -> Int64? {
        instant.unixMilliseconds < 0 ? nil : instant.unixMilliseconds / 1000 / periodSeconds
    }

    package func code(at instant: Instant) -> String? { step(at: instant).map { code(counter: UInt64($0)) } }

    /// The step that a code belongs to, when it is accepted now; nil otherwise.
    ///
    /// - Parameter last: the step that was accepted last. It and all before it are over, whatever the clock says: a
    ///   code opens once, and a clock that is set back opens nothing.
    package func acceptedStep(of code: String, at now: Instant, after last: Int64?) -> Int64? {
        guard let current = step(at: now), code.utf8.count == digits else { return nil }
        let shown = Array(code.utf8)
        var accepted: Int64?
        // All of the window is computed, and compared whole: the time says nothing about which one it was.
        for step in max(0, current - Self.window)...current + Self.window {
            let isRight = ConstantTime.isEqual(Array(self.code(counter: UInt64(step)).utf8), shown)
            if isRight, step > last ?? -1, accepted == nil { accepted = step }
        }
        return accepted
    }
}

extension OneTimePassword {
    /// What authenticator programs read, mostly as a QR code
    /// (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
    package func uri(issuer: String, account: String) -> String {
        let label = "\(PercentEncoding.encode(issuer)):\(PercentEncoding.encode(account))"
        return "otpauth://totp/\(label)?secret=\(Base32.encode(secret))&issuer=\(PercentEncoding.encode(issuer))"
            + "&algorithm=\(algorithm.rawValue)&digits=\(digits)&period=\(periodSeconds)"
    }
}

/// Base32 (RFC 4648 section 6). Written without padding; read with or without it, in upper or lower case, and with the
/// spaces in which people copy it.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var bits: UInt32 = 0, count: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(bits >> count & 31)])
            }
        }
        if count > 0 { text.append(alphabet[Int(bits << (5 - count) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for anything else, and for a last digit whose unused bits are not zero.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.filter { $0 != 32 }.reversed().drop { $0 == UInt8(ascii: "=") }.reversed()
        var bytes: [UInt8] = []
        var bits: UInt32 = 0, count: UInt32 = 0
        for digit in digits {
            let upper = (97...122).contains(digit) ? digit - 32 : digit
            guard let value = alphabet.firstIndex(of: upper) else { return nil }
            bits = bits << 5 | UInt32(value)
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        guard count < 5, bits & ((1 << count) - 1) == 0 else { return nil }
        return bytes
    }
}
