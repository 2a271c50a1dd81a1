/// What a plugin says about itself. Read without running more than its entry function; the form is described in
/// `PluginAPI/README.md`. Decoding is in `Manifest+JSON.swift`.
package struct Manifest: Hashable, Sendable {
    package var department: String
    package var title: String
    package var summary: String
    package var tasks: [Task]
    package var wants: Wants
    package var stateSchemaVersion: Int
    /// Functions of its own library that the host offers as tools.
    package var native: [NativeFunction] = []
    /// What messages to its agents must look like, by their type; others may look as they like.
    package var messages: [String: JSONValue] = [:]

    package struct Task: Hashable, Sendable {
        package var name: String
        package var summary: String
        package var inputSchema: JSONValue
        package var outputSchema: JSONValue
        /// Nil: the operator's default.
        package var timeoutSeconds: Int?
        package var requiresApproval: Bool
        /// A run on its lane that shows no sign of life for so long has hung. Nil: only the whole plugin is watched.
        package var heartbeatSeconds: Int?
        /// When its runs are tried again, unless their submitter says it.
        package var retry: RunRetryRule?
        /// What planners and agents' capabilities go by.
        package var planning = Planning()

        package init(
            name: String, summary: String, inputSchema: JSONValue, outputSchema: JSONValue, timeoutSeconds: Int?,
            requiresApproval: Bool
        ) {
            self.name = name
            self.summary = summary
            self.inputSchema = inputSchema
            self.outputSchema = outputSchema
            self.timeoutSeconds = timeoutSeconds
            self.requiresApproval = requiresApproval
        }
    }

    /// What the plugin asks for; the operator grants. Patterns end with `*` or name one thing. A limit that is not
    /// named is the host's default.
    package struct Wants: Hashable, Sendable {
        package var models: [String]
        package var tools: [String]
        /// As ``HostPattern`` reads them.
        package var hosts: [String]
        package var departments: [String]
        /// Over all keys of the department in one tenant.
        package var stateBytes: Int64?
        /// Runs of the department that compute at the same time.
        package var concurrency: Int?
        /// Address space of its worker process.
        package var memoryBytes: Int64?
        /// Processor time of its worker process.
        package var cpuSeconds: Int?

        package init(
            models: [String] = [], tools: [String] = [], hosts: [String] = [], departments: [String] = [],
            stateBytes: Int64? = nil, concurrency: Int? = nil, memoryBytes: Int64? = nil, cpuSeconds: Int? = nil
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

    package init(
        department: String, title: String, summary: String, tasks: [Task], wants: Wants, stateSchemaVersion: Int
    ) {
        self.department = department
        self.title = title
        self.summary = summary
        self.tasks = tasks
        self.wants = wants
        self.stateSchemaVersion = stateSchemaVersion
    }

    package func task(named name: String) -> Task? { tasks.first { $0.name == name } }
}
