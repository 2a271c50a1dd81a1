/// What planners and people who look for a task are told about it. All of it may be absent.
public struct TaskPlanning: Codable, Hashable, Sendable {
    public enum Complexity: String, Codable, Hashable, Sendable {
        case low, medium, high
    }

    /// What agents may be given or refused together: at most 32 names.
    public var tags: [String]
    /// Words and phrases by which people ask for it: at most 64.
    public var keywords: [String]
    public var complexity: Complexity?
    /// How long it usually takes.
    public var durationSeconds: Int?
    /// 0 (last) to 4 (first).
    public var priority: Int?
    /// What it needs besides the host: names that people understand, at most 32.
    public var resources: [String]
    /// It makes plans itself: it takes `{"intent": text, "catalogue": …}` and answers with a plan.
    public var isPlanner: Bool

    public init(
        tags: [String] = [], keywords: [String] = [], complexity: Complexity? = nil, durationSeconds: Int? = nil,
        priority: Int? = nil, resources: [String] = [], isPlanner: Bool = false
    ) {
        self.tags = tags
        self.keywords = keywords
        self.complexity = complexity
        self.durationSeconds = durationSeconds
        self.priority = priority
        self.resources = resources
        self.isPlanner = isPlanner
    }

    private enum CodingKeys: String, CodingKey {
        case tags, keywords, complexity, priority, resources
        case durationSeconds = "duration_seconds"
        case isPlanner = "planner"
    }
}
