package import Journal
package import Kernel

/// Changes of providers' keys: which, never what. `entry` is the digest of the key as it is sealed, so that the same
/// setting is known again.
extension JournalTransaction {
    /// - Parameter by: nil where a serving host sees that somebody has done it.
    package func audit(keySet name: String, entry: Digest, by: String?) throws(JournalError) {
        _ = try auditAppend(
            type: "key.set",
            fields: ["key": .leafText(name), "entry": .string(entry.hex), "by": Self.actor(by)])
    }

    package func audit(keyRemoved name: String, by: String?) throws(JournalError) {
        _ = try auditAppend(type: "key.removed", fields: ["key": .leafText(name), "by": Self.actor(by)])
    }

    private static func actor(_ name: String?) -> JSONValue { name.map { .leafText($0) } ?? .null }
}
