import Crypto
import Foundation
package import Kernel

/// A key that signs or checks tokens. Its algorithm belongs to it: what a token says of itself chooses nothing.
package struct TokenKey: Sendable {
    package enum Algorithm: String, Hashable, Sendable { case hs256 = "HS256", edDSA = "EdDSA" }

    private enum Material: Sendable {
        case secret([UInt8])
        case pair([UInt8])
    }

    package let id: String
    package let algorithm: Algorithm
    private let material: Material
    /// Empty for a shared secret.
    package let publicKey: [UInt8]

    /// Shared with whoever may make tokens of this host.
    package init(id: String, secret: [UInt8]) {
        self.id = id
        algorithm = .hs256
        material = .secret(secret)
        publicKey = []
    }

    /// Ed25519, from its seed of 32 bytes. Nil for another length.
    package init?(id: String, seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        self.id = id
        algorithm = .edDSA
        material = .pair(seed)
        publicKey = Array(key.publicKey.rawRepresentation)
    }

    package func sign(_ bytes: [UInt8]) -> [UInt8]? {
        switch material {
        case .secret(let secret):
            Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: secret)))
        case .pair(let seed):
            (try? Curve25519.Signing.PrivateKey(rawRepresentation: seed).signature(for: bytes)).map(Array.init)
        }
    }

    package func isValid(_ signature: [UInt8], for bytes: [UInt8]) -> Bool {
        switch material {
        case .secret(let secret):
            HMAC<SHA256>.isValidAuthenticationCode(
                signature, authenticating: bytes, using: SymmetricKey(data: secret))
        case .pair:
            (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey))?
                .isValidSignature(signature, for: bytes) ?? false
        }
    }

    /// The public part as RFC 8037 writes it; nil for a shared secret, which is shown to nobody.
    package var jwk: JSONValue? {
        guard algorithm == .edDSA else { return nil }
        return [
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": .string(id),
            "x": .string(UnpaddedBase64.encode(publicKey)),
        ]
    }
}
