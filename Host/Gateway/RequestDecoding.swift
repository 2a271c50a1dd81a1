import Kernel

/// Reads what a plugin sent as messages and options, naming the place of what is wrong.
enum RequestDecoding {
    private static let maximumStops = 16
    private static let maximumTools = 128
    private static let noParameters: JSONValue = ["type": "object", "properties": [:], "additionalProperties": false]

    static func messages(_ bytes: [UInt8], maximumCount: Int) throws(Failure) -> [ChatMessage] {
        guard let elements = try parse(bytes, called: "messages").arrayValue else {
            throw invalid("messages", "", "must be an array")
        }
        guard !elements.isEmpty else { throw invalid("messages", "", "must not be empty") }
        guard elements.count <= maximumCount else {
            throw Failure(.tooLarge, "\(elements.count) messages; the limit is \(maximumCount)")
        }
        var messages = [ChatMessage]()
        for (index, element) in elements.enumerated() {
            messages.append(try MessageDecoding.message(element, at: "/\(index)"))
        }
        return messages
    }

    static func options(_ bytes: [UInt8]) throws(Failure) -> ModelOptions {
        guard !bytes.isEmpty else { return ModelOptions() }
        guard let members = try parse(bytes, called: "options").objectValue else {
            throw invalid("options", "", "must be an object")
        }
        var options = ModelOptions()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "temperature_milli":
                guard let number = value.integerValue, (0...2000).contains(number) else {
                    throw invalid("options", "/temperature_milli", "must be an integer from 0 to 2000")
                }
                options.temperatureMilli = Int(number)
            case "stop": options.stop = try stops(value)
            case "seed":
                guard let seed = value.integerValue else { throw invalid("options", "/seed", "must be an integer") }
                options.seed = seed
            case "response_schema": options.responseSchema = try schema(value, at: "/response_schema")
            case "tools": options.tools = try tools(value)
            case "tool_choice": options.toolChoice = try choice(value)
            case "parallel_tool_calls":
                guard let flag = value.boolValue else {
                    throw invalid("options", "/parallel_tool_calls", "must be true or false")
                }
                options.allowsParallelCalls = flag
            case "repairs":
                guard let count = value.integerValue, (0...Int64(ModelOptions.largestRepairs)).contains(count) else {
                    throw invalid(
                        "options", "/repairs", "must be an integer from 0 to \(ModelOptions.largestRepairs)")
                }
                options.repairs = Int(count)
            default: throw Failure(.unsupported, "options /\(name): this host does not know it")
            }
        }
        if case .tool(let name) = options.toolChoice, !options.tools.contains(where: { $0.name == name }) {
            throw invalid("options", "/tool_choice", "names no tool of /tools")
        }
        if options.toolChoice == .required, options.tools.isEmpty {
            throw invalid("options", "/tool_choice", "needs /tools")
        }
        return options
    }

    private static func tools(_ value: JSONValue) throws(Failure) -> [ToolDefinition] {
        guard let elements = value.arrayValue, elements.count <= maximumTools else {
            throw invalid("options", "/tools", "must be an array of at most \(maximumTools) tools")
        }
        var tools = [ToolDefinition]()
        for (index, element) in elements.enumerated() {
            let place = "/tools/\(index)"
            guard let members = element.objectValue else { throw invalid("options", place, "must be an object") }
            for name in members.keys.sorted() where !["name", "description", "parameters"].contains(name) {
                throw Failure(.unsupported, "options \(place)/\(name): this host does not know it")
            }
            guard let name = members["name"]?.stringValue, ToolDefinition.isName(name) else {
                throw invalid("options", place + "/name", "must be 1 to 64 letters, digits, _ and -")
            }
            guard !tools.contains(where: { $0.name == name }) else {
                throw invalid("options", place + "/name", "stands for another tool already")
            }
            let description = members["description"] ?? ""
            guard let description = description.stringValue else {
                throw invalid("options", place + "/description", "must be a string")
            }
            let parameters = try schema(members["parameters"] ?? noParameters, at: place + "/parameters")
            tools.append(ToolDefinition(name: name, description: description, parameters: parameters))
        }
        return tools
    }

    private static func choice(_ value: JSONValue) throws(Failure) -> ToolChoice {
        switch value {
        case "auto": return .auto
        case "none": return .none
        case "required": return .required
        default:
            guard let members = value.objectValue, members.count == 1, let name = members["tool"]?.stringValue else {
                throw invalid(
                    "options", "/tool_choice", #"must be "auto", "none", "required" or {"tool":"a name"}"#)
            }
            return .tool(name)
        }
    }

    private static func schema(_ value: JSONValue, at place: String) throws(Failure) -> JSONSchema {
        guard value.objectValue != nil else { throw invalid("options", place, "must be an object") }
        do {
            return try JSONSchema(value)
        } catch {
            throw invalid("options", place, "is no JSON Schema that this host can check: \(error)")
        }
    }

    private static func stops(_ value: JSONValue) throws(Failure) -> [String] {
        guard let elements = value.arrayValue, elements.count <= maximumStops else {
            throw invalid("options", "/stop", "must be an array of at most \(maximumStops) strings")
        }
        var stops = [String]()
        for (index, element) in elements.enumerated() {
            guard let text = element.stringValue, !text.isEmpty else {
                throw invalid("options", "/stop/\(index)", "must be a string that is not empty")
            }
            stops.append(text)
        }
        return stops
    }

    private static func parse(_ bytes: [UInt8], called name: String) throws(Failure) -> JSONValue {
        do {
            return try JSONParser.parse(bytes)
        } catch {
            throw Failure(.invalid, "\(name): \(error)")
        }
    }

    static func invalid(_ document: String, _ pointer: String, _ message: String) -> Failure {
        Failure(.invalid, "\(document) \(pointer.isEmpty ? "(all of it)" : pointer): \(message)")
    }
}
