/// The tasks of all departments that take work, with what planners go by. Where a manifest is silent, an estimate
/// stands, and says so.
package struct TaskCatalogue: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var reference: TaskReference
        package var summary: String
        package var planning: Manifest.Task.Planning
        package var inputSchema: JSONValue
        package var outputSchema: JSONValue
        package var requiresApproval: Bool

        package static let estimatedSeconds = 60
        package static let estimatedPriority = 2

        package var requiredInputs: [String] {
            inputSchema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
        }

        /// More to be told is more that can go wrong.
        package var complexity: Manifest.Task.Planning.Complexity {
            planning.complexity
                ?? (requiredInputs.count <= 2 ? .low : requiredInputs.count <= 6 ? .medium : .high)
        }

        package var durationSeconds: Int { planning.durationSeconds ?? Self.estimatedSeconds }
        package var priority: Int { planning.priority ?? Self.estimatedPriority }
        var isEstimated: Bool { planning.complexity == nil || planning.durationSeconds == nil }
    }

    package struct Department: Hashable, Sendable {
        package var name: String
        package var title: String
        package var summary: String
        package var tasks: [Entry]
    }

    /// By name.
    package let departments: [Department]

    package init(_ manifests: [Manifest]) {
        departments = manifests.map { manifest in
            Department(
                name: manifest.department, title: manifest.title, summary: manifest.summary,
                // What makes plans is no step of one.
                tasks: manifest.tasks.filter { !$0.planning.isPlanner }.map { task in
                    Entry(
                        reference: TaskReference(department: manifest.department, task: task.name),
                        summary: task.summary, planning: task.planning, inputSchema: task.inputSchema,
                        outputSchema: task.outputSchema, requiresApproval: task.requiresApproval)
                })
        }.sorted { $0.name < $1.name }
    }

    func department(_ name: String) -> Department? { departments.first { $0.name == name } }

    package var json: JSONValue {
        ["tasks": .array(departments.flatMap(\.tasks).map(\.json))]
    }
}

extension TaskCatalogue.Entry {
    package var json: JSONValue {
        [
            "task": .string(reference.description), "summary": .string(summary),
            "complexity": .string(complexity.rawValue), "duration_seconds": .integer(Int64(durationSeconds)),
            "priority": .integer(Int64(priority)), "estimated": .bool(isEstimated),
            "resources": .array(planning.resources.map { .string($0) }),
            "tags": .array(planning.tags.map { .string($0) }),
            "keywords": .array(planning.keywords.map { .string($0) }),
            "required_inputs": .array(requiredInputs.map { .string($0) }),
            "requires_approval": .bool(requiresApproval),
        ]
    }
}
