/// An event starts a run: which events, which task, and with what input.
///
///     {"filter": {"topics": ["run.failed"]}, "task": "safety/incident", "agent": "default", "priority": 3,
///      "input": {"run": {"$event": "/subject"}, "reason": {"$event": "/data/message"}}}
///
/// In the input, `{"$event": pointer}` stands for a part of the event as ``CloudEvent`` spells it. Without `input`
/// the whole event is.
package struct TriggerRule: Hashable, Sendable {
    /// Runs may start one another by events so many times in a row.
    package static let maximumChain = 16
    private static let marker = "$event"

    package var filter: EventFilter
    package var task: TaskReference
    package var agent: String?
    package var priority: Int
    /// With its references.
    package var input: JSONValue?

    package init(
        filter: EventFilter, task: TaskReference, agent: String? = nil, priority: Int = 2, input: JSONValue? = nil
    ) {
        self.filter = filter
        self.task = task
        self.agent = agent
        self.priority = priority
        self.input = input
    }

    /// - Throws: `.notFound` when the event has nothing at a place that the input needs.
    package func input(for event: JSONValue) throws(Failure) -> JSONValue {
        guard let input else { return event }
        return try input.replacing { value throws(Failure) in
            guard let members = value.objectValue, members.count == 1, let place = members[Self.marker]?.stringValue
            else { return nil }
            guard let part = JSONPointer(place)?.value(in: event) else {
                throw Failure(.notFound, "the event has nothing at \(place), which the trigger's input needs")
            }
            return part
        }
    }
}

extension TriggerRule {
    /// - Throws: `.invalid` with the place and what fits there.
    package init(json: JSONValue) throws(Failure) {
        guard let members = json.objectValue else { throw Failure(.invalid, "a trigger must be an object") }
        let known: Set = ["filter", "task", "agent", "priority", "input"]
        if let other = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw Failure(
                .invalid, "the trigger has an unknown member \(other): there are filter, task, agent, priority, input")
        }
        guard let task = members["task"]?.stringValue.flatMap({ TaskReference($0) }) else {
            throw Failure(.invalid, "the trigger's /task must be a department and a task, such as finance/budget")
        }
        let priority = members["priority"] ?? 2
        guard let number = priority.integerValue, (0...4).contains(number) else {
            throw Failure(.invalid, "the trigger's /priority must be 0 (last) to 4 (first)")
        }
        let agent = members["agent"]?.stringValue
        guard (agent == nil) == (members["agent"] == nil), agent.map({ Name.isValid($0) }) ?? true else {
            throw Failure(.invalid, "the trigger's /agent must be an agent's name")
        }
        let filter = try EventFilter(json: members["filter"] ?? [:])
        if let input = members["input"] { try Self.check(input, "/input") }
        self.init(filter: filter, task: task, agent: agent, priority: Int(number), input: members["input"])
    }

    private static func check(_ value: JSONValue, _ pointer: String) throws(Failure) {
        switch value {
        case .array(let elements):
            for (index, element) in elements.enumerated() { try check(element, "\(pointer)/\(index)") }
        case .object(let members):
            if let reference = members[marker] {
                guard members.count == 1, let place = reference.stringValue, JSONPointer(place) != nil else {
                    throw Failure(
                        .invalid,
                        "the trigger's \(pointer)/\(marker) must stand alone and be a pointer into the event, such as "
                            + "/data/task")
                }
                return
            }
            for (name, member) in members { try check(member, "\(pointer)/\(JSONPointer.escaped(name))") }
        case .null, .bool, .integer, .double, .string: return
        }
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "filter": filter.json, "task": .string(task.description), "priority": .integer(Int64(priority)),
        ]
        members["agent"] = agent.map { .string($0) }
        members["input"] = input
        return .object(members)
    }
}
