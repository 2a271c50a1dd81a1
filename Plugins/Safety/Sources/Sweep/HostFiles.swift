import PluginKit

/// What the host's file tools answer. The host never hands out what looks like a secret.
struct HostFiles: Sendable {
    let context: TaskContext

    struct Entry: Codable, Hashable, Sendable {
        var path: String
        /// file, folder, link or other
        var kind: String
        /// Octal, four digits.
        var mode: String
        var owner: Int
        var group: Int
        var bytes: Int
    }

    struct Listing: Codable, Sendable {
        var root: String
        var entries: [Entry]
        var skipped: [Skipped]
        var isTruncated: Bool

        enum CodingKeys: String, CodingKey {
            case root, entries, skipped
            case isTruncated = "truncated"
        }
    }

    struct Skipped: Codable, Hashable, Sendable {
        var path: String
        var reason: String
    }

    struct Secrets: Codable, Sendable {
        var secrets: [Secret]
        var filesRead: Int
        var isTruncated: Bool

        enum CodingKeys: String, CodingKey {
            case secrets
            case filesRead = "files_read"
            case isTruncated = "truncated"
        }
    }

    struct Secret: Codable, Hashable, Sendable {
        var path: String
        var line: Int
        var column: Int
        var kind: String
        /// high: by its issuer's form or checksum; medium: by its name and content; low: by its entropy alone.
        var confidence: String
        var length: Int
        var entropy: Double
        var fingerprint: String
    }

    struct Document: Codable, Sendable {
        var name: String
        var text: String
    }

    private struct SweepRequest: Codable, Sendable {
        var path: String
        var maximumEntries: Int?

        enum CodingKeys: String, CodingKey {
            case path
            case maximumEntries = "max_entries"
        }
    }

    private struct ReadRequest: Codable, Sendable {
        var path: String
        var files: [String]
    }

    private struct ReadAnswer: Codable, Sendable {
        struct File: Codable, Sendable {
            var path: String
            var text: String
        }
        var files: [File]
        var skipped: [Skipped]
    }

    private struct SecretsRequest: Codable, Sendable {
        var path: String?
        var documents: [Document]?
        var salt: String?
    }

    func list(_ path: String, maximumEntries: Int?) async throws(TaskFailure) -> Listing {
        try await context.tool(
            "files.sweep", arguments: SweepRequest(path: path, maximumEntries: maximumEntries), step: "list-files")
    }

    func secrets(path: String? = nil, documents: [Document]? = nil, salt: String?) async throws(TaskFailure) -> Secrets
    {
        try await context.tool(
            "files.secrets", arguments: SecretsRequest(path: path, documents: documents, salt: salt),
            step: "find-secrets")
    }

    /// Texts by name; a file that cannot be read is an error that says why.
    func texts(_ names: [String], in path: String) async throws(TaskFailure) -> [String: String] {
        let answer: ReadAnswer = try await context.tool(
            "files.read", arguments: ReadRequest(path: path, files: names), step: "read-files")
        if let skipped = answer.skipped.first {
            throw TaskFailure.notFound("\(skipped.path) could not be read: \(skipped.reason)")
        }
        return Dictionary(answer.files.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
    }

    /// The same, without those that cannot be read.
    func readableTexts(_ names: [String], in path: String) async throws(TaskFailure) -> [String: String] {
        guard !names.isEmpty else { return [:] }
        let answer: ReadAnswer = try await context.tool(
            "files.read", arguments: ReadRequest(path: path, files: names), step: "read-files")
        return Dictionary(answer.files.map { ($0.path, $0.text) }, uniquingKeysWith: { first, _ in first })
    }
}
