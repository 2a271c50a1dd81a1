import Kernel

/// OpenAI's chat completions, which most other servers speak too; and Azure's, which differ in the address.
struct OpenAIChat: WireProtocol {
    var service: ServiceTier?
    var outputLimitField: ProviderSettings.OutputLimitField
    /// Azure names the model, or rather its deployment, in the address, and its interface by a date.
    var azureVersion: String?

    var framing: AnswerFraming { .serverSentEvents }

    func decoder(for call: ModelCall) -> any AnswerDecoder { OpenAIChatDecoder() }

    func request(for call: ModelCall) -> WireRequest {
        var members: [String: JSONValue] = [
            "model": .string(call.model),
            "messages": .array(call.messages.map(Self.message)),
            "stream": true,
            "stream_options": ["include_usage": true],
            outputLimitField.rawValue: .integer(Int64(call.maximumOutputTokens)),
        ]
        if let temperature = call.options.temperatureMilli {
            members["temperature"] = .double(Double(temperature) / 1000)
        }
        if !call.options.stop.isEmpty { members["stop"] = .array(call.options.stop.map(JSONValue.string)) }
        if let seed = call.options.seed { members["seed"] = .integer(seed) }
        if let schema = call.options.responseSchema {
            members["response_format"] = [
                "type": "json_schema",
                "json_schema": [
                    "name": "answer", "strict": .bool(StrictSchema.holds(schema.document)), "schema": schema.document,
                ],
            ]
        }
        if !call.options.tools.isEmpty {
            members["tools"] = .array(
                call.options.tools.map { ["type": "function", "function": OpenAIShapes.function($0)] })
            members["tool_choice"] =
                if case .tool(let name) = call.options.toolChoice {
                    ["type": "function", "function": ["name": .string(name)]]
                } else {
                    OpenAIShapes.choice(call.options.toolChoice)
                }
            if !call.options.allowsParallelCalls { members["parallel_tool_calls"] = false }
        }
        if let service { members["service_tier"] = .string(service.providerName) }
        let path =
            azureVersion.map {
                "/openai/deployments/\(PercentEncoding.encode(call.model))/chat/completions?api-version="
                    + PercentEncoding.encode($0)
            } ?? "/chat/completions"
        return WireRequest(
            path: path, headers: [("Accept", "text/event-stream"), ("Idempotency-Key", call.attempt)],
            body: .object(members))
    }

    private static func message(_ message: ChatMessage) -> JSONValue {
        let role = message.role == .tool && message.toolCallID == nil ? .user : message.role
        var members: [String: JSONValue] = ["role": .string(role.rawValue), "content": content(message)]
        if !message.toolCalls.isEmpty {
            members["tool_calls"] = .array(
                message.toolCalls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
                    ]
                })
            if message.parts.isEmpty { members["content"] = .null }
        }
        if let id = message.toolCallID { members["tool_call_id"] = .string(id) }
        return .object(members)
    }

    /// Plain text as a string, which every server takes.
    private static func content(_ message: ChatMessage) -> JSONValue {
        if message.parts.count <= 1, !message.hasImages { return .string(message.text) }
        return .array(
            message.parts.map { part in
                switch part.content {
                case .text(let text): ["type": "text", "text": .string(text)]
                case .image(let image): ["type": "image_url", "image_url": ["url": .string(image.dataURL)]]
                }
            })
    }
}

/// What OpenAI's two protocols have in common.
enum OpenAIShapes {
    static func function(_ tool: ToolDefinition) -> JSONValue {
        [
            "name": .string(tool.name), "description": .string(tool.description),
            "parameters": tool.parameters.document,
        ]
    }

    /// For all but a named tool, whose shape differs.
    static func choice(_ choice: ToolChoice) -> JSONValue {
        switch choice {
        case .auto: "auto"
        case .none: "none"
        case .required, .tool: "required"
        }
    }
}

extension ChatMessage {
    var hasImages: Bool { parts.contains { if case .image = $0.content { true } else { false } } }
}

extension ChatImage {
    var dataURL: String { "data:\(mediaType);base64,\(base64)" }
}

/// Whether a schema is one that providers can hold an answer to: every object closed, and all its members required.
/// Others are refused in "strict" mode, so they go without it, and the answer is checked here anyway.
enum StrictSchema {
    static func holds(_ schema: JSONValue) -> Bool {
        guard let members = schema.objectValue else { return false }
        if let properties = members["properties"]?.objectValue {
            let required = Set(members["required"]?.arrayValue?.compactMap(\.stringValue) ?? [])
            guard members["additionalProperties"] == false, Set(properties.keys) == required,
                properties.values.allSatisfy(holds)
            else { return false }
        } else if members["type"] == "object" {
            return false
        }
        let definitions = members["$defs"]?.objectValue ?? [:]
        let parts = (members["anyOf"]?.arrayValue ?? []) + definitions.values
        guard parts.allSatisfy(holds), members["items"].map(holds) ?? true else { return false }
        return !members.keys.contains(where: unsupported.contains)
    }

    private static let unsupported: Set<String> = [
        "allOf", "oneOf", "not", "if", "then", "else", "patternProperties", "propertyNames", "dependentRequired",
        "dependentSchemas", "prefixItems", "contains", "minContains", "maxContains", "uniqueItems", "minProperties",
        "maxProperties", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum",
        "exclusiveMaximum", "multipleOf",
    ]
}
