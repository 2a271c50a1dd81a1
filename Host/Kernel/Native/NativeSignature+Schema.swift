/// What a tool tells about itself: a function of C becomes one that a model can call.
extension NativeSignature {
    /// An object with a member for each parameter that the caller gives.
    package var argumentsSchema: JSONValue {
        let given = parameters.filter(\.isArgument)
        return Self.object(given.map { ($0.name, $0.schema) })
    }

    /// An object: `result` for what is returned, and each output by its name.
    package var resultSchema: JSONValue {
        var members: [(String, JSONValue)] = []
        switch result {
        case .void: break
        case .value(let type): members.append(("result", type.schema))
        case .string:
            let schema: JSONValue = ["type": ["string", "null"], "description": "str; null for a null pointer"]
            members.append(("result", schema))
        }
        members += parameters.filter(\.isOutput).map { ($0.name, $0.schema) }
        if reportsErrno { members.append(("errno", NativeType.scalar(.i32).schema)) }
        return Self.object(members)
    }

    static func object(_ members: [(String, JSONValue)]) -> JSONValue {
        [
            "type": "object", "properties": .object(Dictionary(members, uniquingKeysWith: { $1 })),
            "required": .array(members.map { .string($0.0) }), "additionalProperties": false,
        ]
    }
}

extension NativeParameter {
    var schema: JSONValue {
        switch form {
        case .value(let type): return type.schema
        case .array(let element, let length):
            var members: [String: JSONValue] = [
                "type": "array", "items": element.schema, "description": .string("array of \(element.summary)"),
            ]
            if direction != .output, case .count(.number(let count)) = length {
                members["minItems"] = .integer(count)
                members["maxItems"] = .integer(count)
            }
            return .object(members)
        case .bytes: return ["type": "string", "contentEncoding": "base64", "description": "bytes, in base64"]
        case .text: return ["type": "string", "description": "text"]
        case .string: return ["type": "string", "description": "text without U+0000"]
        }
    }
}

extension NativeType {
    var schema: JSONValue {
        switch self {
        case .scalar(let scalar): scalar.schema
        case .structure(let fields): NativeSignature.object(fields.map { ($0.name, $0.type.schema) })
        }
    }

    var summary: String {
        switch self {
        case .scalar(let scalar): scalar.name
        case .structure(let fields): "{\(fields.map { "\($0.type.summary) \($0.name)" }.joined(separator: ", "))}"
        }
    }
}

extension NativeScalar {
    static let nonFinite: [(name: String, value: Double)] = [
        ("NaN", .nan), ("Infinity", .infinity), ("-Infinity", -.infinity),
    ]
    /// Past it a reader that keeps numbers as doubles is wrong.
    static let exactInDouble: Int128 = 1 << 53 - 1

    fileprivate var schema: JSONValue {
        let description = JSONValue.string(name)
        switch self {
        case .bool: return ["type": "boolean"]
        case .f32, .f64:
            var number: [String: JSONValue] = ["type": "number"]
            if self == .f32 {
                // The shortest decimal of the greatest f32, which is what a result spells.
                number["minimum"] = .double(-3.4028235e38)
                number["maximum"] = .double(3.4028235e38)
            }
            let others = JSONValue.array(Self.nonFinite.map { .string($0.name) })
            return ["anyOf": [.object(number), ["enum": others]], "description": description]
        case .i64, .u64:
            // What does not fit a JSON number exactly is written in decimal digits, as a string.
            let number: JSONValue = [
                "type": "integer", "minimum": .integer(isSigned ? .min : 0), "maximum": .integer(.max),
            ]
            let digits: JSONValue = [
                "type": "string", "pattern": .string(isSigned ? "^-?[0-9]{1,19}$" : "^[0-9]{1,20}$"),
            ]
            return ["anyOf": [number, digits], "description": description]
        default:
            return [
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)), "description": description,
            ]
        }
    }
}

/// What a model provider is told about a tool: the form of OpenAI's `tools`.
package enum FunctionDefinition {
    /// - Parameter name: of the tool; a function's name there has no dot, so each becomes two underscores.
    package static func openAI(name: String, summary: String, parameters: JSONValue) -> JSONValue {
        [
            "type": "function",
            "function": [
                "name": .string(functionName(name)), "description": .string(summary), "parameters": parameters,
            ],
        ]
    }

    /// `[a-zA-Z0-9_-]{1,64}`.
    package static func functionName(_ name: String) -> String {
        String(name.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "__").prefix(64))
    }
}
