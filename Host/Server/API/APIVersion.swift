import HTTPTypes
import Hummingbird

/// The forms of this API that are served side by side, by the first part of the path. They differ in nothing yet but in
/// how long they are kept: what one of them promised is held by snapshots in the tests.
enum APIVersion: String, Sendable, CaseIterable {
    /// Without a prefix: always the newest.
    case newest = ""
    case v1, v2, v3

    var prefix: String { self == .newest ? "" : "/\(rawValue)" }

    /// What usage reports call it.
    var name: String { self == .newest ? "v3" : rawValue }

    /// RFC 9745 and RFC 8594; nothing for a version that is not on its way out.
    ///
    /// - Parameter path: of the request, behind the version's prefix.
    func announcements(_ path: String) -> HTTPFields {
        guard self == .v1 else { return [:] }
        return [
            .deprecation: "@1795305600", .sunset: "Mon, 22 Nov 2027 00:00:00 GMT",
            .link: "</v3\(path)>; rel=\"successor-version\"",
        ]
    }
}

extension HTTPField.Name {
    static let deprecation = known("Deprecation")
    static let sunset = known("Sunset")
    static let link = known("Link")
    static let requestID = known("X-Request-ID")
    static let idempotencyKey = known("Idempotency-Key")
    static let idempotencyReplayed = known("Idempotency-Replayed")

    /// - Precondition: a name of this program's own, which is valid.
    static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no header's name") }
        return field
    }
}
