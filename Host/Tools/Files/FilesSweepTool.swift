import Kernel

/// `files.sweep`: what stands below a folder, with owners and permissions. No content.
struct FilesSweepTool: HostTool {
    let settings: ToolSettings

    let name = "files.sweep"
    let isReadOnly = true
    let needsGrant = true
    let summary = "Entries below a folder with kind, permissions, owner and size; links are named, not followed"

    let argumentsSchema = Schema.object(
        [
            "path": Schema.string("A folder in an allowed root."),
            "max_entries": Schema.integer("At most so many. Default 20000.", in: 1...100_000),
        ], required: ["path"])

    let resultSchema = Schema.object(
        [
            "root": Schema.string("The folder's real path."),
            "entries": Schema.array(
                of: Schema.object(
                    [
                        "path": Schema.string("From the folder, which is \".\" itself."),
                        "kind": Schema.string("file, folder, link or other."),
                        "mode": Schema.string("Permission bits, four octal digits."),
                        "owner": Schema.integer("User id."), "group": Schema.integer("Group id."),
                        "bytes": Schema.integer("Size."),
                    ], required: ["path", "kind", "mode", "owner", "group", "bytes"])),
            "skipped": Schema.skipped,
            "truncated": Schema.boolean("True when there are more entries."),
        ], required: ["root", "entries", "skipped", "truncated"])

    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
        let arguments = try ToolArguments(arguments, tool: name)
        let limit = try arguments.integer("max_entries", default: 20_000, in: 1...100_000)
        let reader = FolderReader(
            root: try AllowedFolder.resolve(try arguments.string("path"), settings: settings), settings: settings)
        let walk = try await BlockingThread.run { () throws(Failure) in try reader.walk(maximumEntries: limit) }
        var message = MessageRoom()
        var entries: [JSONValue] = []
        for entry in walk.entries {
            guard message.take(entry.path, extra: 120) else { break }
            let digits = String(entry.mode, radix: 8)
            entries.append([
                "path": .string(entry.path), "kind": .string(entry.kind.rawValue),
                "mode": .string(String(repeating: "0", count: max(0, 4 - digits.count)) + digits),
                "owner": .integer(Int64(entry.owner)), "group": .integer(Int64(entry.group)),
                "bytes": .integer(entry.bytes),
            ])
        }
        let skipped = walk.skipped.filter { message.take($0.path + $0.reason, extra: 40) }
        return [
            "root": .string(reader.root), "entries": .array(entries), "skipped": .array(skipped.map(\.json)),
            "truncated": .bool(walk.isTruncated || entries.count < walk.entries.count),
        ]
    }
}

extension FolderReader {
    init(root: String, settings: ToolSettings) {
        self.init(root: root, deadline: .now + .milliseconds(settings.timeLimitMilliseconds))
    }
}

extension FolderReader.Skipped {
    var json: JSONValue { ["path": .string(path), "reason": .string(reason)] }
}

extension Schema {
    static let skipped = array(
        of: object(["path": string("What was not read."), "reason": string("Why.")], required: ["path", "reason"]))
}
