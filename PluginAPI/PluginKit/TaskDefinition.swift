package import FoundationEssentials

/// One task of a department: its name, its limits, and the code.
public struct TaskDefinition<Owner: Department>: Sendable {
    public let name: String
    public let summary: String
    public let timeoutSeconds: Int?
    public let requiresApproval: Bool
    package let startsOnLane: Bool
    package let deriveSchemas: @Sendable () throws(TaskFailure) -> (input: JSONValue, output: JSONValue)
    package let run: @Sendable (Owner, Data, TaskContext) async throws -> Data

    /// - Parameters:
    ///   - timeoutSeconds: for one attempt; nil is the operator's default.
    ///   - requiresApproval: a person reviews the output before the run counts as done.
    ///   - startsOnLane: runs the code up to its first effect on the lane itself, which saves a change of thread.
    ///     Only for code that takes microseconds: it holds up every other task of this agent.
    ///   - body: may run at the same time as other tasks of the same instance.
    public static func task<Input: Codable & Sendable, Output: Codable & Sendable>(
        _ name: String, summary: String, timeoutSeconds: Int? = nil, requiresApproval: Bool = false,
        startsOnLane: Bool = false,
        _ body: @escaping @Sendable (Owner, Input, TaskContext) async throws -> Output
    ) -> TaskDefinition {
        TaskDefinition(
            name: name, summary: summary, timeoutSeconds: timeoutSeconds, requiresApproval: requiresApproval,
            startsOnLane: startsOnLane,
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

/// The input of a task that needs none, or the output of one that has nothing to say: `{}`.
public struct Empty: Codable, Hashable, Sendable {
    public init() {}
}
