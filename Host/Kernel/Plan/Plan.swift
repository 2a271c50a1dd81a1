/// A directed acyclic graph of department tasks, as a plugin or a person submits it:
///
///     {"nodes": [
///        {"id": "gaps", "department": "research", "task": "market-gaps", "input": {"question": "…"}},
///        {"id": "case", "department": "finance", "task": "npv",
///         "input": {"flows": {"$from": "gaps", "pointer": "/gaps/0/flows"}}, "after": []}]}
///
/// In an input, `{"$from": node, "pointer": place}` stands for a part of that node's output (all of it without
/// `pointer`) and makes it a dependency. `after` adds dependencies without data, if wanted with conditions
/// (``PlanEdge``); `join` says how many of them must hold (``PlanJoin``), `on_failure` what a failure means for the
/// others (``PlanFailurePolicy``). ``PlanProgress`` goes through a plan by these rules.
package struct Plan: Hashable, Sendable {
    package static let maximumNodes = 1_000

    package struct Node: Hashable, Sendable {
        package let id: String
        package let task: TaskReference
        /// With its references.
        package let input: JSONValue
        /// From `after`.
        package let edges: [PlanEdge]
        /// Nodes whose outputs the input refers to.
        package let references: [String]
        /// What must have ended before: `after` and the references, in the order of the plan.
        package let dependencies: [String]
        package let join: PlanJoin
        package let onFailure: PlanFailurePolicy
    }

    /// As written.
    package let nodes: [Node]
    /// Every node after what it depends on; where that leaves a choice, as written.
    package let topologicalOrder: [String]
    private let positions: [String: Int]

    /// - Throws: ``PlanError`` with everything that is wrong, not only the first.
    package init(json: JSONValue) throws(PlanError) {
        var reader = PlanReader()
        let nodes = reader.readNodes(json)
        guard reader.problems.isEmpty else { throw PlanError(problems: reader.problems) }
        self.nodes = nodes
        positions = Dictionary(nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        topologicalOrder = Self.order(nodes)
        guard topologicalOrder.count == nodes.count else {
            let circle = Self.circle(nodes, without: Set(topologicalOrder)).joined(separator: " → ")
            let message = "form a circle, in which each depends on the next: \(circle)"
            throw PlanError(problems: [PlanError.Problem(pointer: "/nodes", message: message)])
        }
    }

    package func node(_ id: String) -> Node? { positions[id].map { nodes[$0] } }

    /// The node's input with every reference replaced by what it points to.
    ///
    /// - Throws: ``Failure`` `.notFound` when an output is missing or has nothing at the pointer.
    package func resolvedInput(_ node: Node, outputs: [String: JSONValue]) throws(Failure) -> JSONValue {
        try node.input.replacing { value throws(Failure) in
            guard let reference = PlanReference(value) else { return nil }
            guard let output = outputs[reference.node], let part = reference.pointer.value(in: output) else {
                let place = reference.pointer.description
                throw Failure(
                    .notFound,
                    "node \(node.id) needs \(place.isEmpty ? "the output" : place) of node \(reference.node), "
                        + "which has no such value")
            }
            return part
        }
    }

    /// One circle, from a node back to itself. Every node outside the order depends on another such node.
    private static func circle(_ nodes: [Node], without ordered: Set<String>) -> [String] {
        let stuck = nodes.filter { !ordered.contains($0.id) }
        var next: [String: String] = [:]
        for node in stuck { next[node.id] = node.dependencies.first { !ordered.contains($0) } }
        var path: [String] = []
        var seen: [String: Int] = [:]
        var id = stuck.first?.id
        while let current = id {
            if let start = seen[current] { return Array(path[start...]) + [current] }
            seen[current] = path.count
            path.append(current)
            id = next[current]
        }
        return path
    }

    /// Kahn's algorithm, taking the first ready node as written; shorter than the plan when there is a circle.
    private static func order(_ nodes: [Node]) -> [String] {
        var dependents = [String: [Int]]()
        var waitsFor = nodes.map(\.dependencies.count)
        for (index, node) in nodes.enumerated() {
            for dependency in node.dependencies { dependents[dependency, default: []].append(index) }
        }
        var ready = Set(nodes.indices.filter { waitsFor[$0] == 0 })
        var order = [String]()
        while let index = ready.min() {
            ready.remove(index)
            order.append(nodes[index].id)
            for dependent in dependents[nodes[index].id] ?? [] {
                waitsFor[dependent] -= 1
                if waitsFor[dependent] == 0 { ready.insert(dependent) }
            }
        }
        return order
    }
}

/// Everything that is wrong with a plan.
package struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
    package struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// JSON pointer into the plan.
        package var pointer: String
        package var message: String

        package var description: String { pointer.isEmpty ? "the plan \(message)" : "\(pointer) \(message)" }
    }

    package var problems: [Problem]

    package var description: String { problems.map(\.description).joined(separator: "; ") }
}

/// `{"$from": node, "pointer": place}`.
struct PlanReference {
    static let marker = "$from"

    var node: String
    var pointer: JSONPointer

    /// Nil when the value is not a well-formed reference.
    init?(_ value: JSONValue) {
        guard case .object(let members) = value, let node = members[Self.marker]?.stringValue,
            members.count == (members["pointer"] == nil ? 1 : 2),
            let pointer = members["pointer"].map({ $0.stringValue.flatMap { JSONPointer($0) } }) ?? JSONPointer()
        else { return nil }
        self.node = node
        self.pointer = pointer
    }
}
