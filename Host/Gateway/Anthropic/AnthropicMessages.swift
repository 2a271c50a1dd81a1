import Kernel

/// Anthropic's messages API.
struct AnthropicMessages: WireProtocol {
    static let version = "2023-06-01"

    var service: ServiceTier?
    /// Where calls are to be processed; nil leaves it to the account.
    var inferenceRegion: String?

    var framing: AnswerFraming { .serverSentEvents }

    var surcharge: PriceFactor { PriceFactor.regional(inferenceRegion) }

    func decoder(for call: ModelCall) -> any AnswerDecoder {
        AnthropicDecoder(maximumOutputTokens: call.maximumOutputTokens)
    }

    /// The API holds answers to closed schemas only; others are asked for in words.
    func instruction(for call: ModelCall) -> String? {
        call.options.responseSchema.flatMap { StrictSchema.holds($0.document) ? nil : SchemaInstruction.text($0) }
    }

    func request(for call: ModelCall) -> WireRequest {
        let conversation = ConversationTurns(call.messages)
        var members: [String: JSONValue] = [
            "model": .string(call.model), "max_tokens": .integer(Int64(call.maximumOutputTokens)), "stream": true,
            "messages": .array(
                conversation.turns.map { turn in
                    [
                        "role": turn.isAssistant ? "assistant" : "user",
                        "content": .array(turn.messages.flatMap(Self.blocks)),
                    ]
                }),
        ]
        let system =
            conversation.system.flatMap(Self.blocks)
            + (instruction(for: call).map { [["type": "text", "text": .string($0)]] } ?? [])
        if !system.isEmpty { members["system"] = .array(system) }
        if let temperature = call.options.temperatureMilli {
            // The scale ends at 1 here.
            members["temperature"] = .double(Double(min(temperature, 1000)) / 1000)
        }
        if !call.options.stop.isEmpty { members["stop_sequences"] = .array(call.options.stop.map(JSONValue.string)) }
        if !call.options.tools.isEmpty {
            members["tools"] = .array(
                call.options.tools.map { tool in
                    [
                        "name": .string(tool.name), "description": .string(tool.description),
                        "input_schema": tool.parameters.document,
                    ]
                })
            members["tool_choice"] = Self.choice(call.options)
        }
        if let schema = call.options.responseSchema, StrictSchema.holds(schema.document) {
            members["output_config"] = ["format": ["type": "json_schema", "schema": schema.document]]
        }
        if let service { members["service_tier"] = service == .priority ? "auto" : "standard_only" }
        if let inferenceRegion { members["inference_geo"] = .string(inferenceRegion) }
        return WireRequest(
            path: "/messages",
            headers: [("Accept", "text/event-stream"), ("anthropic-version", Self.version)], body: .object(members))
    }

    private static func choice(_ options: ModelOptions) -> JSONValue {
        var choice: [String: JSONValue] =
            switch options.toolChoice {
            case .auto: ["type": "auto"]
            case .none: ["type": "none"]
            case .required: ["type": "any"]
            case .tool(let name): ["type": "tool", "name": .string(name)]
            }
        if !options.allowsParallelCalls, options.toolChoice != .none { choice["disable_parallel_tool_use"] = true }
        return .object(choice)
    }

    private static func blocks(_ message: ChatMessage) -> [JSONValue] {
        let parts = message.parts.compactMap(part)
        if let id = message.toolCallID {
            return [["type": "tool_result", "tool_use_id": .string(id), "content": .array(parts)]]
        }
        return parts
            + message.toolCalls.map { call in
                [
                    "type": "tool_use", "id": .string(call.id), "name": .string(call.name),
                    "input": call.argumentObject ?? [:],
                ]
            }
    }

    /// Nil for empty text, which the API refuses.
    private static func part(_ part: MessagePart) -> JSONValue? {
        var block: [String: JSONValue]
        switch part.content {
        case .text(""): return nil
        case .text(let text): block = ["type": "text", "text": .string(text)]
        case .image(let image):
            block = [
                "type": "image",
                "source": [
                    "type": "base64", "media_type": .string(image.mediaType), "data": .string(image.base64),
                ],
            ]
        }
        if let cache = part.cache {
            block["cache_control"] = ["type": "ephemeral", "ttl": .string(cache.rawValue)]
        }
        return .object(block)
    }
}
