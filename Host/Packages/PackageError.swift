/// Why a package is refused, with a code that does not change.
package struct PackageError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case unreadable, notAPackage, unsafeEntry, wrongManifest, wrongFiles, wrongDigest
        case badSignature, unsigned, untrusted, wrongPublisher
        case wrongArchitecture, needsNewerHost, expired, downgrade
        case badKey, badProject
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
