import Kernel

/// `git.history`: the commits of a work tree's head, newest first, with the lines that each added and deleted.
struct GitHistoryTool: HostTool {
    let settings: ToolSettings

    private static let outputLimitBytes = 32 << 20
    /// A commit that touches more files is an import or a mass change; the rest is counted, not listed.
    private static let maximumFilesOfCommit = 500

    let name = "git.history"
    let isReadOnly = true
    let summary = "Commits of a Git work tree with author, time, subject and changed lines by file"

    let argumentsSchema = Schema.object(
        [
            "path": Schema.string("The work tree, or a folder in it."),
            "max_commits": Schema.integer("At most so many commits, newest first. Default 1000.", in: 1...20_000),
        ], required: ["path"])

    let resultSchema = Schema.object(
        [
            "head": Schema.string("The commit that is checked out. Absent in a repository without commits."),
            "branch": Schema.string("Absent on a detached head."),
            "truncated": Schema.boolean("True when older commits or some files of a commit were left out."),
            "commits": Schema.array(of: commitSchema),
        ], required: ["commits", "truncated"])

    private static let commitSchema = Schema.object(
        [
            "hash": Schema.string("Object name."), "author": Schema.string("Name, by the repository's mailmap."),
            "email_domain": Schema.string("The part of the address after @; the rest never leaves the host."),
            "unix_time": Schema.integer("Author time in seconds."), "subject": Schema.string("First line."),
            "files_omitted": Schema.integer("Changed files that are not listed."),
            "files": Schema.array(
                of: Schema.object(
                    [
                        "path": Schema.string("From the top of the work tree."),
                        "renamed_from": Schema.string("The path before this commit."),
                        "added": Schema.integer("Lines; absent for binary files."),
                        "deleted": Schema.integer("Lines; absent for binary files."),
                    ], required: ["path"])),
        ], required: ["hash", "author", "email_domain", "unix_time", "subject", "files", "files_omitted"])

    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
        let arguments = try ToolArguments(arguments, tool: name)
        let limit = try arguments.integer("max_commits", default: 1000, in: 1...20_000)
        let tree = try await WorkTree.open(try arguments.string("path"), settings: settings)
        guard let head = try await tree.head() else { return ["commits": [], "truncated": false] }
        // One more than asked for tells whether there are older ones.
        let output = try await tree.git(
            [
                "log", "-z", "--numstat", "-M", "--no-ext-diff", "--no-textconv", "--no-color",
                "--max-count=\(limit + 1)", "--format=\(GitLog.format)", head, "--",
            ], limit: Self.outputLimitBytes)
        let commits = GitLog.parse(output.bytes, isTruncated: output.isTruncated)
        var isTruncated = output.isTruncated || commits.count > limit
        var message = MessageRoom()
        var values: [JSONValue] = []
        for commit in commits.prefix(limit) {
            let files = commit.files.prefix(Self.maximumFilesOfCommit)
            let paths = files.lazy.flatMap { [$0.path, $0.renamedFrom ?? ""] }
            guard message.take(commit.subject, extra: 300), paths.allSatisfy({ message.take($0, extra: 50) }) else {
                isTruncated = true
                break
            }
            isTruncated = isTruncated || files.count < commit.files.count
            values.append(Self.json(commit, keeping: files.count))
        }
        var result: [String: JSONValue] = [
            "head": .string(head), "commits": .array(values), "truncated": .bool(isTruncated),
        ]
        result["branch"] = try await tree.branch().map(JSONValue.string)
        return .object(result)
    }

    private static func json(_ commit: GitCommit, keeping count: Int) -> JSONValue {
        let files = commit.files.prefix(count).map { file -> JSONValue in
            var members: [String: JSONValue] = ["path": .string(file.path)]
            members["renamed_from"] = file.renamedFrom.map(JSONValue.string)
            members["added"] = file.addedLines.map { .integer(Int64($0)) }
            members["deleted"] = file.deletedLines.map { .integer(Int64($0)) }
            return .object(members)
        }
        return [
            "hash": .string(commit.hash), "author": .string(commit.authorName),
            "email_domain": .string(commit.authorEmailDomain), "unix_time": .integer(commit.unixTimeSeconds),
            "subject": .string(commit.subject), "files": .array(files),
            "files_omitted": .integer(Int64(commit.files.count - count)),
        ]
    }
}
