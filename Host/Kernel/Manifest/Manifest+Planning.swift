extension Manifest.Task {
    /// What the task catalogue says about a task, for planners and for agents' capabilities. All of it may be absent.
    package struct Planning: Hashable, Sendable {
        package enum Complexity: String, Hashable, Sendable, CaseIterable, Comparable {
            case low, medium, high

            package static func < (left: Complexity, right: Complexity) -> Bool {
                allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
            }
        }

        package static let maximumTags = 32
        package static let maximumKeywords = 64

        /// What agents may be given or refused together.
        package var tags: [String] = []
        /// Words and phrases by which people ask for it.
        package var keywords: [String] = []
        package var complexity: Complexity?
        /// How long it usually takes.
        package var durationSeconds: Int?
        /// 0 (last) to 4 (first).
        package var priority: Int?
        /// What it needs besides the host: names that people understand.
        package var resources: [String] = []
        /// It makes plans: it takes `{"intent": text, "catalogue": …}` and answers with a plan.
        package var isPlanner = false

        package init() {}
    }
}

extension Manifest.Task.Planning {
    /// From the members of a task: `tags`, `keywords`, `complexity`, `duration_seconds`, `priority`, `resources`,
    /// `planner`.
    init(reader: ManifestReader) throws(ManifestError) {
        tags = try Self.list(reader, "tags", atMost: Self.maximumTags)
        if let wrong = tags.first(where: { !Name.isValid($0) }) {
            throw reader.failure("tags", "must hold names, not \"\(wrong)\"")
        }
        keywords = try Self.list(reader, "keywords", atMost: Self.maximumKeywords)
        resources = try Self.list(reader, "resources", atMost: Self.maximumTags)
        if (reader.members.exactValue(forKey: "complexity") ?? .null) != .null {
            let word = try reader.text("complexity")
            guard let complexity = Complexity(rawValue: word) else {
                throw reader.failure("complexity", "must be low, medium or high, not \"\(word)\"")
            }
            self.complexity = complexity
        }
        durationSeconds = try reader.optionalInteger("duration_seconds", in: 0...Manifest.Task.maximumTimeoutSeconds)
        priority = try reader.optionalInteger("priority", in: 0...4)
        isPlanner = try reader.optionalFlag("planner") ?? false
    }

    private static func list(
        _ reader: ManifestReader, _ key: String, atMost limit: Int
    ) throws(ManifestError) -> [String] {
        let strings = try reader.strings(key)
        guard strings.count <= limit else { throw reader.failure(key, "must have at most \(limit) elements") }
        return strings
    }
}

extension Manifest {
    package static let maximumMessageTypes = 256

    /// Reads `messages`: an object of JSON Schemas by type.
    static func messages(_ root: ManifestReader) throws(ManifestError) -> [String: JSONValue] {
        guard let reader = try root.optional("messages") else { return [:] }
        guard reader.members.count <= maximumMessageTypes else {
            throw root.failure("messages", "must have at most \(maximumMessageTypes) types")
        }
        var schemas: [String: JSONValue] = [:]
        for type in reader.members.keys.sorted() {
            guard AgentMessage.isType(type) else {
                throw reader.failure(type, "is no type of a message: use a-z, 0-9, '.', '_' and '-'")
            }
            schemas[type] = try reader.schema(type)
        }
        return schemas
    }
}
