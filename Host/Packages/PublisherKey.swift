import Crypto
import Kernel

/// A publisher's public key with its name, in the form of C2SP signed notes: `NAME+HASH+BASE64`.
///
/// The same form is read by Go's `golang.org/x/mod/sumdb/note` and by tools for transparency logs.
package struct PublisherKey: Hashable, Sendable, CustomStringConvertible {
    package static let ed25519: UInt8 = 1

    package let name: String
    /// SHA-256 of name, newline, algorithm and key; its first four bytes.
    package let hash: UInt32
    package let publicKey: [UInt8]

    package init(name: String, publicKey: [UInt8]) throws(PackageError) {
        guard Self.isName(name) else {
            throw PackageError(
                .badKey, "\"\(name)\" cannot name a key: use a domain or a path below it, such as example.org/plugins")
        }
        guard publicKey.count == 32 else { throw PackageError(.badKey, "an Ed25519 key has 32 bytes") }
        self.name = name
        self.publicKey = publicKey
        hash = Self.hash(name, publicKey)
    }

    package init(parsing text: String) throws(PackageError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[1].utf8.count == 8, let claimed = UInt32(parts[1], radix: 16),
            let key = Base64.decode(parts[2]), key.first == Self.ed25519
        else { throw PackageError(.badKey, "not a public key: it looks like example.org+1a2b3c4d+AQ…") }
        try self.init(name: parts[0], publicKey: Array(key.dropFirst()))
        guard claimed == hash else { throw PackageError(.badKey, "the key's number does not fit the key: mistyped?") }
        // Base64 and hexadecimal have several spellings of the same bytes; a key has one.
        guard description == text else { throw PackageError(.badKey, "the key is not written as keys are: mistyped?") }
    }

    package var description: String {
        "\(Self.fingerprint(name, hash))+\(Base64.encode([Self.ed25519] + publicKey))"
    }

    func isValid(_ signature: [UInt8], for text: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: text)
    }

    /// What a publisher can compare with the key that they gave out: `NAME+HASH`.
    package static func fingerprint(_ name: String, _ hash: UInt32) -> String {
        let number = String(hash, radix: 16)
        return "\(name)+\(String(repeating: "0", count: 8 - number.count))\(number)"
    }

    static func isName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != 0x2B }
    }

    private static func hash(_ name: String, _ key: [UInt8]) -> UInt32 {
        let digest = Digest.sha256(Array(name.utf8) + [0x0A, ed25519] + key)
        return digest.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// The private half: `PRIVATE+KEY+NAME+HASH+BASE64`, as in `golang.org/x/mod/sumdb/note`.
package struct PublisherSecret: Sendable {
    private static let prefix = "PRIVATE+KEY+"

    package let key: PublisherKey
    private let seed: [UInt8]

    /// A new one.
    package init(name: String) throws(PackageError) {
        try self.init(name: name, seed: Array(Curve25519.Signing.PrivateKey().rawRepresentation))
    }

    private init(name: String, seed: [UInt8]) throws(PackageError) {
        guard let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw PackageError(.badKey, "an Ed25519 seed has 32 bytes")
        }
        key = try PublisherKey(name: name, publicKey: Array(secret.publicKey.rawRepresentation))
        self.seed = seed
    }

    package init(parsing text: String) throws(PackageError) {
        guard text.hasPrefix(Self.prefix) else { throw PackageError(.badKey, "not a private key") }
        let parts = text.dropFirst(Self.prefix.count)
            .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), bytes.first == PublisherKey.ed25519 else {
            throw PackageError(.badKey, "the private key is damaged")
        }
        try self.init(name: parts[0], seed: Array(bytes.dropFirst()))
        guard self.text == text else {
            throw PackageError(.badKey, "the private key's number does not fit it: damaged?")
        }
    }

    package var text: String {
        let number = key.description.split(separator: "+")[1]
        return "\(Self.prefix)\(key.name)+\(number)+\(Base64.encode([PublisherKey.ed25519] + seed))"
    }

    func signature(for text: [UInt8]) throws(PackageError) -> [UInt8] {
        do {
            let secret = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            return Array(try secret.signature(for: text))
        } catch {
            throw PackageError(.badKey, "signing failed: \(error)")
        }
    }
}
