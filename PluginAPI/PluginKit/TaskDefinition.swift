package import FoundationEssentials

/// One task of a department: its name, its limits, and the code.
public struct TaskDefinition<Owner: Department>: Sendable {
    public let name: String
    public let summary: String
    public let timeoutSeconds: Int?
    public let requiresApproval: Bool
    public let heartbeatSeconds: Int?
    public let retry: TaskRetry?
    public let planning: TaskPlanning?
    package let startsOnLane: Bool
    package let deriveSchemas: @Sendable () throws(TaskFailure) -> (input: JSONValue, output: JSONValue)
    package let run: @Sendable (Owner, Data, TaskContext) async throws -> Data

    /// - Parameters:
    ///   - timeoutSeconds: for one attempt; nil is the operator's default.
    ///   - heartbeatSeconds: a run that computes and shows no sign of life (an effect, a log line, progress) for so
    ///     long is ended; nil: only the plugin as a whole is watched.
    ///   - retry: when a run that failed is tried again, unless its submitter says it.
    ///   - planning: for planners, and for people who look for a task.
    ///   - requiresApproval: a person reviews the output before the run counts as done.
    ///   - startsOnLane: runs the code up to its first effect on the lane itself, which saves a change of thread.
    ///     Only for code that takes microseconds: it holds up every other task of this agent.
    ///   - body: may run at the same time as other tasks of the same instance.
    public static func task<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, summary: String, timeoutSeconds: Int? = nil, heartbeatSeconds: Int? = nil,
        retry: TaskRetry? = nil, planning: TaskPlanning? = nil, requiresApproval: Bool = false,
        startsOnLane: Bool = false,
        _ body: @escaping @Sendable (Owner, Input, TaskContext) async throws -> Output
    ) -> TaskDefinition {
        TaskDefinition(
            name: name, summary: summary, timeoutSeconds: timeoutSeconds, requiresApproval: requiresApproval,
            heartbeatSeconds: heartbeatSeconds, retry: retry, planning: planning, startsOnLane: startsOnLane,
            deriveSchemas: { () throws(TaskFailure) in
                (try SchemaDeriver.schema(of: Input.self), try SchemaDeriver.schema(of: Output.self))
            },
            run: { department, input, context in
                let decoded = try JSONCoding.decode(Input.self, from: input, "the input", failing: .invalid)
                let output = try await body(department, decoded, context)
                return try JSONCoding.encode(output, "the output")
            })
    }
}

/// When a run that failed is tried again. What was recorded is not repeated; what failed last is done anew.
public struct TaskRetry: Codable, Hashable, Sendable {
    public enum Failure: String, Codable, Hashable, Sendable {
        /// Input and output, a service that was away.
        case transient
        case timeout
        /// The plugin's own fault.
        case fault
        case busy
        case rateLimited = "rate_limited"
    }

    /// In all, the first included: 1 to 100.
    public var attempts: Int
    public var on: [Failure]
    public var initialSeconds: Int?
    public var maximumSeconds: Int?
    /// From the first attempt's begin to the last one's.
    public var elapsedSeconds: Int?

    public init(
        attempts: Int, on: [Failure] = [.transient, .timeout, .busy, .rateLimited], initialSeconds: Int? = nil,
        maximumSeconds: Int? = nil, elapsedSeconds: Int? = nil
    ) {
        self.attempts = attempts
        self.on = on
        self.initialSeconds = initialSeconds
        self.maximumSeconds = maximumSeconds
        self.elapsedSeconds = elapsedSeconds
    }

    private enum CodingKeys: String, CodingKey {
        case attempts, on
        case initialSeconds = "initial_seconds"
        case maximumSeconds = "maximum_seconds"
        case elapsedSeconds = "elapsed_seconds"
    }
}

/// The input of a task that needs none, or the output of one that has nothing to say: `{}`.
public struct Empty: Codable, Hashable, Sendable {
    public init() {}
}
