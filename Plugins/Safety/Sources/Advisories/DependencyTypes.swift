package import PluginKit

package struct InventoryFile: Codable, Sendable, SchemaDescribing {
    package var name: String
    /// Absent: told by the name.
    package var kind: InventoryKind?
    package var text: String

    package init(name: String, kind: InventoryKind? = nil, text: String) {
        self.name = name
        self.kind = kind
        self.text = text
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Path or name of the file, for the evidence.", minLength: 1, maxLength: 4096)
        schema.property("kind", "Its form. Default: by its name (var/lib/dpkg/status, requirements.txt, …).")
        schema.property("text", "The file's content.", maxLength: 12_000_000)
    }
}

package struct DependencyInput: Codable, Sendable, SchemaDescribing {
    package var files: [InventoryFile]?
    package var path: String?
    package var inventories: [String]?
    package var advisories: [JSONValue]?
    package var advisoryFiles: [String]?
    package var debianRelease: String?

    enum CodingKeys: String, CodingKey {
        case files, path, inventories, advisories
        case advisoryFiles = "advisory_files"
        case debianRelease = "debian_release"
    }

    package init(
        files: [InventoryFile]? = nil, path: String? = nil, inventories: [String]? = nil,
        advisories: [JSONValue]? = nil, advisoryFiles: [String]? = nil, debianRelease: String? = nil
    ) {
        self.files = files
        self.path = path
        self.inventories = inventories
        self.advisories = advisories
        self.advisoryFiles = advisoryFiles
        self.debianRelease = debianRelease
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("files", "Inventories as text.", maxItems: 200)
        schema.property("path", "A folder that the host may read.", minLength: 1, maxLength: 4096)
        schema.property(
            "inventories", "Inventory files below path.", minLength: 1, maxLength: 4096, maxItems: 200)
        schema.property("advisories", "OSV records.", maxItems: 100_000)
        schema.property(
            "advisory_files", "Files below path, each one OSV record or an array of them.", minLength: 1,
            maxLength: 4096, maxItems: 200)
        schema.property("debian_release", "Such as 12; then only advisories of that release count.", maxLength: 20)
    }
}

package struct VulnerableComponent: Codable, Hashable, Sendable {
    package var component: Component
    /// The advisory, then those that name the same weakness.
    package var ids: [String]
    package var summary: String
    package var score: Double?
    package var severity: Severity
    package var vector: String?
    /// Versions in which it is mended, as the advisory lists them.
    package var fixed: [String]
    package var comparedBy: String

    enum CodingKeys: String, CodingKey {
        case component, ids, summary, score, severity, vector, fixed
        case comparedBy = "compared_by"
    }
}

package struct DependencyOutput: Codable, Hashable, Sendable {
    package var components: Int
    package var byEcosystem: [String: Int]
    package var advisories: Int
    package var vulnerable: [VulnerableComponent]
    /// Components without one version, about which nothing is said.
    package var unpinned: [Component]
    package var warnings: [String]
    package var method: String

    enum CodingKeys: String, CodingKey {
        case components, advisories, vulnerable, unpinned, warnings, method
        case byEcosystem = "by_ecosystem"
    }

    package var findings: [Finding] {
        vulnerable.map { hit in
            let fixed = hit.fixed.isEmpty ? "no mended version is named" : "use \(hit.fixed.joined(separator: " or "))"
            return Finding(
                rule: "dependency.\(hit.ids.first ?? "advisory")", severity: hit.severity,
                title: "\(hit.component.name) \(hit.component.version ?? "") has a known weakness: \(hit.summary)",
                place: hit.component.source + (hit.component.line.map { ":\($0)" } ?? ""),
                evidence: "\(hit.ids.joined(separator: ", ")); compared by \(hit.comparedBy)",
                remedy: fixed, source: "OSV record \(hit.ids.first ?? "")", score: hit.score)
        }
    }
}
