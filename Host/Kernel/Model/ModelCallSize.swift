/// All that a call sends, as its upper bound counts it.
package struct ModelCallSize: Hashable, Sendable {
    /// What an image costs at most where nobody said so. Providers count an image by its size in pixels, so a small
    /// file proves nothing: OpenAI's dearest case (gpt-4o-mini, eight tiles) is 2,833 + 8 × 5,667 = 48,169 tokens.
    package static let tokensPerImage: Int64 = 50_000

    package var texts: [String]
    package var messageCount: Int
    package var toolCount: Int
    package var imageTokens: Int64
    /// Whether the prompt is to be kept for an hour, which some providers charge more for than reading it.
    package var hasOneHourCache: Bool

    package init(
        texts: [String], messageCount: Int, toolCount: Int = 0, imageTokens: Int64 = 0, hasOneHourCache: Bool = false
    ) {
        self.texts = texts
        self.messageCount = messageCount
        self.toolCount = toolCount
        self.imageTokens = imageTokens
        self.hasOneHourCache = hasOneHourCache
    }

    /// - Parameters:
    ///   - instruction: what an adapter adds in words.
    ///   - tokensPerImage: the most that one image counts, as the operator knows it.
    package init(messages: [ChatMessage], options: ModelOptions, instruction: String?, tokensPerImage: Int64?) {
        self.init(
            texts: instruction.map { [$0] } ?? [], messageCount: messages.count + (instruction == nil ? 0 : 1),
            toolCount: options.tools.count)
        for message in messages {
            texts.append(message.role.rawValue)
            for part in message.parts {
                hasOneHourCache = hasOneHourCache || part.cache == .oneHour
                switch part.content {
                case .text(let text): texts.append(text)
                case .image(let image):
                    imageTokens += tokensPerImage ?? max(Self.tokensPerImage, Int64(image.base64.utf8.count))
                }
            }
            for call in message.toolCalls { texts += [call.id, call.name, call.arguments] }
            if let id = message.toolCallID { texts.append(id) }
        }
        for tool in options.tools { texts += [tool.name, tool.description, tool.parameters.document.serialized()] }
        if let schema = options.responseSchema { texts.append(schema.document.serialized()) }
    }
}
