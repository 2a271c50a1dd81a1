import Engine
import HTTPTypes
import Kernel

/// Anthropic's messages.
enum Messages: ModelDialect {
    typealias Stream = MessageStream

    static let requestIDHeader = "request-id"

    private static let known: Set = [
        "max_tokens", "messages", "metadata", "model", "output_config", "service_tier", "stop_sequences", "stream",
        "system", "temperature", "thinking", "tool_choice", "tools", "top_k", "top_p",
    ]

    static func read(_ body: JSONValue) throws(CallProblem) -> DialectRequest {
        let object = try WireObject(body)
        try object.refuseAll(but: known)
        try object.require("top_p", oneOf: 1)
        try object.require("top_k")
        try object.require("thinking", oneOf: ["type": "disabled"])
        try object.require("service_tier", oneOf: "auto", "standard_only")
        guard let messages = try object.array("messages") else { throw .invalid("messages", "is missing") }
        guard let limit = try object.count("max_tokens") else { throw .invalid("max_tokens", "is missing") }
        var read: [JSONValue] = []
        if let system = object["system"] {
            read.append(["role": "system", "content": try content(system, at: "system")])
        }
        for (index, message) in messages.enumerated() {
            read += try self.messages(try WireObject(message, at: "messages[\(index)]"))
        }
        let call = ModelRequest(
            model: try object.required("model"), messages: JSONValue.array(read).bytes, options: try options(object),
            maximumOutputTokens: limit)
        return DialectRequest(call: call, isStreamed: try object.flag("stream") ?? false, includesUsage: true)
    }

    private static func options(_ object: WireObject) throws(CallProblem) -> [UInt8] {
        var options: [String: JSONValue] = [:]
        if let temperature = try object.milli("temperature", in: 0...1) {
            options["temperature_milli"] = .integer(temperature)
        }
        if let stops = try object.array("stop_sequences"), !stops.isEmpty { options["stop"] = .array(stops) }
        if let format = try object.object("output_config") {
            try format.refuseAll(but: ["effort", "format"])
            try format.require("effort")
            if let schema = try schema(try format.object("format")) { options["response_schema"] = schema }
        }
        try readTools(object, into: &options)
        return options.isEmpty ? [] : JSONValue.object(options).bytes
    }

    private static func schema(_ format: WireObject?) throws(CallProblem) -> JSONValue? {
        guard let format else { return nil }
        try format.refuseAll(but: ["schema", "type"])
        guard try format.required("type") == "json_schema" else {
            throw .unsupported(format.path(of: "type"), "this host takes json_schema")
        }
        guard let schema = format["schema"] else { throw .invalid(format.path(of: "schema"), "is missing") }
        return schema
    }

    static func answer(_ receipt: CallReceipt) -> JSONValue {
        var message = head(receipt.id, model: receipt.model)
        let text: [JSONValue] = receipt.text.isEmpty ? [] : [["type": "text", "text": .string(receipt.text)]]
        message["content"] = .array(
            text + receipt.toolCalls.map { toolUse($0, input: $0.argumentObject ?? [:]) })
        message["stop_reason"] = stopReason(receipt)
        message["usage"] = usage(receipt.usage)
        return .object(message)
    }

    static func toolUse(_ call: ToolCall, input: JSONValue) -> JSONValue {
        ["type": "tool_use", "id": .string(call.id), "name": .string(call.name), "input": input]
    }

    static func head(_ id: RunID, model: String) -> [String: JSONValue] {
        [
            "id": .string("msg_" + Hex.encode(id.bytes)), "type": "message", "role": "assistant",
            "model": .string(model), "content": [], "stop_reason": nil, "stop_sequence": nil,
        ]
    }

    /// Which stop sequence was hit is not known: providers of other protocols do not say.
    static func stopReason(_ receipt: CallReceipt) -> JSONValue {
        switch receipt.finishReason {
        case "length": "max_tokens"
        case "content_filter", "refusal": "refusal"
        default: receipt.toolCalls.isEmpty ? "end_turn" : "tool_use"
        }
    }

    /// Counts that the provider did not say are zero here, since the protocol has no word for unknown; the cost is
    /// right all the same.
    static func usage(_ usage: TokenUsage) -> JSONValue {
        [
            "input_tokens": .integer(usage.input ?? 0), "output_tokens": .integer(usage.output ?? 0),
            "cache_creation_input_tokens": .integer((usage.cacheWrite ?? 0) + (usage.cacheWriteOneHour ?? 0)),
            "cache_read_input_tokens": .integer(usage.cachedRead ?? 0),
        ]
    }

    static func error(_ problem: CallProblem) -> JSONValue {
        let type =
            switch problem.status.code {
            case 402: "billing_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 503: "overloaded_error"
            case 504: "timeout_error"
            case 500...: "api_error"
            default: "invalid_request_error"
            }
        return [
            "type": "error",
            "error": [
                "type": .string(type), "message": .string(problem.message), "code": .string(problem.code),
                "param": problem.parameter.map(JSONValue.string) ?? .null,
            ],
            "request_id": problem.callID.map { .string($0.description) } ?? .null,
        ]
    }
}
