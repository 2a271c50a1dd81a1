import PluginKit

/// Runs a plan's nodes one after the other, each after those it waits for.
enum PlanRunner {
    static func run(
        _ plan: Plan, perform: (Plan.Node, JSONValue) throws -> JSONValue
    ) throws -> [String: JSONValue] {
        guard Set(plan.nodes.map(\.id)).count == plan.nodes.count else {
            throw TaskFailure.invalid("two nodes of the plan have the same id")
        }
        var outputs: [String: JSONValue] = [:]
        var waiting = plan.nodes
        while !waiting.isEmpty {
            guard let next = waiting.firstIndex(where: { $0.after.allSatisfy { outputs[$0] != nil } }) else {
                throw TaskFailure.invalid("nodes wait for each other or for none: \(waiting.map(\.id))")
            }
            let node = waiting.remove(at: next)
            outputs[node.id] = try perform(node, try resolve(node.input, outputs))
        }
        return outputs
    }

    private static func resolve(_ value: JSONValue, _ outputs: [String: JSONValue]) throws -> JSONValue {
        switch value {
        case .array(let elements):
            return .array(try elements.map { try resolve($0, outputs) })
        case .object(let members):
            guard let source = members["$from"]?.stringValue else {
                return .object(try members.mapValues { try resolve($0, outputs) })
            }
            let pointer = members["pointer"]?.stringValue ?? ""
            guard let output = outputs[source], let part = follow(pointer, in: output) else {
                throw TaskFailure.invalid("the plan has no \(source)\(pointer) at that point")
            }
            return part
        default:
            return value
        }
    }

    /// JSON Pointer, RFC 6901.
    static func follow(_ pointer: String, in document: JSONValue) -> JSONValue? {
        if pointer.isEmpty { return document }
        guard pointer.hasPrefix("/") else { return nil }
        return pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
            .reduce(Optional(document)) { value, token in
                switch value {
                case .object(let members): return members[unescape(token)]
                case .array(let elements):
                    guard let index = Int(token), elements.indices.contains(index) else { return nil }
                    return elements[index]
                default: return nil
                }
            }
    }

    /// `~1` is `/` and `~0` is `~`, read from the left.
    private static func unescape(_ token: Substring) -> String {
        var text = ""
        var rest = token
        while let character = rest.popFirst() {
            switch (character, rest.first) {
            case ("~", "1"): text.append("/")
            case ("~", "0"): text.append("~")
            default:
                text.append(character)
                continue
            }
            rest.removeFirst()
        }
        return text
    }
}
