package import Kernel

/// A function of a library on this machine that an operator made a tool.
package struct ToolBindingRecord: Hashable, Sendable {
    package var name: String
    /// Of the library, absolute.
    package var path: String
    package var digest: Digest
    package var signature: String
    package var summary: String
    /// Not repeated after a crash without being told to.
    package var hasSideEffects: Bool
    /// Goes on when the library's file changes.
    package var followsUpgrades: Bool
    package var timeoutMilliseconds: Int64
    package var boundAt: Instant

    package init(
        name: String, path: String, digest: Digest, signature: String, summary: String, hasSideEffects: Bool,
        followsUpgrades: Bool, timeoutMilliseconds: Int64, boundAt: Instant
    ) {
        self.name = name
        self.path = path
        self.digest = digest
        self.signature = signature
        self.summary = summary
        self.hasSideEffects = hasSideEffects
        self.followsUpgrades = followsUpgrades
        self.timeoutMilliseconds = timeoutMilliseconds
        self.boundAt = boundAt
    }
}
