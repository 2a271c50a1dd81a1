import Crypto
import CryptoExtras

/// A public key that belongs to one algorithm, and verifies by no other.
package enum SignatureKey: Hashable, Sendable {
    /// `04`, x, y.
    case es256([UInt8])
    case ed25519([UInt8])
    case rs256(modulus: [UInt8], exponent: [UInt8])

    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        case es256 = "ES256"
        case eddsa = "EdDSA"
        case rs256 = "RS256"

        /// In COSE (RFC 9053, RFC 8812).
        package var coseNumber: Int64 {
            switch self {
            case .es256: -7
            case .eddsa: -8
            case .rs256: -257
            }
        }
    }

    private static let modulusBits = 2048...8192
    private static let modulusBytes = 256...1024

    package var algorithm: Algorithm {
        switch self {
        case .es256: .es256
        case .ed25519: .eddsa
        case .rs256: .rs256
        }
    }

    /// Nil for a point that is not on the curve.
    package static func es256(x: [UInt8], y: [UInt8]) -> SignatureKey? {
        guard x.count == 32, y.count == 32 else { return nil }
        let point = [4] + x + y
        guard (try? P256.Signing.PublicKey(x963Representation: point)) != nil else { return nil }
        return .es256(point)
    }

    /// Nil for another length, and for the points of small order, under which a signature says nothing.
    package static func ed25519(raw: [UInt8]) -> SignatureKey? {
        guard raw.count == 32, !smallOrder.contains(raw.dropLast() + [raw[31] & 0x7F]),
            (try? Curve25519.Signing.PublicKey(rawRepresentation: raw)) != nil
        else { return nil }
        return .ed25519(raw)
    }

    /// Nil for a modulus of less than 2048 bits or more than 8192, and for an exponent other than 65537.
    package static func rs256(n: [UInt8], e: [UInt8]) -> SignatureKey? {
        let n = Array(n.drop { $0 == 0 }), e = Array(e.drop { $0 == 0 })
        guard modulusBytes.contains(n.count), let first = n.first, e == [1, 0, 1] else { return nil }
        let bits = 8 * n.count - first.leadingZeroBitCount
        guard modulusBits.contains(bits), n[n.count - 1] & 1 == 1,
            (try? _RSA.Signing.PublicKey(n: n, e: e)) != nil
        else { return nil }
        return .rs256(modulus: n, exponent: e)
    }

    /// How a signature by ECDSA is written: WebAuthn in DER, JWS as r and s.
    package enum Form: Sendable { case der, fixed }

    package func verifies(_ signature: [UInt8], of message: [UInt8], _ form: Form) -> Bool {
        switch self {
        case .es256(let point):
            let signature =
                form == .der
                ? try? P256.Signing.ECDSASignature(derRepresentation: signature)
                : try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            guard let key = try? P256.Signing.PublicKey(x963Representation: point), let signature else { return false }
            return key.isValidSignature(signature, for: message)
        case .ed25519(let raw):
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: raw) else { return false }
            return key.isValidSignature(signature, for: message)
        case .rs256(let modulus, let exponent):
            guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { return false }
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
                padding: .insecurePKCS1v1_5)
        }
    }

    /// Points of order 1, 2, 4 and 8, and their second spellings, without the sign's bit.
    private static let smallOrder: Set<[UInt8]> = {
        let field = [0xED] + [UInt8](repeating: 0xFF, count: 30) + [0x7F]
        func near(_ offset: Int) -> [UInt8] { [UInt8(0xED + offset)] + field.dropFirst() }
        func small(_ number: UInt8) -> [UInt8] { [number] + [UInt8](repeating: 0, count: 31) }
        let ofEight = [
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        ].compactMap { Hex.decode($0) }
        return Set([small(0), small(1), near(-1), near(0), near(1)] + ofEight)
    }()
}

extension SignatureKey {
    /// From a credential's public key (RFC 9052 section 7); nil for another kind or algorithm.
    package init?(cose key: CBORValue) {
        let made: SignatureKey?
        switch (key[1]?.integer, key[3]?.integer) {
        case (2, -7) where key[-1]?.integer == 1:
            guard let x = key[-2]?.byteString, let y = key[-3]?.byteString else { return nil }
            made = .es256(x: x, y: y)
        case (1, -8) where key[-1]?.integer == 6: made = key[-2]?.byteString.flatMap { .ed25519(raw: $0) }
        case (3, -257):
            guard let n = key[-1]?.byteString, let e = key[-2]?.byteString else { return nil }
            made = .rs256(n: n, e: e)
        default: made = nil
        }
        guard let made else { return nil }
        self = made
    }

    /// From the bytes that were stored of it.
    package init?(cose bytes: [UInt8]) {
        guard let (value, count) = CBORValue.decode(bytes), count == bytes.count else { return nil }
        self.init(cose: value)
    }
}
