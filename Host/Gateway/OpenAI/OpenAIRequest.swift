import Kernel

/// The body of a chat completion request.
enum OpenAIRequest {
    static func body(for call: ModelCall, settings: OpenAICompatibleSettings) -> [UInt8] {
        var members: [String: JSONValue] = [
            "model": .string(call.model),
            "messages": .array(call.messages.map(message)),
            "stream": true,
            "stream_options": ["include_usage": true],
            settings.outputLimitField.rawValue: .integer(Int64(call.maximumOutputTokens)),
        ]
        if let temperature = call.options.temperatureMilli {
            members["temperature"] = .double(Double(temperature) / 1000)
        }
        if !call.options.stop.isEmpty { members["stop"] = .array(call.options.stop.map(JSONValue.string)) }
        if let seed = call.options.seed { members["seed"] = .integer(seed) }
        if let schema = call.options.responseSchema {
            members["response_format"] = [
                "type": "json_schema", "json_schema": ["name": "answer", "strict": true, "schema": schema],
            ]
        }
        if let service = settings.service { members["service_tier"] = .string(service.providerName) }
        return JSONValue.object(members).bytes
    }

    /// The protocol ties a tool's message to a call by an id, which plugins' messages do not carry: it goes as the
    /// user's.
    private static func message(_ message: ChatMessage) -> JSONValue {
        ["role": .string(message.role == "tool" ? "user" : message.role), "content": .string(message.content)]
    }
}
