/// Who speaks in a conversation with a model.
package enum ChatRole: String, Hashable, Sendable, CaseIterable {
    case system, user, assistant
    /// The result of a tool call of the model's.
    case tool
}

/// One message of a conversation with a model.
package struct ChatMessage: Hashable, Sendable {
    package var role: ChatRole
    package var parts: [MessagePart]
    /// What the model asked for. Of the assistant only.
    package var toolCalls: [ToolCall]
    /// Which call this is the result of. Of a tool only; without it, providers get the message as the user's.
    package var toolCallID: String?

    package init(role: ChatRole, parts: [MessagePart], toolCalls: [ToolCall] = [], toolCallID: String? = nil) {
        self.role = role
        self.parts = parts
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
    }

    package init(role: ChatRole, content: String) {
        self.init(role: role, parts: content.isEmpty ? [] : [MessagePart(.text(content))])
    }

    /// All of its text, without images.
    package var text: String {
        parts.compactMap { if case .text(let text) = $0.content { text } else { nil } }.joined(separator: "\n")
    }
}

/// A piece of a message.
package struct MessagePart: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case text(String)
        case image(ChatImage)
    }

    package var content: Content
    /// The prompt up to and with this part is worth keeping at the provider. Providers that keep prompts by themselves
    /// are not told.
    package var cache: CacheLifetime?

    package init(_ content: Content, cache: CacheLifetime? = nil) {
        self.content = content
        self.cache = cache
    }
}

/// How long a provider keeps a prompt.
package enum CacheLifetime: String, Hashable, Sendable {
    case fiveMinutes = "5m"
    case oneHour = "1h"
}

/// An image as providers take it: its bytes in base64.
package struct ChatImage: Hashable, Sendable {
    /// What all providers with images take.
    package static let mediaTypes: Set<String> = ["image/png", "image/jpeg", "image/gif", "image/webp"]

    package var mediaType: String
    package var base64: String

    package init(mediaType: String, base64: String) {
        self.mediaType = mediaType
        self.base64 = base64
    }

    /// `png`, `jpeg`, …
    package var format: String { String(mediaType.dropFirst("image/".count)) }
}
