import Kernel

/// `files.read`: the text of named files below a folder, with secrets masked.
///
/// A result of a tool is kept in the journal for as long as the run is, so a secret must not be in it.
struct FilesReadTool: HostTool {
    let settings: ToolSettings

    private static let defaultFileBytes = 8 << 20

    let name = "files.read"
    let isReadOnly = true
    let needsGrant = true
    let summary = "UTF-8 text of named files below a folder, with what looks like a secret replaced by its kind"

    let argumentsSchema = Schema.object(
        [
            "path": Schema.string("A folder in an allowed root."),
            "files": Schema.array(of: Schema.string("From the folder, without . and .. and without links.")),
            "max_file_bytes": Schema.integer("Of one file. Default 8 MiB.", in: 1...(12 << 20)),
        ], required: ["path", "files"])

    let resultSchema = Schema.object(
        [
            "files": Schema.array(
                of: Schema.object(
                    [
                        "path": Schema.string("As asked for."),
                        "text": Schema.string("The content; [secret: kind] stands for a secret."),
                    ], required: ["path", "text"])), "skipped": Schema.skipped,
        ], required: ["files", "skipped"])

    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
        let arguments = try ToolArguments(arguments, tool: name)
        let names = try arguments.strings("files", maximumCount: 1_000)
        let limit = try arguments.integer("max_file_bytes", default: Self.defaultFileBytes, in: 1...(12 << 20))
        let reader = FolderReader(
            root: try AllowedFolder.resolve(try arguments.string("path"), settings: settings), settings: settings)
        return try await BlockingThread.run { () throws(Failure) in
            try Self.read(names, reader: reader, limit: limit)
        }
    }

    private static func read(_ names: [String], reader: FolderReader, limit: Int) throws(Failure) -> JSONValue {
        var message = MessageRoom()
        var files: [JSONValue] = []
        var skipped: [FolderReader.Skipped] = []
        for name in names {
            guard reader.deadline > .now else { throw Failure(.deadline, "\(reader.root): reading took too long") }
            switch reader.read(name, maximumBytes: limit) {
            case .skipped(let reason): skipped.append(.init(path: name, reason: reason))
            case .bytes(let bytes):
                let masked = SecretDetector.masked(bytes)
                guard !masked.contains(0), let text = String(validating: masked, as: UTF8.self) else {
                    skipped.append(.init(path: name, reason: "not UTF-8 text"))
                    continue
                }
                guard message.take(text, extra: name.utf8.count * 2 + 40) else {
                    skipped.append(.init(path: name, reason: "no room left in one answer; ask for it by itself"))
                    continue
                }
                files.append(["path": .string(name), "text": .string(text)])
            }
        }
        return ["files": .array(files), "skipped": .array(skipped.map(\.json))]
    }
}
