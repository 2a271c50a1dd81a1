/// One file of the head commit with what history and text tell of it.
struct FileFacts: Sendable {
    var path: String
    var bytes: Int
    var language: Language?
    var metrics: CodeMetrics?
    var isTest: Bool
    var commits = 0
    var addedLines = 0
    var deletedLines = 0
    /// Commits of each author, and who made the first.
    var commitsByAuthor: [String: Int] = [:]
    var firstAuthor: String?
    var lastChangeUnixSeconds: Int64 = 0

    var codeLines: Int { metrics?.codeLines ?? 0 }
    var complexity: Int { metrics?.complexity ?? 0 }

    /// Code under version control that people write: a known language and a text.
    var isCode: Bool { metrics != nil }

    /// By the usual names: a folder `Tests`, `test`, `spec` or `__tests__`, or a file such as `test_x.py`,
    /// `XTests.swift`, `x_test.go`, `x.spec.ts`.
    static func isTest(_ path: String) -> Bool {
        let parts = path.split(separator: "/").map { $0.lowercased() }
        guard let name = parts.last else { return false }
        if parts.dropLast().contains(where: ["test", "tests", "spec", "specs", "__tests__", "testing"].contains) {
            return true
        }
        let stem = name.split(separator: ".").first.map(String.init) ?? name
        let original = path.split(separator: "/").last.map(String.init) ?? path
        let isCamel = ["Test.", "Tests.", "Spec."].contains { original.contains($0) }
        return isCamel || stem.hasPrefix("test_") || stem.hasSuffix("_test") || stem.hasSuffix("_spec")
            || name.contains(".test.") || name.contains(".spec.")
    }
}

/// Joins the list of files and the history. Renames are followed backwards: an older commit's change counts for the
/// name that the file has today.
enum FileTable {
    static func build(history: History, files: FileList) -> [FileFacts] {
        var facts: [String: FileFacts] = [:]
        for file in files.files {
            let language = Language.of(file.path)
            let metrics: CodeMetrics?
            if let language, let text = file.text {
                metrics = CodeMetrics(text, language: language)
            } else {
                metrics = nil
            }
            facts[file.path] = FileFacts(
                path: file.path, bytes: file.bytes, language: language, metrics: metrics,
                isTest: FileFacts.isTest(file.path))
        }
        var current: [String: String] = [:]
        for commit in history.commits {
            for change in commit.files {
                let today = current[change.path] ?? change.path
                facts[today]?.add(change, of: commit)
                if let old = change.renamedFrom { current[old] = today }
            }
        }
        return facts.values.sorted { $0.path < $1.path }
    }
}

extension FileFacts {
    /// Commits come newest first, so the last one seen is the file's first.
    fileprivate mutating func add(_ change: History.Change, of commit: History.Commit) {
        let author = "\(commit.author) (\(commit.emailDomain))"
        commits += 1
        addedLines += change.added ?? 0
        deletedLines += change.deleted ?? 0
        commitsByAuthor[author, default: 0] += 1
        firstAuthor = author
        lastChangeUnixSeconds = max(lastChangeUnixSeconds, commit.unixTime)
    }
}
