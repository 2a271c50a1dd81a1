import Kernel

/// JSON Schemas of what the API takes and gives, in few words. One with a title is a component of the OpenAPI document.
enum Schema {
    static let string: JSONValue = ["type": "string"]
    static let boolean: JSONValue = ["type": "boolean"]
    static let integer: JSONValue = ["type": "integer"]
    static let number: JSONValue = ["type": "number"]
    static let anything: JSONValue = [:]
    static let anyObject: JSONValue = ["type": "object"]
    static let time: JSONValue = ["type": "string", "format": "date-time"]
    static let date: JSONValue = ["type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"]
    static let runID: JSONValue = ["type": "string", "format": "uuid"]
    static let digest: JSONValue = ["type": "string", "pattern": "^[0-9a-f]{64}$"]
    /// Who did it, as they said while the secure mode is off; otherwise it is who asks.
    static let by = text(200)
    static let reason = text(2_000)
    static let dollars: JSONValue = ["type": "string", "pattern": "^\\$?[0-9]{1,9}(\\.[0-9]{1,9})?$"]
    static let taskName: JSONValue = ["type": "string", "minLength": 3, "maxLength": 130]
    static let page: JSONValue = ["type": "integer", "minimum": 1, "maximum": 200]
    static let position: JSONValue = ["type": "integer", "minimum": 0]
    static let cursor: JSONValue = ["type": "string", "maxLength": 200]

    /// Not empty.
    static func text(_ maximum: Int64) -> JSONValue {
        ["type": "string", "minLength": 1, "maxLength": .integer(maximum)]
    }

    static func oneOf(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map { .string($0) })]
    }

    static func count(_ minimum: Int64, _ maximum: Int64) -> JSONValue {
        ["type": "integer", "minimum": .integer(minimum), "maximum": .integer(maximum)]
    }

    static func list(_ of: JSONValue, _ least: Int64? = nil, _ most: Int64? = nil) -> JSONValue {
        var members: [String: JSONValue] = ["type": "array", "items": of]
        members["minItems"] = least.map { .integer($0) }
        members["maxItems"] = most.map { .integer($0) }
        return .object(members)
    }

    static func map(_ of: JSONValue) -> JSONValue { ["type": "object", "additionalProperties": of] }

    /// Or null.
    static func optional(_ schema: JSONValue) -> JSONValue {
        guard case .object(var members) = schema, members["enum"] == nil, members["title"] == nil,
            let type = members["type"]?.stringValue
        else { return ["anyOf": [schema, ["type": "null"]]] }
        members["type"] = [.string(type), "null"]
        return .object(members)
    }

    /// What the host answers with: these members are always there, the others where they mean something.
    static func answer(
        _ title: String, _ members: [String: JSONValue], sometimes: [String: JSONValue] = [:]
    ) -> JSONValue {
        var schema = answer(members, sometimes: sometimes).objectValue ?? [:]
        schema["title"] = .string(title)
        return .object(schema)
    }

    static func answer(_ members: [String: JSONValue], sometimes: [String: JSONValue] = [:]) -> JSONValue {
        var schema: [String: JSONValue] = ["type": "object", "properties": .object(members.merging(sometimes) { $1 })]
        schema["required"] = required(members)
        return .object(schema)
    }

    /// OpenAPI 3.0 knows no empty list.
    private static func required(_ members: [String: JSONValue]) -> JSONValue? {
        members.isEmpty ? nil : .array(members.keys.sorted().map { .string($0) })
    }

    /// What the host takes: nothing but these members.
    static func input(
        _ required: [String: JSONValue] = [:], optional: [String: JSONValue] = [:], least: Int64? = nil
    ) -> JSONValue {
        var schema: [String: JSONValue] = [
            "type": "object", "additionalProperties": false, "properties": .object(required.merging(optional) { $1 }),
        ]
        schema["required"] = Self.required(required)
        schema["minProperties"] = least.map { .integer($0) }
        return .object(schema)
    }

    /// `{"jobs": [...]}`.
    static func named(_ name: String, _ of: JSONValue) -> JSONValue { answer([name: list(of)]) }

    /// A page of it, and where the next one begins.
    static func page(_ name: String, _ of: JSONValue, next: String, _ position: JSONValue) -> JSONValue {
        answer([name: list(of), next: optional(position)])
    }

    /// RFC 9457.
    static let problem = answer(
        "Problem",
        ["type": string, "title": string, "status": integer, "code": string, "detail": string],
        sometimes: [
            "request_id": string,
            "errors": list(
                answer(
                    [:],
                    sometimes: [
                        "pointer": string, "parameter": string, "message": string, "keyword": string, "step": anything,
                        "task": anything, "detail": anything,
                    ])),
        ])
}
