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

/// What a department asks for; the operator grants. Names, or the start of names with `*` at its end.
public struct Wants: Hashable, Sendable, Codable {
    public var models: [String]
    public var tools: [String]
    /// `api.example.org`, `*.example.org`, each with a port where it is not that of https.
    public var hosts: [String]
    public var departments: [String]
    /// Over all keys of the department's state. Nil here and below: the host's default.
    public var stateBytes: Int?
    /// Runs that compute at the same time; more of them wait.
    public var concurrency: Int?
    /// Address space of the worker process.
    public var memoryBytes: Int?
    /// Processor time of the worker process.
    public var cpuSeconds: Int?

    private enum CodingKeys: String, CodingKey {
        case models, tools, hosts, departments, concurrency
        case stateBytes = "state_bytes"
        case memoryBytes = "memory_bytes"
        case cpuSeconds = "cpu_seconds"
    }

    public init(
        models: [String] = [], tools: [String] = [], hosts: [String] = [], departments: [String] = [],
        stateBytes: Int? = nil, concurrency: Int? = nil, memoryBytes: Int? = nil, cpuSeconds: Int? = nil
    ) {
        self.models = models
        self.tools = tools
        self.hosts = hosts
        self.departments = departments
        self.stateBytes = stateBytes
        self.concurrency = concurrency
        self.memoryBytes = memoryBytes
        self.cpuSeconds = cpuSeconds
    }
}
