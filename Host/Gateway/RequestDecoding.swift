import Kernel

/// Reads what a plugin sent as messages and options, naming the place of what is wrong.
enum RequestDecoding {
    private static let roles: Set<String> = ["system", "user", "assistant", "tool"]
    private static let maximumStops = 16

    static func messages(_ bytes: [UInt8], maximumCount: Int) throws(Failure) -> [ChatMessage] {
        guard let elements = try parse(bytes, called: "messages").arrayValue else {
            throw invalid("messages", "", "must be an array")
        }
        guard !elements.isEmpty else { throw invalid("messages", "", "must not be empty") }
        guard elements.count <= maximumCount else {
            throw Failure(.tooLarge, "\(elements.count) messages; the limit is \(maximumCount)")
        }
        var messages = [ChatMessage]()
        for (index, element) in elements.enumerated() { messages.append(try message(element, at: "/\(index)")) }
        return messages
    }

    private static func message(_ value: JSONValue, at pointer: String) throws(Failure) -> ChatMessage {
        guard let members = value.objectValue else { throw invalid("messages", pointer, "must be an object") }
        for name in members.keys.sorted() where name != "role" && name != "content" {
            throw Failure(.unsupported, "messages \(pointer)/\(name): this host knows role and content only")
        }
        guard let role = members["role"]?.stringValue, roles.contains(role) else {
            throw invalid("messages", pointer + "/role", "must be system, user, assistant or tool")
        }
        guard let content = members["content"]?.stringValue else {
            throw invalid("messages", pointer + "/content", "must be a string")
        }
        return ChatMessage(role: role, content: content)
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
            case "response_schema":
                guard value.objectValue != nil else {
                    throw invalid("options", "/response_schema", "must be an object")
                }
                options.responseSchema = value
            case "tools":
                throw Failure(.unsupported, "options /tools: this host does not offer tools to models yet")
            default: throw Failure(.unsupported, "options /\(name): this host does not know it")
            }
        }
        return options
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

    private static func invalid(_ document: String, _ pointer: String, _ message: String) -> Failure {
        Failure(.invalid, "\(document) \(pointer.isEmpty ? "(all of it)" : pointer): \(message)")
    }
}
