/// What an agent takes, and what it does by itself: the part of its configuration that the host reads.
///
///     {"capabilities": ["rank", "tag:summary", "market-*"],
///      "on": {"order.placed": {"task": "quote", "priority": 3, "input": {"order": {"$message": "/body"}}}}}
///
/// Without `capabilities` it takes every task of its department. In an input, `{"$message": pointer}` stands for a part
/// of the message (`id`, `type`, `from`, `body`); without `input` the run gets the message's body.
package struct AgentProfile: Hashable, Sendable {
    package static let maximumCapabilities = 256
    package static let maximumReactions = 64
    private static let tag = "tag:"

    /// Tasks by name, or `tag:` and a tag; `*` may stand at the end. Nil: all.
    package var capabilities: [String]?
    /// By the type of a message, what it starts.
    package var reactions: [String: AgentReaction]

    package init(capabilities: [String]? = nil, reactions: [String: AgentReaction] = [:]) {
        self.capabilities = capabilities.map { Set($0).sorted() }
        self.reactions = reactions
    }

    package static let all = AgentProfile()

    package func takes(_ task: String, tags: [String] = []) -> Bool {
        guard let capabilities else { return true }
        return capabilities.contains { capability in
            guard capability.hasPrefix(Self.tag) else { return Self.fits(task, capability) }
            let wanted = String(capability.dropFirst(Self.tag.count))
            return tags.contains { Self.fits($0, wanted) }
        }
    }

    /// Why a task is refused, naming what would allow it; nil when the agent takes it.
    package func refusal(of task: String, tags: [String], by agent: AgentAddress) -> Failure? {
        guard !takes(task, tags: tags) else { return nil }
        let held = capabilities.map { $0.isEmpty ? "none" : $0.joined(separator: ", ") } ?? "all"
        let needed = ([task] + tags.map { Self.tag + $0 }).joined(separator: "\" or \"")
        return Failure(.conflict, "agent \(agent) lacks the capability \"\(needed)\"; it has: \(held)")
    }

    /// Lists are ordered, so that adding twice is adding once.
    package func changing(add: [String], remove: [String], of tasks: [String]) -> AgentProfile {
        var profile = self
        // Taking one away from "all" leaves the others.
        let base = capabilities ?? (remove.isEmpty ? [] : tasks)
        profile.capabilities = Set(base).subtracting(remove).union(add).sorted()
        return profile
    }

    private static func fits(_ name: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*")
            ? name.utf8.starts(with: pattern.utf8.dropLast()) : name.utf8.elementsEqual(pattern.utf8)
    }
}

/// The run that a message starts.
package struct AgentReaction: Hashable, Sendable {
    private static let marker = "$message"

    package var task: String
    package var priority: Int
    /// With its references.
    package var input: JSONValue?

    package init(task: String, priority: Int = 2, input: JSONValue? = nil) {
        self.task = task
        self.priority = priority
        self.input = input
    }

    /// - Throws: `.notFound` when the message has nothing at a place that the input needs.
    package func input(for message: JSONValue) throws(Failure) -> JSONValue {
        guard let input else { return message["body"] ?? .null }
        return try input.replacing { value throws(Failure) in
            guard let members = value.objectValue, members.count == 1,
                let place = members[Self.marker]?.stringValue
            else { return nil }
            guard let part = JSONPointer(place)?.value(in: message) else {
                throw Failure(.notFound, "the message has nothing at \(place), which the run's input needs")
            }
            return part
        }
    }
}

// MARK: - JSON

extension AgentProfile {
    /// - Throws: `.invalid` with the place and what fits there.
    package init(json: JSONValue) throws(Failure) {
        guard let members = json.objectValue else { throw Failure(.invalid, "an agent's profile must be an object") }
        if let other = members.keys.sorted().first(where: { $0 != "capabilities" && $0 != "on" }) {
            throw Failure(.invalid, "the profile has an unknown member \(other): there are capabilities and on")
        }
        var capabilities: [String]?
        if let list = members["capabilities"], list != .null { capabilities = try Self.capabilities(list) }
        var reactions: [String: AgentReaction] = [:]
        if let on = members["on"], on != .null {
            guard let types = on.objectValue, types.count <= Self.maximumReactions else {
                throw Failure(
                    .invalid, "/on must be an object of at most \(Self.maximumReactions) message types")
            }
            for (type, value) in types {
                guard AgentMessage.isType(type) else { throw AgentMessage.wrongType(type) }
                reactions[type] = try AgentReaction(json: value, at: "/on/\(JSONPointer.escaped(type))")
            }
        }
        self.init(capabilities: capabilities, reactions: reactions)
    }

    package static func capabilities(_ list: JSONValue) throws(Failure) -> [String] {
        guard let elements = list.arrayValue, elements.count <= maximumCapabilities else {
            throw Failure(.invalid, "/capabilities must be an array of at most \(maximumCapabilities) names")
        }
        var names: [String] = []
        for element in elements {
            guard let name = element.stringValue, isCapability(name) else {
                throw Failure(
                    .invalid,
                    "/capabilities: \(element.serialized()) is no task's name and no tag: with a name, perhaps with * "
                        + "at its end")
            }
            names.append(name)
        }
        return names
    }

    package static func isCapability(_ text: String) -> Bool {
        var name = text.hasPrefix(tag) ? String(text.dropFirst(tag.count)) : text
        if name == "*" { return true }
        if name.hasSuffix("*") { name.removeLast() }
        return Name.isValid(name)
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["capabilities"] = capabilities.map { .array($0.map { .string($0) }) }
        if !reactions.isEmpty { members["on"] = .object(reactions.mapValues(\.json)) }
        return .object(members)
    }
}

extension AgentReaction {
    init(json: JSONValue, at place: String) throws(Failure) {
        guard let members = json.objectValue, let task = members["task"]?.stringValue, Name.isValid(task) else {
            throw Failure(.invalid, "\(place) must be an object with a task's name as task")
        }
        if let other = members.keys.sorted().first(where: { !["task", "priority", "input"].contains($0) }) {
            throw Failure(.invalid, "\(place) has an unknown member \(other): there are task, priority, input")
        }
        guard let priority = (members["priority"] ?? 2).integerValue, (0...4).contains(priority) else {
            throw Failure(.invalid, "\(place)/priority must be 0 (last) to 4 (first)")
        }
        self.init(task: task, priority: Int(priority), input: members["input"])
    }

    var json: JSONValue {
        var members: [String: JSONValue] = ["task": .string(task), "priority": .integer(Int64(priority))]
        members["input"] = input
        return .object(members)
    }
}
