import Kernel

/// `files.secrets`: where secrets stand in the files below a folder, or in given documents. Only place, kind and a
/// salted fingerprint leave the host.
struct FilesSecretsTool: HostTool {
    let settings: ToolSettings

    private static let maximumFiles = 50_000
    private static let maximumFileBytes = 1 << 20
    private static let maximumTotalBytes = 256 << 20
    private static let maximumSecrets = 10_000

    let name = "files.secrets"
    let isReadOnly = true
    let needsGrant = true
    let summary = "Places of secrets in a folder's text files or in documents; never the secrets themselves"

    let argumentsSchema = Schema.object(
        [
            "path": Schema.string("A folder in an allowed root."),
            "documents": Schema.array(
                of: Schema.object(
                    ["name": Schema.string("For the place."), "text": Schema.string("To be searched.")],
                    required: ["name", "text"])),
            "salt": Schema.string(
                "Equal salts give equal secrets equal fingerprints. Absent: random, so that none can be guessed at."),
        ], required: [])

    let resultSchema = Schema.object(
        [
            "secrets": Schema.array(
                of: Schema.object(
                    [
                        "path": Schema.string("File or document."), "line": Schema.integer("From 1."),
                        "column": Schema.integer("In bytes, from 1."), "kind": Schema.string("What it looks like."),
                        "confidence": Schema.string("high, medium or low."),
                        "length": Schema.integer("In bytes."),
                        "entropy": ["type": "number", "description": "Shannon's, bits for each byte."],
                        "fingerprint": Schema.string("Salted SHA-256, 16 hexadecimal digits."),
                    ],
                    required: ["path", "line", "column", "kind", "confidence", "length", "entropy", "fingerprint"])),
            "files_read": Schema.integer("Text files and documents that were searched."),
            "truncated": Schema.boolean("True when a limit ended the search."),
        ], required: ["secrets", "files_read", "truncated"])

    func call(_ arguments: JSONValue) async throws(Failure) -> JSONValue {
        let salt: [UInt8]
        if let given = arguments["salt"]?.stringValue {
            salt = Array(given.utf8)
        } else {
            var generator = SystemRandomNumberGenerator()
            salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        }
        let documents = arguments["documents"]?.arrayValue ?? []
        let path = arguments["path"]?.stringValue
        guard path != nil || !documents.isEmpty else {
            throw Failure(.invalid, "\(name): give /path or /documents; there is nothing to search")
        }
        var reader: FolderReader?
        if let path {
            reader = FolderReader(root: try AllowedFolder.resolve(path, settings: settings), settings: settings)
        }
        let folder = reader
        return try await BlockingThread.run { () throws(Failure) in
            var search = Search(salt: salt)
            for document in documents {
                guard let name = document["name"]?.stringValue, let text = document["text"]?.stringValue else {
                    throw Failure(.invalid, "files.secrets: each of /documents has a name and a text")
                }
                search.look(in: Array(text.utf8), name: name)
            }
            if let folder { try search.look(in: folder) }
            return search.json
        }
    }

    private struct Search {
        let salt: [UInt8]
        private var secrets: [JSONValue] = []
        private var files = 0
        private var bytes = 0
        private var isTruncated = false

        init(salt: [UInt8]) { self.salt = salt }

        var json: JSONValue {
            ["secrets": .array(secrets), "files_read": .integer(Int64(files)), "truncated": .bool(isTruncated)]
        }

        mutating func look(in text: [UInt8], name: String) {
            files += 1
            for secret in SecretDetector.secrets(in: text) {
                guard secrets.count < maximumSecrets else {
                    isTruncated = true
                    return
                }
                secrets.append([
                    "path": .string(name), "line": .integer(Int64(secret.line)),
                    "column": .integer(Int64(secret.column)), "kind": .string(secret.kind),
                    "confidence": .string(secret.confidence.rawValue),
                    "length": .integer(Int64(secret.range.count)), "entropy": .double(secret.entropy),
                    "fingerprint": .string(SecretDetector.fingerprint(text[secret.range], salt: salt)),
                ])
            }
        }

        mutating func look(in folder: FolderReader) throws(Failure) {
            let walk = try folder.walk(maximumEntries: maximumFiles)
            isTruncated = isTruncated || walk.isTruncated
            for entry in walk.entries where entry.kind == .file && !Self.isGenerated(entry.path) {
                guard folder.deadline > .now, bytes < maximumTotalBytes, secrets.count < maximumSecrets else {
                    isTruncated = true
                    return
                }
                guard case .bytes(let text) = folder.read(entry.path, maximumBytes: maximumFileBytes),
                    !text.prefix(8_192).contains(0)
                else { continue }
                bytes += text.count
                look(in: text, name: entry.path)
            }
        }

        /// Version control keeps packed copies of what is read anyway; lock files hold digests.
        private static func isGenerated(_ path: String) -> Bool {
            let parts = path.split(separator: "/")
            let locks: Set<Substring> = [
                "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "Package.resolved", "Cargo.lock", "go.sum",
                "composer.lock", "poetry.lock", "Pipfile.lock", "Gemfile.lock",
            ]
            return parts.last.map(locks.contains) ?? false
                || parts.dropLast().contains { $0 == ".git" && parts.last != "config" || $0 == "node_modules" }
        }
    }
}
