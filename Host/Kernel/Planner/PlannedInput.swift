/// The input of a planned step, as far as the text, the given data and the steps before it tell, and what is missing.
package struct PlannedInput: Hashable, Sendable {
    /// Members that hold what the person said.
    private static let prose: Set<String> = [
        "query", "question", "text", "intent", "topic", "task", "goal", "idea", "title", "prompt", "description",
        "subject", "message",
    ]
    /// Members that hold how many.
    private static let counts: Set<String> = ["limit", "top", "max_results", "max_gaps", "count", "number"]

    package var value: JSONValue
    /// By member, where it came from.
    package var origins: [String: String]
    /// Why the step cannot start as it is; empty when it can.
    package var problems: [SchemaViolation]

    init(
        _ task: TaskCatalogue.Entry, _ text: PlannerText, _ before: [ProposedPlan.Step], _ data: [String: JSONValue]
    ) {
        let properties = task.inputSchema["properties"]?.objectValue ?? [:]
        let required = Set(task.requiredInputs)
        var members: [String: JSONValue] = [:], origins: [String: String] = [:]
        for name in Set(properties.keys).union(required).sorted() {
            let schema = properties[name] ?? [:]
            if let given = data[name] {
                (members[name], origins[name]) = (given, "data")
            } else if let (value, origin) = Self.value(name, schema, isRequired: required.contains(name), text) {
                (members[name], origins[name]) = (value, origin)
            } else if required.contains(name), let source = Self.source(name, schema, before) {
                members[name] = ["$from": .string(source), "pointer": .string("/\(JSONPointer.escaped(name))")]
                origins[name] = "output of \(source)"
            }
        }
        value = .object(members)
        self.origins = origins
        problems = Self.problems(task, members)
    }

    private static func value(
        _ name: String, _ schema: JSONValue, isRequired: Bool, _ text: PlannerText
    ) -> (JSONValue, String)? {
        let type = schema["type"]?.stringValue
        if let words = schema["enum"]?.arrayValue?.compactMap(\.stringValue), !words.isEmpty {
            return words.first { text.contains(PlannerText.words($0)) }.map { (.string($0), "a word of the text") }
        }
        if type == "integer", counts.contains(name), let number = text.words.lazy.compactMap({ Int64($0) }).first {
            return (.integer(number), "a number in the text")
        }
        if name == "path", type == "string" {
            let path = text.text.split { $0.isWhitespace }.first { $0.hasPrefix("/") || $0.hasPrefix("./") }
            return path.map { (.string(String($0)), "a path in the text") }
        }
        guard isRequired else { return nil }
        if let standard = schema["default"] { return (standard, "the schema's default") }
        return type == "string" && prose.contains(name) ? (.string(text.text), "the text") : nil
    }

    /// The step before whose output has a member of this name and type.
    private static func source(_ name: String, _ schema: JSONValue, _ before: [ProposedPlan.Step]) -> String? {
        before.first { step in
            guard let member = step.chosen.task.outputSchema["properties"]?[name] else { return false }
            return member["type"] == schema["type"]
        }?.id
    }

    /// What comes from a step before it is checked when it is there.
    private static func problems(_ task: TaskCatalogue.Entry, _ members: [String: JSONValue]) -> [SchemaViolation] {
        guard let schema = try? JSONSchema(task.inputSchema) else { return [] }
        let later = Set(members.filter { $0.value["$from"] != nil }.keys.map { "/\(JSONPointer.escaped($0))" })
        return schema.validate(.object(members)).filter { violation in
            !later.contains { violation.pointer == $0 || violation.pointer.hasPrefix($0 + "/") }
        }
    }
}
