import Kernel

/// What clients may rely on: which operations there are, what they take and must be given, and what answers always
/// hold.
struct Contract {
    let json: JSONValue

    init(_ description: APIDescription) {
        var all: [String: JSONValue] = [:]
        for operation in description.operations where operation.item["servers"] == nil {
            var parameters: [String: JSONValue] = [:], duties: [String] = []
            for parameter in operation.parameters {
                let name = "\(parameter["in"]?.stringValue ?? "") \(parameter["name"]?.stringValue ?? "")"
                parameters[name] = Self.type(parameter["schema"])
                if parameter["required"] == true { duties.append(name) }
            }
            let request = operation.item["requestBody"]
            let schema = request?["content"]?["application/json"]?["schema"]
            if request?["required"] == true { duties.append("body") }
            duties += (schema?["required"]?.arrayValue ?? []).compactMap { $0.stringValue.map { "body /\($0)" } }
            var answers: [String: JSONValue] = [:]
            for (status, answer) in operation.item["responses"]?.objectValue ?? [:] where status.hasPrefix("2") {
                answers[status] = "answer"
                let promised = answer["content"]?["application/json"]?["schema"]
                Self.collect(promised, "\(status) ", description.document, into: &answers, depth: 0)
            }
            all["\(operation.method) \(operation.path)"] = [
                "parameters": .object(parameters), "duties": .array(duties.sorted().map { .string($0) }),
                "body": .object((schema?["properties"]?.objectValue ?? [:]).mapValues(Self.type)),
                "answers": .object(answers),
            ]
        }
        json = .object(all)
    }

    /// What is no longer as it was.
    static func breaks(from then: JSONValue, to now: JSONValue) -> [String] {
        var breaks: [String] = []
        for (name, old) in (then.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard let new = now[name] else {
                breaks.append("\(name) is gone")
                continue
            }
            for part in ["parameters", "body", "answers"] {
                for (member, type) in (old[part]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key })
                where new[part]?[member] != type {
                    breaks.append("\(name): \(part) \(member) was \(type.serialized())")
                }
            }
            let known = Set(old["duties"]?.arrayValue ?? [])
            for duty in new["duties"]?.arrayValue ?? [] where !known.contains(duty) {
                breaks.append("\(name): \(duty.serialized()) must be given now")
            }
        }
        return breaks
    }

    /// Members that are always there, by place.
    private static func collect(
        _ schema: JSONValue?, _ place: String, _ document: JSONValue, into all: inout [String: JSONValue], depth: Int
    ) {
        guard depth < 5, var schema else { return }
        if let reference = schema["$ref"]?.stringValue?.split(separator: "/").last {
            schema = document["components"]?["schemas"]?[String(reference)] ?? [:]
        }
        let required = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        for name in required {
            guard let member = schema["properties"]?[name] else { continue }
            all["\(place)/\(name)"] = type(member)
            collect(member, "\(place)/\(name)", document, into: &all, depth: depth + 1)
        }
        if let items = schema["items"] { collect(items, "\(place)/*", document, into: &all, depth: depth + 1) }
    }

    private static func type(_ schema: JSONValue?) -> JSONValue {
        if let reference = schema?["$ref"] { return reference }
        if let type = schema?["type"] { return type }
        if let options = schema?["anyOf"]?.arrayValue { return .array(options.map(type)) }
        return "anything"
    }
}
