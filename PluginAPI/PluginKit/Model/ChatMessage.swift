/// One message of a conversation with a language model.
public struct ChatMessage: Codable, Hashable, Sendable {
    /// `system`, `user`, `assistant` or `tool`.
    public var role: String
    public var content: String
    /// After the text. Of the user only.
    public var images: [ChatImage]
    /// What the model asked for. Of the assistant only.
    public var toolCalls: [ModelToolCall]
    /// Which of the model's calls this is the result of. Of a tool only.
    public var toolCallID: String?
    /// Asks the provider to keep the conversation up to here: `5m` or `1h`.
    public var cache: String?

    public init(
        role: String, content: String, images: [ChatImage] = [], toolCalls: [ModelToolCall] = [],
        toolCallID: String? = nil, cache: String? = nil
    ) {
        self.role = role
        self.content = content
        self.images = images
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.cache = cache
    }

    public static func system(_ content: String) -> ChatMessage { .init(role: "system", content: content) }
    public static func user(_ content: String, images: [ChatImage] = []) -> ChatMessage {
        .init(role: "user", content: content, images: images)
    }
    public static func assistant(_ content: String) -> ChatMessage { .init(role: "assistant", content: content) }
    /// What the model answered, to be followed by the results of its tool calls.
    public static func assistant(_ reply: ModelReply) -> ChatMessage {
        .init(role: "assistant", content: reply.text, toolCalls: reply.toolCalls)
    }
    public static func toolResult(_ content: String, of call: ModelToolCall) -> ChatMessage {
        .init(role: "tool", content: content, toolCallID: call.id)
    }

    private enum CodingKeys: String, CodingKey {
        case role, content
        case toolCalls = "tool_calls"
        case toolCallID = "tool_call_id"
    }

    /// Text alone goes as a string, anything else as parts.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(role, forKey: .role)
        if images.isEmpty, cache == nil {
            try container.encode(content, forKey: .content)
        } else {
            var parts = content.isEmpty ? [] : [MessagePart(text: content)]
            parts += images.map(MessagePart.init(image:))
            if !parts.isEmpty { parts[parts.count - 1].cache = cache }
            try container.encode(parts, forKey: .content)
        }
        if !toolCalls.isEmpty { try container.encode(toolCalls, forKey: .toolCalls) }
        try container.encodeIfPresent(toolCallID, forKey: .toolCallID)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            role: try container.decode(String.self, forKey: .role), content: "",
            toolCalls: try container.decodeIfPresent([ModelToolCall].self, forKey: .toolCalls) ?? [],
            toolCallID: try container.decodeIfPresent(String.self, forKey: .toolCallID))
        if let text = try? container.decode(String.self, forKey: .content) {
            content = text
            return
        }
        let parts = try container.decodeIfPresent([MessagePart].self, forKey: .content) ?? []
        content = parts.compactMap(\.text).joined(separator: "\n")
        images = parts.compactMap(\.image)
        cache = parts.last?.cache
    }
}

/// An image for a model that takes them.
public struct ChatImage: Hashable, Sendable {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    public var mediaType: String
    public var base64: String

    public init(mediaType: String, base64: String) {
        self.mediaType = mediaType
        self.base64 = base64
    }
}

/// A part of a message as the host reads it (`bureau/model.h`).
private struct MessagePart: Codable {
    var type: String
    var text: String?
    var mediaType: String?
    var base64: String?
    var cache: String?

    init(text: String) {
        type = "text"
        self.text = text
    }

    init(image: ChatImage) {
        type = "image"
        mediaType = image.mediaType
        base64 = image.base64
    }

    var image: ChatImage? {
        guard let mediaType, let base64 else { return nil }
        return ChatImage(mediaType: mediaType, base64: base64)
    }

    enum CodingKeys: String, CodingKey {
        case type, text, cache
        case mediaType = "media_type"
        case base64 = "data_base64"
    }
}
