import Kernel

/// A text with signatures, in the form of C2SP signed-note: the text, an empty line, and for each signature
/// `— NAME BASE64(hash ‖ signature)`.
package struct SignedNote: Hashable, Sendable {
    package static let maximumSignatures = 16
    private static let dash = "\u{2014} "

    package struct Signature: Hashable, Sendable {
        package var name: String
        package var hash: UInt32
        package var bytes: [UInt8]
    }

    /// Ends with a newline.
    package let text: [UInt8]
    package let signatures: [Signature]

    package init(signing text: [UInt8], with secret: PublisherSecret) throws(PackageError) {
        self.text = text
        signatures = [
            Signature(name: secret.key.name, hash: secret.key.hash, bytes: try secret.signature(for: text))
        ]
    }

    /// Beside the signatures that are there already; one of the same key is replaced.
    package func signed(with secret: PublisherSecret) throws(PackageError) -> SignedNote {
        let others = signatures.filter { $0.name != secret.key.name || $0.hash != secret.key.hash }
        guard others.count < Self.maximumSignatures else {
            throw PackageError(.badSignature, "the package has \(others.count) signatures, which is the most")
        }
        return SignedNote(text: text, signatures: others + (try SignedNote(signing: text, with: secret)).signatures)
    }

    private init(text: [UInt8], signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    package init(parsing bytes: [UInt8]) throws(PackageError) {
        func malformed(_ what: String) -> PackageError { PackageError(.badSignature, "the signed note \(what)") }
        guard bytes.last == 0x0A, let split = Self.lastEmptyLine(bytes) else { throw malformed("has no signatures") }
        guard let tail = String(validating: bytes[(split + 1)...], as: UTF8.self) else {
            throw malformed("is not UTF-8")
        }
        let lines = tail.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard (1...Self.maximumSignatures).contains(lines.count) else {
            throw malformed("has \(lines.count) signatures, at most \(Self.maximumSignatures) are read")
        }
        var signatures: [Signature] = []
        for line in lines {
            let parts = line.dropFirst(Self.dash.count).split(separator: " ", omittingEmptySubsequences: false)
            guard line.hasPrefix(Self.dash), parts.count == 2, PublisherKey.isName(String(parts[0])),
                let data = Base64.decode(String(parts[1])), Base64.encode(data) == parts[1], data.count > 4
            else { throw malformed("has a line that is no signature") }
            let hash = data.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            signatures.append(Signature(name: String(parts[0]), hash: hash, bytes: Array(data.dropFirst(4))))
        }
        text = Array(bytes[..<split])
        self.signatures = signatures
    }

    package var bytes: [UInt8] {
        text + [0x0A]
            + signatures.flatMap { signature in
                let hash = (0..<4).map { UInt8(truncatingIfNeeded: signature.hash >> (24 - 8 * UInt32($0))) }
                return Array("\(Self.dash)\(signature.name) \(Base64.encode(hash + signature.bytes))\n".utf8)
            }
    }

    /// The known keys that signed. A wrong signature under a known key refuses the whole note: it was altered.
    package func signers(among keys: [PublisherKey]) throws(PackageError) -> [PublisherKey] {
        var signers: [PublisherKey] = []
        for signature in signatures {
            guard let key = keys.first(where: { $0.name == signature.name && $0.hash == signature.hash }) else {
                continue
            }
            guard key.isValid(signature.bytes, for: text) else {
                throw PackageError(.badSignature, "the signature of \(key.name) does not fit: the package was altered")
            }
            if !signers.contains(key) { signers.append(key) }
        }
        return signers
    }

    /// Where the newline of the empty line before the signatures is.
    private static func lastEmptyLine(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 3 else { return nil }
        return (1..<bytes.count - 1).last { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }
    }
}
