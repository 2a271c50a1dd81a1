import FoundationEssentials

/// What a model answered.
public struct ModelReply: Codable, Hashable, Sendable {
    public var text: String
    /// What it wants done before it goes on; their arguments fit the tools' schemas.
    public var toolCalls: [ModelToolCall]
    public var model: String
    public var provider: String
    /// `stop`, `length`, `tool_calls`, or the provider's own word.
    public var finishReason: String
    public var usage = ModelUsage()

    enum CodingKeys: String, CodingKey {
        case text, model, provider
        case toolCalls = "tool_calls"
        case finishReason = "finish_reason"
    }

    /// For tests.
    public init(
        text: String, toolCalls: [ModelToolCall] = [], model: String = "", provider: String = "",
        finishReason: String = "stop", usage: ModelUsage = ModelUsage()
    ) {
        self.text = text
        self.toolCalls = toolCalls
        self.model = model
        self.provider = provider
        self.finishReason = finishReason
        self.usage = usage
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            text: try container.decode(String.self, forKey: .text),
            toolCalls: try container.decodeIfPresent([ModelToolCall].self, forKey: .toolCalls) ?? [],
            model: try container.decode(String.self, forKey: .model),
            provider: try container.decode(String.self, forKey: .provider),
            finishReason: try container.decode(String.self, forKey: .finishReason))
    }

    /// The text as JSON, for an answer that ``ModelOptions/responseSchema`` asked for.
    public func decode<T: Decodable>(_ type: T.Type = T.self) throws(TaskFailure) -> T {
        try JSONCoding.decode(type, from: Data(text.utf8), "the model's answer", failing: .invalid)
    }
}

/// One thing that a model wants done.
public struct ModelToolCall: Codable, Hashable, Sendable {
    public var id: String
    public var name: String
    public var arguments: JSONValue

    public init(id: String, name: String, arguments: JSONValue) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}
