/// Whom data is about, as the host knows them: an opaque random name (a UUID version 4), never an address or a hash of
/// one. Everything that belongs to a subject is sealed under a key of its own, and gone once that key is.
package struct SubjectID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let prefix = "subj:"

    package let bytes: [UInt8]

    /// - Parameter random: 16 random bytes; version and variant bits are overwritten.
    package init(random: [UInt8]) {
        precondition(random.count == 16)
        var bytes = random
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.bytes = bytes
    }

    /// Nil unless there are exactly 16 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// `subj:` and the usual form with hyphens, lower case only.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hex.decode(parts.joined()) else { return nil }
        self.bytes = bytes
    }

    /// Whom everything of a tenant belongs to that is sealed because of its class and is about nobody else: no person.
    /// Every host finds the same name, so none has to remember it.
    package static func classified(tenant: String) -> SubjectID {
        SubjectID(random: Array(Digest.sha256(Array("bureau.classified/1\n\(tenant)".utf8)).bytes.prefix(16)))
    }

    package var description: String {
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { Hex.encode(bytes[$0]) }
        return Self.prefix + groups.joined(separator: "-")
    }

    package static func < (left: SubjectID, right: SubjectID) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// Whether what a record shows of somebody's data is that data.
package enum SealedState: String, Hashable, Sendable {
    /// It is.
    case open
    /// The key is gone, and with it the data.
    case erased
    /// The key is there, and cannot be opened here.
    case locked
    /// It is not what was sealed for this place.
    case altered

    /// What stands in the place of content that cannot be shown.
    package var bytes: [UInt8] { JSONValue.string(rawValue).bytes }
}
