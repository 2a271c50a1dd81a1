/// A JSON Schema (the subset of draft 2020-12 that a host checks), while it is being derived and refined.
struct Schema {
    indirect enum Kind {
        /// Accepts every value.
        case any
        case string, integer, number, boolean
        case array(Schema)
        /// An object with free keys.
        case map(Schema)
        case object([Property])
    }

    struct Property {
        var name: String
        var schema: Schema
        var isRequired: Bool
    }

    var kind: Kind
    var description: String?
    var enumeration: [JSONValue]?
    var minimum, maximum: Double?
    var minLength, maxLength, minItems, maxItems: Int?
    var pattern: String?

    init(_ kind: Kind) { self.kind = kind }
}

extension Schema {
    var json: JSONValue {
        var members: [String: JSONValue] = [:]
        switch kind {
        case .any: break
        case .string: members["type"] = "string"
        case .integer: members["type"] = "integer"
        case .number: members["type"] = "number"
        case .boolean: members["type"] = "boolean"
        case .array(let element):
            members["type"] = "array"
            members["items"] = element.json
        case .map(let value):
            members["type"] = "object"
            members["additionalProperties"] = value.json
        case .object(let properties):
            members["type"] = "object"
            members["additionalProperties"] = false
            members["properties"] = .object(
                Dictionary(properties.map { ($0.name, $0.schema.json) }, uniquingKeysWith: { $1 }))
            let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
            if !required.isEmpty { members["required"] = .array(required) }
        }
        members["description"] = description.map(JSONValue.string)
        members["enum"] = enumeration.map(JSONValue.array)
        members["minimum"] = minimum.map(Self.number)
        members["maximum"] = maximum.map(Self.number)
        members["minLength"] = minLength.map { .integer(Int64($0)) }
        members["maxLength"] = maxLength.map { .integer(Int64($0)) }
        members["minItems"] = minItems.map { .integer(Int64($0)) }
        members["maxItems"] = maxItems.map { .integer(Int64($0)) }
        members["pattern"] = pattern.map(JSONValue.string)
        return .object(members)
    }

    private static func number(_ value: Double) -> JSONValue {
        Int64(exactly: value).map(JSONValue.integer) ?? .double(value)
    }
}
