/// Why a package is refused, with a code that does not change.
package struct PackageError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case notAPackage, unsafeEntry, wrongManifest, wrongFiles, wrongDigest
        case badSignature, unsigned, untrusted, wrongPublisher
        case wrongArchitecture, wrongABI, expired, downgrade
        case installed, notInstalled, occupied
        case badKey
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
