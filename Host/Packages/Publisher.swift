import Crypto
package import Kernel

// Publishers sign as logs do: C2SP signed notes under Ed25519 keys, whose names are plain ASCII here, since people
// compare them by eye.

extension Note {
    /// As many publishers as may sign one package.
    static let maximumPublishers = 16

    /// - Parameter bytes: of a package: at most ``maximumPublishers`` signatures, of keys that can be a publisher's.
    init(publishers bytes: [UInt8]) throws(PackageError) {
        do throws(NoteError) { try self.init(parsing: bytes) } catch { throw PackageError(error) }
        guard signatures.count <= Self.maximumPublishers else {
            throw PackageError(
                .badSignature,
                "the signed note has \(signatures.count) signatures, at most \(Self.maximumPublishers) are read")
        }
        guard signatures.allSatisfy({ NoteKey.isPublisher($0.name) }) else {
            throw PackageError(.badSignature, "the signed note has a line that is no signature")
        }
    }
}

extension NoteKey {
    private static let maximumPublisherBytes = 128

    /// - Parameter text: `NAME+ID+BASE64`, as `bureau plugin keygen` prints it.
    package init(publisher text: String) throws(PackageError) {
        do throws(NoteError) { try self.init(parsing: text) } catch { throw PackageError(error) }
        guard algorithm == .ed25519 else { throw PackageError(.badKey, "\(fingerprint) is a witness's key") }
        try Self.checkPublisher(name)
    }

    fileprivate static func isPublisher(_ name: String) -> Bool {
        (1...maximumPublisherBytes).contains(name.utf8.count)
            && name.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != 0x2B }
    }

    fileprivate static func checkPublisher(_ name: String) throws(PackageError) {
        guard isPublisher(name) else {
            throw PackageError(
                .badKey, "\"\(name)\" cannot name a key: use a domain or a path below it, such as example.org/plugins")
        }
    }
}

extension NoteSecret {
    /// A new one.
    package init(publisher name: String) throws(PackageError) {
        try NoteKey.checkPublisher(name)
        let seed = Array(Curve25519.Signing.PrivateKey().rawRepresentation)
        do throws(NoteError) { try self.init(name: name, seed: seed) } catch { throw PackageError(error) }
    }

    /// - Parameter text: the first line of its file.
    package init(publisherText text: String) throws(PackageError) {
        do throws(NoteError) { try self.init(parsing: text) } catch { throw PackageError(error) }
        try NoteKey.checkPublisher(key.name)
    }
}

extension PackageError {
    init(_ error: NoteError) {
        switch error.code {
        case .badKey: self.init(.badKey, error.message)
        case .malformed, .badSignature: self.init(.badSignature, error.message)
        }
    }
}
