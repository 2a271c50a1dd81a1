extension Manifest {
    package static let maximumTasks = 256
    package static let maximumTextBytes = 4_096
    package static let maximumWants = 256

    /// Reads the manifest of format 1. Members that this host does not know are tolerated; a member that is missing
    /// or has the wrong type is not. `wants`, `state_schema_version` (1), `timeout_seconds`,
    /// `heartbeat_seconds`, `retry`, `requires_approval` (false), `messages` and what ``Task/Planning`` reads may be
    /// absent.
    package init(json: JSONValue) throws(ManifestError) {
        let root = try ManifestReader(json, at: JSONPointer())
        let version = try root.integer("manifest_version")
        guard version == 1 else {
            throw ManifestError(root.pointer.appending("manifest_version"), "is \(version); this host reads 1")
        }
        let wants = try root.optional("wants").map(Wants.init(reader:)) ?? Wants()
        self.init(
            department: try root.name("department"), title: try root.text("title"),
            summary: try root.text("summary"), tasks: try Self.tasks(root), wants: wants,
            stateSchemaVersion: try root.optionalInteger("state_schema_version", in: 1...1_000_000) ?? 1)
        native = try Self.native(root)
        messages = try Self.messages(root)
    }

    private static func tasks(_ root: ManifestReader) throws(ManifestError) -> [Task] {
        let elements = try root.array("tasks")
        let place = root.pointer.appending("tasks")
        guard (1...maximumTasks).contains(elements.count) else {
            throw ManifestError(place, "must have 1 to \(maximumTasks) tasks")
        }
        var tasks = [Task]()
        var names = Set<String>()
        for (index, element) in elements.enumerated() {
            let reader = try ManifestReader(element, at: place.appending(index))
            let task = try Task(reader: reader)
            guard names.insert(task.name).inserted else {
                throw ManifestError(reader.pointer.appending("name"), "repeats the task \"\(task.name)\"")
            }
            tasks.append(task)
        }
        return tasks
    }
}

extension Manifest.Task {
    package static let maximumTimeoutSeconds = 7 * 86_400

    fileprivate init(reader: ManifestReader) throws(ManifestError) {
        self.init(
            name: try reader.name("name"), summary: try reader.text("summary"),
            inputSchema: try reader.schema("input_schema"), outputSchema: try reader.schema("output_schema"),
            timeoutSeconds: try reader.optionalInteger("timeout_seconds", in: 1...Self.maximumTimeoutSeconds),
            requiresApproval: try reader.optionalFlag("requires_approval") ?? false)
        heartbeatSeconds = try reader.optionalInteger("heartbeat_seconds", in: 1...Self.maximumTimeoutSeconds)
        planning = try Planning(reader: reader)
        guard let rule = reader.members["retry"] else { return }
        do throws(Failure) {
            retry = try RunRetryRule(json: rule)
        } catch {
            throw ManifestError(reader.pointer.appending("retry"), error.message)
        }
    }
}

/// Why a manifest is refused.
package struct ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// JSON pointer into the manifest.
    package var pointer: String
    package var message: String

    init(_ pointer: JSONPointer, _ message: String) {
        self.pointer = pointer.description
        self.message = message
    }

    package var description: String { pointer.isEmpty ? "the manifest \(message)" : "\(pointer) \(message)" }
}

/// An object of the manifest with its place, so that every refusal can name it.
struct ManifestReader {
    let members: [String: JSONValue]
    let pointer: JSONPointer

    init(_ value: JSONValue, at pointer: JSONPointer) throws(ManifestError) {
        guard case .object(let members) = value else { throw ManifestError(pointer, "must be an object") }
        self.members = members
        self.pointer = pointer
    }

    func text(_ key: String) throws(ManifestError) -> String {
        guard let text = try value(key).stringValue else { throw failure(key, "must be a string") }
        guard text.utf8.count <= Manifest.maximumTextBytes else {
            throw failure(key, "has more than \(Manifest.maximumTextBytes) bytes")
        }
        return text
    }

    func name(_ key: String) throws(ManifestError) -> String {
        let name = try text(key)
        guard Name.isValid(name) else {
            throw failure(key, "must be 1 to \(Name.maximumBytes) of a-z, 0-9, '.', '_' and '-', not \"\(name)\"")
        }
        return name
    }

    func integer(_ key: String) throws(ManifestError) -> Int64 {
        guard let number = try value(key).integerValue else { throw failure(key, "must be a whole number") }
        return number
    }

    func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws(ManifestError) -> Int? {
        guard present(key) else { return nil }
        guard let number = Int(exactly: try integer(key)), range.contains(number) else {
            throw failure(key, "must be from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func optionalFlag(_ key: String) throws(ManifestError) -> Bool? {
        guard present(key) else { return nil }
        guard let flag = try value(key).boolValue else { throw failure(key, "must be true or false") }
        return flag
    }

    func array(_ key: String) throws(ManifestError) -> [JSONValue] {
        guard let elements = try value(key).arrayValue else { throw failure(key, "must be an array") }
        return elements
    }

    /// Absent is empty.
    func strings(_ key: String) throws(ManifestError) -> [String] {
        guard present(key) else { return [] }
        let elements = try array(key)
        guard elements.count <= Manifest.maximumWants else {
            throw failure(key, "must have at most \(Manifest.maximumWants) elements")
        }
        var strings = [String]()
        for (index, element) in elements.enumerated() {
            guard let text = element.stringValue, (1...256).contains(text.utf8.count) else {
                throw ManifestError(pointer.appending(key).appending(index), "must be a string of 1 to 256 bytes")
            }
            strings.append(text)
        }
        return strings
    }

    func optional(_ key: String) throws(ManifestError) -> ManifestReader? {
        guard present(key) else { return nil }
        return try ManifestReader(try value(key), at: pointer.appending(key))
    }

    func schema(_ key: String) throws(ManifestError) -> JSONValue {
        let schema = try value(key)
        guard case .object = schema else { throw failure(key, "must be an object") }
        do {
            _ = try JSONSchema(schema)
        } catch {
            let place = JSONPointer(error.pointer)?.tokens ?? []
            throw ManifestError(JSONPointer(tokens: pointer.appending(key).tokens + place), error.message)
        }
        return schema
    }

    /// An optional member may also be null.
    private func present(_ key: String) -> Bool { (members.exactValue(forKey: key) ?? .null) != .null }

    private func value(_ key: String) throws(ManifestError) -> JSONValue {
        guard let value = members.exactValue(forKey: key) else { throw failure(key, "is missing") }
        return value
    }

    func failure(_ key: String, _ message: String) -> ManifestError {
        ManifestError(pointer.appending(key), message)
    }
}
