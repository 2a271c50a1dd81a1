import Kernel

/// OpenAI's responses API. Nothing is kept at the provider (`store` is false): a conversation is sent whole.
struct OpenAIResponses: WireProtocol {
    var service: ServiceTier?

    var framing: AnswerFraming { .serverSentEvents }

    func decoder(for call: ModelCall) -> any AnswerDecoder { OpenAIResponsesDecoder() }

    func refusal(of options: ModelOptions) -> String? {
        options.stop.isEmpty ? nil : "options /stop: the responses API has no stop sequences"
    }

    func request(for call: ModelCall) -> WireRequest {
        var members: [String: JSONValue] = [
            "model": .string(call.model), "input": .array(call.messages.flatMap(Self.items)), "stream": true,
            "store": false, "max_output_tokens": .integer(Int64(call.maximumOutputTokens)),
        ]
        if let temperature = call.options.temperatureMilli {
            members["temperature"] = .double(Double(temperature) / 1000)
        }
        if let schema = call.options.responseSchema {
            members["text"] = [
                "format": [
                    "type": "json_schema", "name": "answer", "strict": .bool(StrictSchema.holds(schema.document)),
                    "schema": schema.document,
                ]
            ]
        }
        if !call.options.tools.isEmpty {
            members["tools"] = .array(
                call.options.tools.map { tool in
                    var function = OpenAIShapes.function(tool).objectValue ?? [:]
                    function["type"] = "function"
                    // Strict is this API's default, and refuses most schemas.
                    function["strict"] = .bool(StrictSchema.holds(tool.parameters.document))
                    return .object(function)
                })
            members["tool_choice"] =
                if case .tool(let name) = call.options.toolChoice {
                    ["type": "function", "name": .string(name)]
                } else {
                    OpenAIShapes.choice(call.options.toolChoice)
                }
            if !call.options.allowsParallelCalls { members["parallel_tool_calls"] = false }
        }
        if let service { members["service_tier"] = .string(service.providerName) }
        return WireRequest(
            path: "/responses", headers: [("Accept", "text/event-stream"), ("Idempotency-Key", call.attempt)],
            body: .object(members))
    }

    private static func items(_ message: ChatMessage) -> [JSONValue] {
        if let id = message.toolCallID {
            return [["type": "function_call_output", "call_id": .string(id), "output": .string(message.text)]]
        }
        let role = message.role == .tool ? .user : message.role
        var items = [JSONValue]()
        if !message.parts.isEmpty || message.toolCalls.isEmpty {
            items.append(["role": .string(role.rawValue), "content": content(message)])
        }
        return items
            + message.toolCalls.map { call in
                [
                    "type": "function_call", "call_id": .string(call.id), "name": .string(call.name),
                    "arguments": .string(call.arguments),
                ]
            }
    }

    private static func content(_ message: ChatMessage) -> JSONValue {
        guard message.hasImages else { return .string(message.text) }
        return .array(
            message.parts.map { part in
                switch part.content {
                case .text(let text): ["type": "input_text", "text": .string(text)]
                case .image(let image): ["type": "input_image", "image_url": .string(image.dataURL)]
                }
            })
    }
}

/// Events of the responses API. The last one, whatever its name, holds the response with its usage.
struct OpenAIResponsesDecoder: AnswerDecoder {
    mutating func read(_ event: AnswerEvent, into draft: inout AnswerDraft) {
        let body = event.body
        switch body["type"]?.stringValue ?? event.type {
        case "response.output_text.delta", "response.refusal.delta": draft.append(body["delta"]?.stringValue ?? "")
        case "response.output_item.done":
            if let item = body["item"] { readCall(item, at: body["output_index"]?.integerValue, into: &draft) }
        case "response.created", "response.in_progress":
            if let response = body["response"] { readHead(response, into: &draft) }
        case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
            if let response = body["response"] { readEnd(response, into: &draft) }
        case "error": draft.fail(.io, "the provider failed: \(ProviderRefusal.message(of: body))")
        default: break
        }
    }

    mutating func read(document: JSONValue, into draft: inout AnswerDraft) { readEnd(document, into: &draft) }

    private func readHead(_ response: JSONValue, into draft: inout AnswerDraft) {
        draft.model = response["model"]?.stringValue ?? draft.model
        draft.reference = response["id"]?.stringValue ?? draft.reference
        draft.service =
            response["service_tier"]?.stringValue.flatMap(ServiceTier.init(providerName:)) ?? draft.service
    }

    private func readEnd(_ response: JSONValue, into draft: inout AnswerDraft) {
        readHead(response, into: &draft)
        if let usage = response["usage"], usage.objectValue != nil {
            draft.report = UsageReport(usage, format: .openAI)
        }
        if let error = response["error"], error != .null {
            let isBusy = error["code"] == "rate_limit_exceeded"
            return draft.fail(isBusy ? .busy : .io, "the provider failed: \(ProviderRefusal.message(of: response))")
        }
        let isSilent = draft.text.isEmpty
        var hasRefusal = false
        for (index, item) in (response["output"]?.arrayValue ?? []).enumerated() {
            if !draft.hasCall(at: index) { readCall(item, at: Int64(index), into: &draft) }
            for part in item["content"]?.arrayValue ?? [] {
                hasRefusal = hasRefusal || part["type"] == "refusal"
                // A server that did not stream says it here alone.
                if isSilent, part["type"] == "output_text" || part["type"] == "refusal" {
                    draft.append(part["text"]?.stringValue ?? part["refusal"]?.stringValue ?? "")
                }
            }
        }
        draft.finishReason =
            switch (response["status"]?.stringValue, response["incomplete_details"]?["reason"]?.stringValue) {
            case ("incomplete", "max_output_tokens"): "length"
            case ("incomplete", let reason): reason ?? "incomplete"
            case ("cancelled", _): "cancelled"
            default: hasRefusal ? "refusal" : draft.toolCalls.isEmpty ? "stop" : "tool_calls"
            }
        draft.isDone = true
    }

    private func readCall(_ item: JSONValue, at index: Int64?, into draft: inout AnswerDraft) {
        guard item["type"] == "function_call" else { return }
        draft.extendCall(
            at: index.flatMap { Int(exactly: $0) } ?? 0, id: item["call_id"]?.stringValue,
            name: item["name"]?.stringValue, arguments: item["arguments"]?.stringValue ?? "")
    }
}
