package import PluginKit

package struct DependencyFile: Codable, Sendable, SchemaDescribing {
    package var path: String
    package var text: String

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("path", "Its name says what it is.", minLength: 1, maxLength: 500)
        schema.property("text", "Its content.", maxLength: 5_000_000)
    }
}

package struct KnownLicence: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var expression: String

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Of the dependency.", minLength: 1, maxLength: 300)
        schema.property("expression", "SPDX expression.", minLength: 1, maxLength: 500)
    }
}

package enum Linking: String, Codable, Sendable, CaseIterable { case `static`, dynamic, network }

package struct DependencyReportInput: Codable, Sendable, SchemaDescribing {
    package var files: [DependencyFile]
    package var licences: [KnownLicence]
    package var ownLicence: String
    package var linking: Linking?

    enum CodingKeys: String, CodingKey {
        case files, licences, linking
        case ownLicence = "own_licence"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "files", "Package.resolved, package.json, go.mod, Cargo.toml, requirements*.txt.", minItems: 1,
            maxItems: 100)
        schema.property("licences", "What is known of the dependencies' licences.", maxItems: 10_000)
        schema.property(
            "own_licence", "Of the whole, an SPDX identifier, or Proprietary.", minLength: 1, maxLength: 100)
        schema.property(
            "linking",
            "How dependencies are used: static (default), dynamic, or network: own service, nothing is given away.")
    }
}

package struct ReportedDependency: Codable, Sendable, SchemaDescribing {
    package enum Verdict: String, Codable, Sendable, CaseIterable {
        case compatible, incompatible, unknown
        case needsReview = "needs_review"
    }

    package var ecosystem: String
    package var name: String
    package var versions: [String]
    package var direct: Bool
    package var expression: String?
    package var chosen: [String]
    package var verdict: Verdict
    package var reason: String
    package var duties: [String]

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("ecosystem", "swift, npm, go, cargo or pypi.")
        schema.property("name", "As the file has it.")
        schema.property("versions", "As the files have them; several are a conflict to look at.")
        schema.property("direct", "Named by the project itself; a lock file does not tell.")
        schema.property("expression", "Its licence; absent if it was not given.")
        schema.property("chosen", "Licences to use it under, where there is a choice.")
        schema.property("verdict", "Against the own licence.")
        schema.property("reason", "By which rule.")
        schema.property("duties", "What its licence asks for.")
    }
}

package struct DependencyReportOutput: Codable, Sendable, SchemaDescribing {
    package var dependencies: [ReportedDependency]
    package var compatible: Bool
    package var byVerdict: [String: Int]
    package var versionConflicts: [String]
    package var notes: [String]

    enum CodingKeys: String, CodingKey {
        case dependencies, compatible, notes
        case byVerdict = "by_verdict"
        case versionConflicts = "version_conflicts"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("dependencies", "By ecosystem and name.")
        schema.property("compatible", "Every one of them is.")
        schema.property("by_verdict", "How many.")
        schema.property("version_conflicts", "Named with several versions.")
        schema.property("notes", "Sources and limits.")
    }
}
