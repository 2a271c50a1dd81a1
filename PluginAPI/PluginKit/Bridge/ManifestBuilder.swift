package import FoundationEssentials

/// The manifest as the host reads it, with the schemas derived from the tasks' types.
package enum ManifestBuilder {
    package static func json<D: Department>(for type: D.Type) throws(TaskFailure) -> Data {
        let manifest = type.manifest
        guard isName(manifest.department) else {
            throw .invalid("the department's name \"\(manifest.department)\" is not [a-z0-9][a-z0-9._-]*")
        }
        guard !manifest.id.isEmpty, !manifest.version.isEmpty, !type.tasks.isEmpty else {
            throw .invalid("a department needs an id, a version and at least one task")
        }
        var names: Set<String> = []
        var tasks: [JSONValue] = []
        for task in type.tasks {
            guard isName(task.name), names.insert(task.name).inserted else {
                throw .invalid("the task name \"\(task.name)\" is used twice or is not [a-z0-9][a-z0-9._-]*")
            }
            tasks.append(try json(task))
        }
        let stateSchemaVersion = (type as? any StatefulDepartment.Type)?.stateSchemaVersion ?? 1
        let document: JSONValue = [
            "manifest_version": 1,
            "id": .string(manifest.id),
            "department": .string(manifest.department),
            "title": .string(manifest.title),
            "summary": .string(manifest.summary),
            "version": .string(manifest.version),
            "tasks": .array(tasks),
            "wants": try JSONValue(encoding: manifest.wants),
            "state_schema_version": .integer(Int64(stateSchemaVersion)),
        ]
        return try JSONCoding.encode(document, "the manifest")
    }

    private static func json<D: Department>(_ task: TaskDefinition<D>) throws(TaskFailure) -> JSONValue {
        let schemas: (input: JSONValue, output: JSONValue)
        do throws(TaskFailure) {
            schemas = try task.deriveSchemas()
        } catch {
            throw TaskFailure(error.status, "task \(task.name): \(error.message)")
        }
        var members: [String: JSONValue] = [
            "name": .string(task.name), "summary": .string(task.summary),
            "input_schema": schemas.input, "output_schema": schemas.output,
            "requires_approval": .bool(task.requiresApproval),
        ]
        members["timeout_seconds"] = task.timeoutSeconds.map { .integer(Int64($0)) }
        members["heartbeat_seconds"] = task.heartbeatSeconds.map { .integer(Int64($0)) }
        if let retry = task.retry { members["retry"] = try JSONValue(encoding: retry) }
        if let planning = task.planning, case .object(let told) = try JSONValue(encoding: planning) {
            members.merge(told) { own, _ in own }
        }
        return .object(members)
    }

    /// `[a-z0-9][a-z0-9._-]*`
    private static func isName(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard let first = text.utf8.first, isAlphanumeric(first), text.utf8.count <= 256 else { return false }
        return text.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
    }
}
