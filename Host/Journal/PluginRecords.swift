package import Kernel

/// One change of what is installed for a department. The newest of a department says what is installed now; the rows
/// are its history and never change.
package struct InstallRecord: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable {
        case installed, upgraded, rolledBack = "rolled_back", removed
    }

    package var number: Int64
    package var at: Instant
    package var action: Action
    package var department: String
    package var plugin: String
    package var version: String
    /// Of the library, which is `plugins/<digest>.so` in the store's folder.
    package var library: Digest
    /// Of the package's manifest, which lists every file.
    package var package: Digest
    /// The key that vouched for it; nil: taken unsigned, by the operator's word.
    package var signer: String?
    package var by: String

    package init(
        number: Int64 = 0, at: Instant = Instant(unixMilliseconds: 0), action: Action, department: String,
        plugin: String, version: String, library: Digest, package: Digest, signer: String?, by: String
    ) {
        self.number = number
        self.at = at
        self.action = action
        self.department = department
        self.plugin = plugin
        self.version = version
        self.library = library
        self.package = package
        self.signer = signer
        self.by = by
    }
}

/// One decision about a publisher's key. The newest about a key and a plugin counts.
package struct PublisherRecord: Hashable, Sendable {
    package var number: Int64
    package var at: Instant
    package var isTrusted: Bool
    package var key: String
    /// A plugin's id; nil: any.
    package var plugin: String?
    package var by: String

    package init(
        number: Int64 = 0, at: Instant = Instant(unixMilliseconds: 0), isTrusted: Bool, key: String, plugin: String?,
        by: String
    ) {
        self.number = number
        self.at = at
        self.isTrusted = isTrusted
        self.key = key
        self.plugin = plugin
        self.by = by
    }
}
