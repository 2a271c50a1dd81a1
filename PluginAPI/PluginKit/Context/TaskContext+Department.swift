import CBureau
import FoundationEssentials

extension TaskContext {
    /// Has another department do a task, and waits for its output. The child run is paid from this run's budget and
    /// is cancelled with it. Its failure is thrown with the child's status.
    public func call<Output: Decodable & Sendable>(
        department: String, task: String, input: some Encodable & Sendable, as type: Output.Type = Output.self,
        step: String? = nil
    ) async throws(TaskFailure) -> Output {
        guard let run = call.services.child?.pointee.run else { throw .missing(BUREAU_HOST_CHILD) }
        let input = try JSONCoding.encode(input, "the input of \(department)/\(task)")
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(department) { department in
                withBorrowed(task) { task in
                    withBorrowed(input) { run(host, call, step, department, task, $0, out) }
                }
            }
        }
        return try JSONCoding.decode(
            type, from: try outcome.result().data, "the output of \(department)/\(task)", failing: .internal)
    }

    /// Has several departments work, each as soon as what it waits for is done.
    public func plan(_ plan: Plan, step: String? = nil) async throws(TaskFailure) -> PlanOutputs {
        guard let start = call.services.child?.pointee.plan else { throw .missing(BUREAU_HOST_CHILD) }
        let document = try JSONCoding.encode(plan, "the plan")
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(document) { start(host, call, step, $0, out) }
        }
        return try JSONCoding.decode(
            PlanOutputs.self, from: try outcome.result().data, "the plan's outputs", failing: .internal)
    }

    /// A message to another department, not waited for. Delivered at least once.
    public func send(
        to department: String, type: String, payload: some Encodable & Sendable, step: String? = nil
    ) async throws(TaskFailure) {
        guard let send = call.services.message?.pointee.send else { throw .missing(BUREAU_HOST_MESSAGE) }
        let payload = try JSONCoding.encode(payload, "the message \(type)")
        let outcome = await call.perform(step) { host, call, step, out in
            withBorrowed(department) { department in
                withBorrowed(type) { type in
                    withBorrowed(payload) { send(host, call, step, department, type, $0, out) }
                }
            }
        }
        _ = try outcome.result()
    }
}

/// A graph of department tasks.
///
/// ```swift
/// var plan = Plan()
/// plan.add("gaps", department: "research", task: "market-gaps", input: ["industry": "tea"])
/// plan.add("plan", department: "business", task: "business-plan",
///          input: ["gap": .from("gaps", pointer: "/gaps/0")], after: ["gaps"])
/// ```
public struct Plan: Codable, Hashable, Sendable {
    public struct Node: Codable, Hashable, Sendable {
        public var id: String
        public var department: String
        public var task: String
        /// May hold ``JSONValue/from(_:pointer:)`` in the place of a part of an earlier node's output.
        public var input: JSONValue
        public var after: [String]

        public init(id: String, department: String, task: String, input: JSONValue, after: [String] = []) {
            self.id = id
            self.department = department
            self.task = task
            self.input = input
            self.after = after
        }

        /// As the host reads it: a node without `after` waits for none.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = try fields.decode(String.self, forKey: .id)
            department = try fields.decode(String.self, forKey: .department)
            task = try fields.decode(String.self, forKey: .task)
            input = try fields.decode(JSONValue.self, forKey: .input)
            after = try fields.decodeIfPresent([String].self, forKey: .after) ?? []
        }
    }

    public var nodes: [Node]

    public init(nodes: [Node] = []) { self.nodes = nodes }

    public mutating func add(
        _ id: String, department: String, task: String, input: JSONValue, after: [String] = []
    ) {
        nodes.append(Node(id: id, department: department, task: task, input: input, after: after))
    }
}

extension JSONValue {
    /// In a plan's input: the part of the output of node `node` that the JSON Pointer (RFC 6901) names.
    public static func from(_ node: String, pointer: String = "") -> JSONValue {
        ["$from": .string(node), "pointer": .string(pointer)]
    }
}

/// What the nodes of a plan answered.
public struct PlanOutputs: Codable, Hashable, Sendable {
    public var outputs: [String: JSONValue]

    public init(outputs: [String: JSONValue]) { self.outputs = outputs }

    public subscript(_ node: String) -> JSONValue? { outputs[node] }

    public func output<T: Decodable>(_ node: String, as type: T.Type = T.self) throws(TaskFailure) -> T {
        guard let value = outputs[node] else { throw .notFound("the plan has no output of \"\(node)\"") }
        return try value.decode(type)
    }
}
