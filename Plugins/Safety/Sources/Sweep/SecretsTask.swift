package import PluginKit

package struct SecretsInput: Codable, Sendable, SchemaDescribing {
    package var path: String?
    package var documents: [SuppliedDocument]?
    package var salt: String?
    package var accepted: [String]?

    package init(
        path: String? = nil, documents: [SuppliedDocument]? = nil, salt: String? = nil, accepted: [String]? = nil
    ) {
        self.path = path
        self.documents = documents
        self.salt = salt
        self.accepted = accepted
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("path", "A folder that the host may read.", minLength: 1, maxLength: 4096)
        schema.property("documents", "Texts to search; as input they are kept with the run.", maxItems: 1_000)
        schema.property(
            "salt", "Keeps fingerprints equal from run to run. Default: random.", minLength: 8, maxLength: 200)
        schema.property(
            "accepted", "Fingerprints that are known and not reported.", minLength: 16, maxLength: 16,
            maxItems: 10_000)
    }
}

package struct SuppliedDocument: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "For the place of a finding.", minLength: 1, maxLength: 4096)
        schema.property("text", "The content.", maxLength: 12_000_000)
    }
}

package struct SecretsOutput: Codable, Hashable, Sendable {
    package var findings: [Finding]
    package var counts: SeverityCounts
    package var filesSearched: Int
    package var isTruncated: Bool

    enum CodingKeys: String, CodingKey {
        case findings, counts
        case filesSearched = "files_searched"
        case isTruncated = "truncated"
    }
}

enum SecretsTask {
    static func run(_ input: SecretsInput, context: TaskContext) async throws -> SecretsOutput {
        guard input.path != nil || !(input.documents ?? []).isEmpty else {
            throw TaskFailure.invalid("give /path or /documents: there is nothing to search")
        }
        let found = try await HostFiles(context: context).secrets(
            path: input.path, documents: input.documents?.map { .init(name: $0.name, text: $0.text) },
            salt: input.salt)
        let findings = Finding.ordered(
            SecretFindings.findings(found.secrets, accepted: Set(input.accepted ?? [])))
        return SecretsOutput(
            findings: findings, counts: SeverityCounts(findings), filesSearched: found.filesRead,
            isTruncated: found.isTruncated)
    }
}
