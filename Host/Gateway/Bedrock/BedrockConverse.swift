import Kernel

/// ConverseStream of Amazon Bedrock.
struct BedrockConverse: WireProtocol {
    var service: ServiceTier?

    var framing: AnswerFraming { .amazonEventStream }

    func decoder(for call: ModelCall) -> any AnswerDecoder { BedrockDecoder() }

    func instruction(for call: ModelCall) -> String? { call.options.responseSchema.map(SchemaInstruction.text) }

    /// The model's id is one segment of the path, encoded: ids end in `:0`, and may be ARNs with slashes.
    func request(for call: ModelCall) -> WireRequest {
        let conversation = ConversationTurns(call.messages)
        var inference: [String: JSONValue] = ["maxTokens": .integer(Int64(call.maximumOutputTokens))]
        if let temperature = call.options.temperatureMilli {
            inference["temperature"] = .double(Double(min(temperature, 1000)) / 1000)
        }
        if !call.options.stop.isEmpty { inference["stopSequences"] = .array(call.options.stop.map(JSONValue.string)) }
        var members: [String: JSONValue] = [
            "inferenceConfig": .object(inference),
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
            + (instruction(for: call).map { [["text": .string($0)]] } ?? [])
        if !system.isEmpty { members["system"] = .array(system) }
        members["toolConfig"] = Self.tools(call)
        if let service { members["serviceTier"] = ["type": .string(service.providerName)] }
        return WireRequest(
            path: "/model/\(PercentEncoding.encode(call.model))/converse-stream",
            headers: [("Accept", "application/vnd.amazon.eventstream")], body: .object(members))
    }

    /// There is no way to say "none": then tools are left out, unless the conversation already holds calls of theirs,
    /// which the API does not take without them.
    private static func tools(_ call: ModelCall) -> JSONValue? {
        let hasCalls = call.messages.contains { !$0.toolCalls.isEmpty }
        guard !call.options.tools.isEmpty, call.options.toolChoice != .none || hasCalls else { return nil }
        let tools = call.options.tools.map { tool -> JSONValue in
            var spec: [String: JSONValue] = [
                "name": .string(tool.name), "inputSchema": ["json": tool.parameters.document],
            ]
            if !tool.description.isEmpty { spec["description"] = .string(tool.description) }
            return ["toolSpec": .object(spec)]
        }
        var config: [String: JSONValue] = ["tools": .array(tools)]
        switch call.options.toolChoice {
        case .auto, .none: break
        case .required: config["toolChoice"] = ["any": [:]]
        case .tool(let name): config["toolChoice"] = ["tool": ["name": .string(name)]]
        }
        return .object(config)
    }

    private static func blocks(_ message: ChatMessage) -> [JSONValue] {
        let parts = message.parts.flatMap(part)
        if let id = message.toolCallID {
            return [["toolResult": ["toolUseId": .string(id), "content": .array(parts)]]]
        }
        return parts
            + message.toolCalls.map { call in
                [
                    "toolUse": [
                        "toolUseId": .string(call.id), "name": .string(call.name), "input": call.argumentObject ?? [:],
                    ]
                ]
            }
    }

    private static func part(_ part: MessagePart) -> [JSONValue] {
        let block: JSONValue
        switch part.content {
        case .text(""): return []
        case .text(let text): block = ["text": .string(text)]
        case .image(let image):
            block = ["image": ["format": .string(image.format), "source": ["bytes": .string(image.base64)]]]
        }
        switch part.cache {
        case nil: return [block]
        case .fiveMinutes: return [block, ["cachePoint": ["type": "default"]]]
        case .oneHour: return [block, ["cachePoint": ["type": "default", "ttl": "1h"]]]
        }
    }
}
