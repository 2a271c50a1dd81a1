/// How many of the edges in `after` must hold before a node starts. What its input refers to must be done in any case.
package enum PlanJoin: Hashable, Sendable {
    case all
    case atLeast(Int)
    /// All have ended, however they did: for what cleans up.
    case settled
}

/// What happens to others when a node fails.
package enum PlanFailurePolicy: String, Hashable, Sendable, CaseIterable {
    /// What depends on it is skipped; the rest goes on.
    case skip
    /// Everything else of the plan is stopped.
    case cancel
    /// For what comes after it, it counts as done; its output is missing.
    case `continue`
}

/// A dependency that `after` names: `"gaps"`, or
/// `{"node": "gaps", "on": "failure", "when": {"pointer": "/score", "is": ">=", "value": 0.7}}`.
package struct PlanEdge: Hashable, Sendable {
    package enum Trigger: String, Hashable, Sendable, CaseIterable {
        case success, failure
        /// Also when it was skipped or cancelled.
        case always
    }

    package let node: String
    package let trigger: Trigger
    /// About the node's output.
    package let condition: PlanCondition?
}

/// A comparison with a part of an output. Numbers compare by value; where nothing is at the pointer, or the kinds
/// differ, nothing but ``Comparison/notEqual`` holds.
package struct PlanCondition: Hashable, Sendable {
    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
    }

    package let pointer: JSONPointer
    package let comparison: Comparison
    package let value: JSONValue

    package func holds(for output: JSONValue) -> Bool {
        guard let part = pointer.value(in: output) else { return comparison == .notEqual }
        let order = SchemaComparison.order(part, value)
        return switch comparison {
        case .equal: SchemaComparison.isSame(part, value)
        case .notEqual: !SchemaComparison.isSame(part, value)
        case .less: order.map { $0 < 0 } ?? false
        case .atMost: order.map { $0 <= 0 } ?? false
        case .greater: order.map { $0 > 0 } ?? false
        case .atLeast: order.map { $0 >= 0 } ?? false
        }
    }
}
