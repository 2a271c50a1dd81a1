/// What `git.history` answers.
struct History: Codable, Sendable {
    struct Commit: Codable, Sendable {
        var hash: String
        var author: String
        var emailDomain: String
        var unixTime: Int64
        var subject: String
        var files: [Change]

        enum CodingKeys: String, CodingKey {
            case hash, author, subject, files
            case emailDomain = "email_domain"
            case unixTime = "unix_time"
        }
    }

    struct Change: Codable, Sendable {
        var path: String
        var renamedFrom: String?
        var added: Int?
        var deleted: Int?

        enum CodingKeys: String, CodingKey {
            case path, added, deleted
            case renamedFrom = "renamed_from"
        }
    }

    var head: String?
    var branch: String?
    var truncated: Bool
    /// Newest first.
    var commits: [Commit]
}

/// What `git.files` answers.
struct FileList: Codable, Sendable {
    struct File: Codable, Sendable {
        var path: String
        var bytes: Int
        var text: String?
    }

    var head: String?
    var files: [File]
    var truncated: [String]
}

struct HistoryRequest: Codable, Sendable {
    var path: String
    var maximumCommits: Int

    enum CodingKeys: String, CodingKey {
        case path
        case maximumCommits = "max_commits"
    }
}

struct FilesRequest: Codable, Sendable {
    var path: String
    var maximumBytes: Int
    var maximumFileBytes: Int

    enum CodingKeys: String, CodingKey {
        case path
        case maximumBytes = "max_bytes"
        case maximumFileBytes = "max_file_bytes"
    }
}
