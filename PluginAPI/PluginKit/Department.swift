/// A department of a company, as a plugin: what it says about itself, its tasks, and one instance for each agent.
///
/// An instance is shared by tasks that run at the same time, hence `Sendable`. Keep durable facts in
/// ``TaskContext/state``; what an instance remembers is a cache.
public protocol Department: Sendable {
    static var manifest: DepartmentManifest { get }
    static var tasks: [TaskDefinition<Self>] { get }

    /// - Parameter configuration: the agent's JSON object. Throwing ends the agent before it starts.
    init(configuration: Configuration) throws
}

/// A department whose instances hand memory to the next generation of the plugin when it is reloaded.
public protocol StatefulDepartment: Department {
    /// The schema of what ``saveState()`` writes; starts at 1.
    static var stateSchemaVersion: UInt32 { get }

    /// No task is running. Two saves without work in between return the same bytes.
    func saveState() throws -> [UInt8]

    /// Before the first task. Throw ``TaskFailure/stateVersion(_:)`` when `schemaVersion` is unknown: the old
    /// generation then stays.
    func load(state: [UInt8], schemaVersion: UInt32) throws
}

/// What a department says about itself. Its form as JSON is in `PluginAPI/README.md`.
public struct DepartmentManifest: Hashable, Sendable {
    /// Reverse DNS: `org.example.greeter`.
    public var id: String
    /// `[a-z0-9][a-z0-9._-]*`
    public var department: String
    /// Semantic version.
    public var version: String
    public var title: String
    public var summary: String
    public var wants: Wants

    public init(
        id: String, department: String, version: String, title: String, summary: String, wants: Wants = Wants()
    ) {
        self.id = id
        self.department = department
        self.version = version
        self.title = title
        self.summary = summary
        self.wants = wants
    }
}

/// What a department asks for; the operator grants. Patterns with `*`.
public struct Wants: Hashable, Sendable, Codable {
    public var models: [String]
    public var tools: [String]
    public var hosts: [String]
    public var departments: [String]

    public init(
        models: [String] = [], tools: [String] = [], hosts: [String] = [], departments: [String] = []
    ) {
        self.models = models
        self.tools = tools
        self.hosts = hosts
        self.departments = departments
    }
}
