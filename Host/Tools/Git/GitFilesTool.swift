import Kernel

/// `git.files`: the files of a work tree's head commit, with the text of sources within limits.
///
/// Texts come from Git's object store, not from the work tree: they belong to the commit that the result names, and
/// no symbolic link in the work tree can lead out of it.
struct GitFilesTool: HostTool {
    let settings: ToolSettings

    private static let listLimitBytes = 32 << 20

    let name = "git.files"
    let isReadOnly = true
    let summary = "Files of a Git work tree's head commit with sizes, and the text of sources within limits"

    let argumentsSchema = Schema.object(
        [
            "path": Schema.string("The work tree, or a folder in it."),
            "max_bytes": Schema.integer("Text of all files together. Default 8 MiB.", in: 0...(12 << 20)),
            "max_file_bytes": Schema.integer("Text of one file. Default 512 KiB.", in: 0...(12 << 20)),
        ], required: ["path"])

    let resultSchema = Schema.object(
        [
            "head": Schema.string("The commit that was read. Absent in a repository without commits."),
            "files": Schema.array(
                of: Schema.object(
                    [
                        "path": Schema.string("From the top of the work tree."),
                        "bytes": Schema.integer("Size of the file in the commit."),
                        "text": Schema.string("Present for sources, manifests and documents within the limits."),
                    ], required: ["path", "bytes"])),
            "truncated": Schema.array(of: Schema.string("A text file that was left out because of a limit.")),
        ], required: ["files", "truncated"])

    private struct Entry {
        var path: String
        var object: String
        var bytes: Int
    }

    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
        let arguments = try ToolArguments(arguments, tool: name)
        var room = try arguments.integer("max_bytes", default: 8 << 20, in: 0...(12 << 20))
        let fileLimit = try arguments.integer("max_file_bytes", default: 512 << 10, in: 0...(12 << 20))
        let tree = try await WorkTree.open(try arguments.string("path"), settings: settings)
        guard let head = try await tree.head() else { return ["files": [], "truncated": []] }
        let entries = try await Self.entries(of: head, in: tree)
        var wanted: [Entry] = []
        var truncated: [JSONValue] = []
        for entry in entries where TextFiles.contains(entry.path) {
            if entry.bytes <= fileLimit, entry.bytes <= room {
                room -= entry.bytes
                wanted.append(entry)
            } else {
                truncated.append(.string(entry.path))
            }
        }
        let texts = try await Self.texts(of: wanted, in: tree)
        var message = MessageRoom()
        guard entries.allSatisfy({ message.take($0.path, extra: 60) }) else {
            throw Failure(
                .tooLarge, "\(entries.count) files are more than one answer can name; give a smaller repository")
        }
        let files = entries.map { entry -> JSONValue in
            var members: [String: JSONValue] = ["path": .string(entry.path), "bytes": .integer(Int64(entry.bytes))]
            if let text = texts[entry.object] {
                if message.take(text) { members["text"] = .string(text) } else { truncated.append(.string(entry.path)) }
            }
            return .object(members)
        }
        return ["head": .string(head), "files": .array(files), "truncated": .array(truncated)]
    }

    /// Regular files only: links and submodules have no text of their own.
    private static func entries(of head: String, in tree: WorkTree) async throws(Failure) -> [Entry] {
        let output = try await tree.git(["ls-tree", "-r", "-z", "-l", "--full-tree", head], limit: listLimitBytes)
        guard !output.isTruncated else {
            throw Failure(.tooLarge, "the list of files is larger than \(listLimitBytes >> 20) MiB")
        }
        return output.bytes.split(separator: 0).compactMap { record in
            guard let tab = record.firstIndex(of: 0x09) else { return nil }
            let head = String(decoding: record[..<tab], as: UTF8.self).split(separator: " ")
            guard head.count == 4, head[0].hasPrefix("100"), let bytes = Int(head[3]) else { return nil }
            let path = String(decoding: record[(tab + 1)...], as: UTF8.self)
            return Entry(path: path, object: String(head[2]), bytes: bytes)
        }
    }

    /// The UTF-8 texts by object name; binary content has none.
    private static func texts(of entries: [Entry], in tree: WorkTree) async throws(Failure) -> [String: String] {
        guard !entries.isEmpty else { return [:] }
        let objects = Set(entries.map(\.object)).sorted()
        let size = entries.reduce(0) { $0 + $1.bytes + 128 }
        let input = Array(objects.joined(separator: "\n").utf8) + [0x0A]
        let output = try await tree.git(["cat-file", "--batch"], input: input, limit: size)
        var texts: [String: String] = [:]
        var rest = output.bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            let header = String(decoding: rest[..<end], as: UTF8.self).split(separator: " ")
            guard header.count == 3, header[1] == "blob", let bytes = Int(header[2]) else {
                throw Failure(.io, "git cat-file answered \(header.joined(separator: " ")); run `git fsck`")
            }
            let content = rest[(end + 1)...].prefix(bytes)
            if !content.contains(0), let text = String(validating: content, as: UTF8.self) {
                texts[String(header[0])] = text
            }
            rest = rest[(end + 1)...].dropFirst(bytes + 1)
        }
        return texts
    }
}
