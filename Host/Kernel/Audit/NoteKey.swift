import Crypto

/// The public key of a signed note, in the form of C2SP signed-note: `NAME+ID+BASE64`.
///
/// Go's `golang.org/x/mod/sumdb/note` and tools for transparency logs read the same form.
package struct NoteKey: Hashable, Sendable, CustomStringConvertible {
    package enum Algorithm: UInt8, Hashable, Sendable {
        /// Over the note's text.
        case ed25519 = 1
        /// A witness's, over the time and the text (C2SP tlog-cosignature, version 1).
        case cosignature = 4
    }

    static let keyBytes = 32

    package let name: String
    package let algorithm: Algorithm
    /// The first four bytes of the SHA-256 of name, newline, algorithm and key.
    package let id: UInt32
    package let publicKey: [UInt8]

    package init(name: String, algorithm: Algorithm, publicKey: [UInt8]) throws(NoteError) {
        guard Self.isName(name) else {
            throw NoteError(
                .badKey, "\"\(name)\" cannot name a key: use a domain or a path below it, such as example.org/log")
        }
        guard publicKey.count == Self.keyBytes,
            (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)) != nil
        else { throw NoteError(.badKey, "an Ed25519 key has \(Self.keyBytes) bytes") }
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
        let digest = Digest.sha256(Array(name.utf8) + [0x0A, algorithm.rawValue] + publicKey)
        id = digest.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    package init(parsing text: String) throws(NoteError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let bytes = Base64.decode(parts[2]),
            let algorithm = bytes.first.flatMap(Algorithm.init(rawValue:))
        else { throw NoteError(.badKey, "not a public key: it looks like example.org/log+1a2b3c4d+AQ…") }
        try self.init(name: parts[0], algorithm: algorithm, publicKey: Array(bytes.dropFirst()))
        // Base64 and hexadecimal have several spellings of the same bytes; a key has one, with its own number.
        guard description.utf8.elementsEqual(text.utf8) else {
            throw NoteError(.badKey, "the key's number does not fit the key, or it is not written as keys are")
        }
    }

    package var description: String { "\(fingerprint)+\(Base64.encode([algorithm.rawValue] + publicKey))" }

    /// `NAME+ID`: what a person can compare.
    package var fingerprint: String { "\(name)+\(Self.hexadecimal(id))" }

    /// Whether the bytes of a signature line, without the key's number, are this key's for the text.
    package func isValid(_ signature: [UInt8], for text: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        switch algorithm {
        case .ed25519: return key.isValidSignature(signature, for: text)
        case .cosignature:
            guard signature.count == Cosignature.byteCount, let time = Cosignature.time(of: signature) else {
                return false
            }
            return key.isValidSignature(Array(signature.dropFirst(8)), for: Cosignature.message(text, time: time))
        }
    }

    static func hexadecimal(_ id: UInt32) -> String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Not empty, without spaces of any kind, controls and `+`.
    package static func isName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0.value > 0x1F && $0.value != 0x7F && $0 != "+"
            }
    }
}

/// What a witness signs: the checkpoint, and when it saw it (C2SP tlog-cosignature, version 1).
package enum Cosignature {
    /// The time and an Ed25519 signature.
    package static let byteCount = 72

    /// Unix seconds; nil for what is no time.
    package static func time(of signature: [UInt8]) -> Int64? {
        guard signature.count == byteCount else { return nil }
        let time = signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int64(exactly: time)
    }

    package static func message(_ text: [UInt8], time: Int64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}

/// The private half: `PRIVATE+KEY+NAME+ID+BASE64`, as in `golang.org/x/mod/sumdb/note`.
package struct NoteSecret: Sendable {
    package static let prefix = "PRIVATE+KEY+"

    package let key: NoteKey
    private let seed: [UInt8]

    /// - Parameter seed: 32 bytes that nobody can guess.
    package init(name: String, seed: [UInt8]) throws(NoteError) {
        guard let secret = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw NoteError(.badKey, "an Ed25519 seed has \(NoteKey.keyBytes) bytes")
        }
        key = try NoteKey(name: name, algorithm: .ed25519, publicKey: Array(secret.publicKey.rawRepresentation))
        self.seed = seed
    }

    package init(parsing text: String) throws(NoteError) {
        guard text.hasPrefix(Self.prefix) else { throw NoteError(.badKey, "not a private key") }
        let parts = text.dropFirst(Self.prefix.count)
            .split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), bytes.first == NoteKey.Algorithm.ed25519.rawValue
        else { throw NoteError(.badKey, "the private key is damaged") }
        try self.init(name: parts[0], seed: Array(bytes.dropFirst()))
        guard self.text.utf8.elementsEqual(text.utf8) else {
            throw NoteError(.badKey, "the private key's number does not fit it: damaged?")
        }
    }

    package var text: String {
        "\(Self.prefix)\(key.fingerprint)+\(Base64.encode([key.algorithm.rawValue] + seed))"
    }

    func signature(for text: [UInt8]) throws(NoteError) -> [UInt8] {
        do {
            return Array(try Curve25519.Signing.PrivateKey(rawRepresentation: seed).signature(for: text))
        } catch {
            throw NoteError(.badKey, "signing failed: \(error)")
        }
    }
}

package struct NoteError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        case badKey
        /// Not a signed note.
        case malformed
        /// A known key's signature does not fit, or no known key signed.
        case badSignature
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
