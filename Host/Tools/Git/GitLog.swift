/// One commit as `git log --numstat` tells it.
struct GitCommit: Hashable, Sendable {
    var hash: String
    var authorName: String
    var authorEmailDomain: String
    var unixTimeSeconds: Int64
    var subject: String
    var files: [Change] = []

    struct Change: Hashable, Sendable {
        var path: String
        var renamedFrom: String?
        /// Nil for binary files, for which Git counts no lines.
        var addedLines: Int?
        var deletedLines: Int?
    }
}

/// Reads the output of `git log -z --numstat` with ``format``.
enum GitLog {
    /// U+0001, then hash, author, address, time and subject parted by U+001F. With `-z` every record ends with NUL.
    static let format = "%x01%H%x1f%aN%x1f%aE%x1f%at%x1f%s"

    /// Commits in the order of the output. With `isTruncated` the last, possibly incomplete, commit is left out.
    static func parse(_ output: [UInt8], isTruncated: Bool) -> [GitCommit] {
        var commits: [GitCommit] = []
        var fields = output.split(separator: 0, omittingEmptySubsequences: false)[...]
        while let field = fields.popFirst() {
            // Git puts a line feed between a commit's header and its first file.
            let record = field.first == 0x0A ? field.dropFirst() : field
            if record.first == 1 {
                if let commit = header(record.dropFirst()) { commits.append(commit) }
            } else if !record.isEmpty, !commits.isEmpty {
                guard let change = change(record, &fields) else { continue }
                commits[commits.count - 1].files.append(change)
            }
        }
        return isTruncated ? commits.dropLast() : commits
    }

    private static func header(_ record: ArraySlice<UInt8>) -> GitCommit? {
        let parts = record.split(separator: 0x1F, maxSplits: 4, omittingEmptySubsequences: false).map(text)
        guard parts.count == 5, let time = Int64(parts[3]) else { return nil }
        let domain =
            parts[2].split(separator: "@").count > 1 ? parts[2].split(separator: "@").last.map(String.init) : nil
        return GitCommit(
            hash: parts[0], authorName: parts[1], authorEmailDomain: domain ?? "", unixTimeSeconds: time,
            subject: parts[4])
    }

    /// `added TAB deleted TAB path`, or, for a rename, an empty path and two more records: old, new.
    private static func change(_ record: ArraySlice<UInt8>, _ rest: inout ArraySlice<ArraySlice<UInt8>>)
        -> GitCommit.Change?
    {
        let parts = record.split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false).map(text)
        guard parts.count == 3 else { return nil }
        guard parts[2].isEmpty else {
            return .init(path: parts[2], addedLines: Int(parts[0]), deletedLines: Int(parts[1]))
        }
        guard let old = rest.popFirst(), let new = rest.popFirst() else { return nil }
        return .init(
            path: text(new), renamedFrom: text(old), addedLines: Int(parts[0]), deletedLines: Int(parts[1]))
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
