/// A text with signatures, in the form of C2SP signed-note: the text, an empty line, and for each signature
/// `— NAME BASE64(id ‖ signature)`. Nothing in it is to be believed before ``requireSigner(among:)``.
package struct Note: Hashable, Sendable {
    /// The standard asks for 16.
    package static let maximumSignatures = 64
    package static let maximumBytes = 1 << 20
    private static let dash = "\u{2014} "

    package struct Signature: Hashable, Sendable {
        package var name: String
        package var id: UInt32
        package var bytes: [UInt8]

        package init(name: String, id: UInt32, bytes: [UInt8]) {
            self.name = name
            self.id = id
            self.bytes = bytes
        }

        package func isOf(_ key: NoteKey) -> Bool { id == key.id && name.utf8.elementsEqual(key.name.utf8) }

        /// `NAME+ID`, as keys have it.
        package var fingerprint: String { "\(name)+\(NoteKey.hexadecimal(id))" }

        /// With its newline.
        package var line: String {
            let number = (0..<4).map { UInt8(truncatingIfNeeded: id >> (24 - 8 * UInt32($0))) }
            return "\(Note.dash)\(name) \(Base64.encode(number + bytes))\n"
        }

        /// Nil for a line, without its newline, that is no signature.
        package init?(line: Substring) {
            let parts = line.dropFirst(Note.dash.count).split(separator: " ", omittingEmptySubsequences: false)
            guard line.hasPrefix(Note.dash), parts.count == 2, NoteKey.isName(String(parts[0])),
                let data = Base64.decode(String(parts[1])), Base64.encode(data) == parts[1], data.count > 4
            else { return nil }
            name = String(parts[0])
            id = data.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
            bytes = Array(data.dropFirst(4))
        }
    }

    /// Ends with a newline.
    package let text: String
    package private(set) var signatures: [Signature]

    package init(_ text: String, signedBy secrets: [NoteSecret]) throws(NoteError) {
        guard text.utf8.last == 0x0A, Self.isPlain(text) else {
            throw NoteError(.malformed, "a note's text ends with a newline and holds no other control character")
        }
        self.text = text
        signatures = []
        for secret in secrets {
            signatures.append(
                Signature(
                    name: secret.key.name, id: secret.key.id, bytes: try secret.signature(for: Array(text.utf8))))
        }
    }

    package init(parsing bytes: [UInt8]) throws(NoteError) {
        func malformed(_ what: String) -> NoteError { NoteError(.malformed, "the signed note \(what)") }
        guard bytes.count <= Self.maximumBytes else { throw malformed("has more than \(Self.maximumBytes) bytes") }
        guard let whole = String(validating: bytes, as: UTF8.self) else { throw malformed("is not UTF-8") }
        guard Self.isPlain(whole) else { throw malformed("holds a control character") }
        guard bytes.last == 0x0A, let split = Self.lastEmptyLine(bytes) else { throw malformed("has no signatures") }
        let tail = String(decoding: bytes[(split + 1)...], as: UTF8.self)
        let lines = tail.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard (1...Self.maximumSignatures).contains(lines.count) else {
            throw malformed("has \(lines.count) signatures, at most \(Self.maximumSignatures) are read")
        }
        var signatures: [Signature] = []
        for line in lines {
            guard let signature = Signature(line: line) else { throw malformed("has a line that is no signature") }
            signatures.append(signature)
        }
        text = String(decoding: bytes[..<split], as: UTF8.self)
        self.signatures = signatures
    }

    package var serialized: String { "\(text)\n\(signatures.map(\.line).joined())" }

    /// The same text with more signatures. One of a key that signed before takes its place.
    package func adding(_ others: [Signature]) -> Note {
        var note = self
        for other in others {
            note.signatures.removeAll { $0.name == other.name && $0.id == other.id }
            note.signatures.append(other)
        }
        return note
    }

    /// The keys that signed, of those that are known. Signatures of others mean nothing.
    ///
    /// - Throws: `.badSignature` when a known key's does not fit: the note was altered.
    package func signers(among keys: [NoteKey]) throws(NoteError) -> [NoteKey] {
        let content = Array(text.utf8)
        var signers: [NoteKey] = []
        for signature in signatures {
            guard let key = keys.first(where: signature.isOf) else { continue }
            guard key.isValid(signature.bytes, for: content) else {
                throw NoteError(.badSignature, "the signature of \(key.fingerprint) does not fit the text")
            }
            if !signers.contains(key) { signers.append(key) }
        }
        return signers
    }

    /// - Throws: `.badSignature` when a known key's signature does not fit, or none of them signed.
    package func requireSigner(among keys: [NoteKey]) throws(NoteError) {
        guard try signers(among: keys).isEmpty else { return }
        throw NoteError(
            .badSignature, "it is not signed by \(keys.map(\.fingerprint).joined(separator: " or "))")
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A } }

    /// Where the newline of the empty line before the signatures is.
    private static func lastEmptyLine(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 3 else { return nil }
        return (1..<bytes.count - 1).last { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }
    }
}
