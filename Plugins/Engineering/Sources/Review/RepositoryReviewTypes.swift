package import PluginKit

package struct RepositoryReviewInput: Codable, Sendable, SchemaDescribing {
    package var path: String
    package var maximumCommits: Int?
    package var top: Int?
    package var prose: Bool?

    enum CodingKeys: String, CodingKey {
        case path, top, prose
        case maximumCommits = "max_commits"
    }

    package init(path: String, maximumCommits: Int? = nil, top: Int? = nil, prose: Bool? = nil) {
        self.path = path
        self.maximumCommits = maximumCommits
        self.top = top
        self.prose = prose
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property(
            "path", "The work tree; relative to the host's first allowed folder.", minLength: 1, maxLength: 4096)
        schema.property("max_commits", "Newest commits to read. Default 2000.", minimum: 1, maximum: 20_000)
        schema.property("top", "Rows of hot spots and risky files. Default 15.", minimum: 1, maximum: 200)
        schema.property("prose", "Ask the model for a summary of the figures. Default false.")
    }
}

package struct LanguageSummary: Codable, Hashable, Sendable {
    package var language: String
    package var files: Int
    package var codeLines: Int
    package var complexity: Int

    enum CodingKeys: String, CodingKey {
        case language, files, complexity
        case codeLines = "code_lines"
    }
}

package struct HotSpot: Codable, Hashable, Sendable {
    package var rank: Int
    package var path: String
    package var language: String
    /// 0 to 100: share of the most changed file's commits times share of the most complex file's complexity.
    package var score: Double
    package var commits: Int
    package var addedLines: Int
    package var deletedLines: Int
    package var codeLines: Int
    package var complexity: Int
    package var deepestIndentation: Int
    package var authors: Int
    package var daysSinceChange: Int

    enum CodingKeys: String, CodingKey {
        case rank, path, language, score, commits, complexity, authors
        case addedLines = "added_lines"
        case deletedLines = "deleted_lines"
        case codeLines = "code_lines"
        case deepestIndentation = "deepest_indentation"
        case daysSinceChange = "days_since_change"
    }
}

package struct TestSummary: Codable, Hashable, Sendable {
    package var files: Int
    package var codeLines: Int
    package var productionCodeLines: Int
    /// Test lines for each production line; absent without production code.
    package var ratio: Double?

    enum CodingKeys: String, CodingKey {
        case files, ratio
        case codeLines = "code_lines"
        case productionCodeLines = "production_code_lines"
    }
}

package struct Dependency: Codable, Hashable, Sendable {
    package var ecosystem: String
    package var manifest: String
    package var name: String
    /// As written; empty where the manifest gives none.
    package var requirement: String
}

package struct RiskyFile: Codable, Hashable, Sendable {
    package var path: String
    package var points: Int
    package var reasons: [String]
}

package struct BusFactorSummary: Codable, Hashable, Sendable {
    package var busFactor: Int
    package var files: Int
    package var authors: [KeyAuthor]

    package struct KeyAuthor: Codable, Hashable, Sendable {
        package var name: String
        package var files: Int
    }

    enum CodingKeys: String, CodingKey {
        case files, authors
        case busFactor = "bus_factor"
    }
}

package struct MonthActivity: Codable, Hashable, Sendable {
    /// YYYY-MM, UTC.
    package var month: String
    package var commits: Int
}

package struct HistorySummary: Codable, Hashable, Sendable {
    package var head: String?
    package var branch: String?
    package var commits: Int
    package var authors: Int
    package var firstCommit: String?
    package var lastCommit: String?
    package var ageDays: Int
    /// Newest last; the months without commits too.
    package var months: [MonthActivity]

    enum CodingKeys: String, CodingKey {
        case head, branch, commits, authors, months
        case firstCommit = "first_commit"
        case lastCommit = "last_commit"
        case ageDays = "age_days"
    }
}

package struct RepositoryReviewOutput: Codable, Hashable, Sendable {
    package var path: String
    package var history: HistorySummary
    package var files: Int
    package var languages: [LanguageSummary]
    package var hotSpots: [HotSpot]
    package var tests: TestSummary
    package var dependencies: [Dependency]
    package var riskyFiles: [RiskyFile]
    package var busFactor: BusFactorSummary
    package var warnings: [String]
    /// Only when asked for: the model's words about the figures above.
    package var summary: String?
    package var artifacts: [ArtifactReference]

    enum CodingKeys: String, CodingKey {
        case path, history, files, languages, tests, dependencies, warnings, summary, artifacts
        case hotSpots = "hot_spots"
        case riskyFiles = "risky_files"
        case busFactor = "ownership"
    }
}
