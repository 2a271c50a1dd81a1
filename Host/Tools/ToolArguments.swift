import Kernel

/// Reads the members of a tool's arguments with the tool's own defaults and bounds. The host has validated the
/// schema before; these checks hold for direct callers too.
struct ToolArguments {
    let tool: String
    let members: [String: JSONValue]

    init(_ arguments: JSONValue, tool: String) throws(Failure) {
        guard let members = arguments.objectValue else {
            throw Failure(.invalid, "\(tool): the arguments must be a JSON object")
        }
        self.tool = tool
        self.members = members
    }

    func string(_ key: String) throws(Failure) -> String {
        guard let text = members[key]?.stringValue else { throw Failure(.invalid, "\(tool): /\(key) must be a string") }
        return text
    }

    func integer(_ key: String, default value: Int, in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard let member = members[key], member != .null else { return value }
        guard let number = member.integerValue.flatMap(Int.init(exactly:)), range.contains(number) else {
            throw Failure(
                .invalid, "\(tool): /\(key) must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func strings(_ key: String, maximumCount: Int) throws(Failure) -> [String] {
        let texts = members[key]?.arrayValue?.compactMap(\.stringValue) ?? []
        guard !texts.isEmpty, texts.count == members[key]?.arrayValue?.count, texts.count <= maximumCount else {
            throw Failure(.invalid, "\(tool): /\(key) must be an array of 1 to \(maximumCount) strings")
        }
        return texts
    }
}

/// Short forms for writing schemas.
enum Schema {
    static func object(_ properties: [String: JSONValue], required: [String]) -> JSONValue {
        [
            "type": "object", "properties": .object(properties), "required": .array(required.map(JSONValue.string)),
            "additionalProperties": false,
        ]
    }

    static func array(of items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    static func string(_ description: String) -> JSONValue {
        ["type": "string", "description": .string(description)]
    }

    static func integer(_ description: String, in range: ClosedRange<Int>? = nil) -> JSONValue {
        var members: [String: JSONValue] = ["type": "integer", "description": .string(description)]
        if let range {
            members["minimum"] = .integer(Int64(range.lowerBound))
            members["maximum"] = .integer(Int64(range.upperBound))
        }
        return .object(members)
    }

    static func boolean(_ description: String) -> JSONValue {
        ["type": "boolean", "description": .string(description)]
    }
}
