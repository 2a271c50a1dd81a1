package import PluginKit

package struct SweepInput: Codable, Sendable, SchemaDescribing {
    package var path: String
    package var advisories: [JSONValue]?
    package var advisoryFiles: [String]?
    package var debianRelease: String?
    package var salt: String?
    package var accepted: [String]?
    package var maximumEntries: Int?

    enum CodingKeys: String, CodingKey {
        case path, advisories, salt, accepted
        case advisoryFiles = "advisory_files"
        case debianRelease = "debian_release"
        case maximumEntries = "max_entries"
    }

    package init(
        path: String, advisories: [JSONValue]? = nil, advisoryFiles: [String]? = nil, debianRelease: String? = nil,
        salt: String? = nil, accepted: [String]? = nil, maximumEntries: Int? = nil
    ) {
        self.path = path
        self.advisories = advisories
        self.advisoryFiles = advisoryFiles
        self.debianRelease = debianRelease
        self.salt = salt
        self.accepted = accepted
        self.maximumEntries = maximumEntries
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("path", "A folder that the host may read.", minLength: 1, maxLength: 4096)
        schema.property("advisories", "OSV records.", maxItems: 100_000)
        schema.property(
            "advisory_files", "Files below path with OSV records.", minLength: 1, maxLength: 4096, maxItems: 200)
        schema.property("debian_release", "Such as 12.", maxLength: 20)
        schema.property(
            "salt", "Keeps fingerprints of secrets equal from sweep to sweep. Default: random.", minLength: 8,
            maxLength: 200)
        schema.property(
            "accepted", "Fingerprints (of the same salt) that are known and not reported.", minLength: 16,
            maxLength: 16, maxItems: 10_000)
        schema.property("max_entries", "Files and folders to look at. Default 20000.", minimum: 1, maximum: 100_000)
    }
}

/// How much each part of a sweep looked at. Zero means: nothing can be said.
package struct SweepCoverage: Codable, Hashable, Sendable {
    package var entries = 0
    package var filesSearched = 0
    package var configurations: [String] = []
    package var inventories: [String] = []
    package var components = 0
    package var advisories = 0

    enum CodingKeys: String, CodingKey {
        case entries, configurations, inventories, components, advisories
        case filesSearched = "files_searched"
    }
}

package struct SweepOutput: Codable, Hashable, Sendable {
    package var root: String
    package var findings: [Finding]
    package var counts: SeverityCounts
    package var coverage: SweepCoverage
    package var unpinned: [Component]
    /// What was not looked at, and why.
    package var warnings: [String]
    package var method: String
    package var artifacts: [ArtifactReference]
}
