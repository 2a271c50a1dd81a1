import Kernel

/// Reads one message of a plugin's.
enum MessageDecoding {
    private static let known: Set<String> = ["role", "content", "tool_calls", "tool_call_id"]
    private static let maximumParts = 256
    private static let maximumCalls = 128
    private static let maximumIDBytes = 128

    static func message(_ value: JSONValue, at place: String) throws(Failure) -> ChatMessage {
        guard let members = value.objectValue else { throw invalid(place, "must be an object") }
        for name in members.keys.sorted() where !known.contains(name) {
            throw Failure(.unsupported, "messages \(place)/\(name): this host does not know it")
        }
        guard let role = members["role"]?.stringValue.flatMap(ChatRole.init(rawValue:)) else {
            throw invalid(place + "/role", "must be system, user, assistant or tool")
        }
        let calls = try members["tool_calls"].map { value throws(Failure) in
            guard role == .assistant else { throw invalid(place + "/tool_calls", "are the assistant's only") }
            return try Self.calls(value, at: place + "/tool_calls")
        }
        var message = ChatMessage(role: role, parts: [], toolCalls: calls ?? [])
        message.parts = try parts(members["content"], isOptional: !message.toolCalls.isEmpty, at: place + "/content")
        if message.hasImages, role != .user { throw invalid(place + "/content", "images are the user's only") }
        // Without an id it goes to providers as the user's.
        guard let id = members["tool_call_id"] else { return message }
        guard role == .tool else { throw invalid(place + "/tool_call_id", "is a tool's only") }
        message.toolCallID = try identifier(id, at: place + "/tool_call_id")
        return message
    }

    private static func parts(
        _ value: JSONValue?, isOptional: Bool, at place: String
    ) throws(Failure) -> [MessagePart] {
        if isOptional, value == nil || value == .null { return [] }
        if let text = value?.stringValue { return text.isEmpty ? [] : [MessagePart(.text(text))] }
        guard let elements = value?.arrayValue, (1...maximumParts).contains(elements.count) else {
            throw invalid(place, "must be a string, or an array of 1 to \(maximumParts) parts")
        }
        var parts = [MessagePart]()
        for (index, element) in elements.enumerated() { parts.append(try part(element, at: "\(place)/\(index)")) }
        return parts
    }

    private static func part(_ value: JSONValue, at place: String) throws(Failure) -> MessagePart {
        guard let members = value.objectValue else { throw invalid(place, "must be an object") }
        func refuseOthers(than names: Set<String>) throws(Failure) {
            for name in members.keys.sorted() where !names.contains(name) && !["type", "cache"].contains(name) {
                throw Failure(.unsupported, "messages \(place)/\(name): this host does not know it")
            }
        }
        let content: MessagePart.Content
        switch members["type"] {
        case "text":
            try refuseOthers(than: ["text"])
            guard let text = members["text"]?.stringValue else { throw invalid(place + "/text", "must be a string") }
            content = .text(text)
        case "image":
            try refuseOthers(than: ["media_type", "data_base64"])
            content = .image(try image(members, at: place))
        default: throw invalid(place + "/type", "must be text or image")
        }
        guard let cache = members["cache"] else { return MessagePart(content) }
        guard let lifetime = cache.stringValue.flatMap(CacheLifetime.init(rawValue:)) else {
            throw invalid(place + "/cache", "must be 5m or 1h")
        }
        return MessagePart(content, cache: lifetime)
    }

    private static func image(_ members: [String: JSONValue], at place: String) throws(Failure) -> ChatImage {
        guard let type = members["media_type"]?.stringValue, ChatImage.mediaTypes.contains(type) else {
            throw invalid(place + "/media_type", "must be \(ChatImage.mediaTypes.sorted().joined(separator: ", "))")
        }
        guard let data = members["data_base64"]?.stringValue, !data.isEmpty, Base64.decode(data) != nil else {
            throw invalid(place + "/data_base64", "must be the image in base64")
        }
        return ChatImage(mediaType: type, base64: data)
    }

    private static func calls(_ value: JSONValue, at place: String) throws(Failure) -> [ToolCall] {
        guard let elements = value.arrayValue, (1...maximumCalls).contains(elements.count) else {
            throw invalid(place, "must be an array of 1 to \(maximumCalls) calls")
        }
        var calls = [ToolCall]()
        for (index, element) in elements.enumerated() {
            let place = "\(place)/\(index)"
            guard let members = element.objectValue else { throw invalid(place, "must be an object") }
            for name in members.keys.sorted() where !["id", "name", "arguments"].contains(name) {
                throw Failure(.unsupported, "messages \(place)/\(name): this host does not know it")
            }
            guard let name = members["name"]?.stringValue, ToolDefinition.isName(name) else {
                throw invalid(place + "/name", "must be 1 to 64 letters, digits, _ and -")
            }
            guard let arguments = members["arguments"], arguments.objectValue != nil else {
                throw invalid(place + "/arguments", "must be an object")
            }
            calls.append(
                ToolCall(
                    id: try identifier(members["id"], at: place + "/id"), name: name,
                    arguments: arguments.serialized()))
        }
        return calls
    }

    private static func identifier(_ value: JSONValue?, at place: String) throws(Failure) -> String {
        guard let id = value?.stringValue, (1...maximumIDBytes).contains(id.utf8.count) else {
            throw invalid(place, "must be a string of 1 to \(maximumIDBytes) bytes")
        }
        return id
    }

    private static func invalid(_ place: String, _ message: String) -> Failure {
        RequestDecoding.invalid("messages", place, message)
    }
}
