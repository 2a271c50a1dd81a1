import Engine
import HTTPTypes
import Kernel

/// OpenAI's chat completions.
enum ChatCompletions: ModelDialect {
    typealias Stream = ChatCompletionStream

    static let requestIDHeader = "x-request-id"

    private static let maximumStops = 4
    /// Taken and not needed: they steer OpenAI's own storage, caches and abuse checks.
    private static let ignored: Set = [
        "metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "user",
    ]
    private static let known: Set = [
        "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "messages", "modalities",
        "model", "n", "parallel_tool_calls", "presence_penalty", "reasoning_effort", "response_format", "seed",
        "service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools",
        "top_logprobs", "top_p", "verbosity",
    ]

    static func read(_ body: JSONValue) throws(CallProblem) -> DialectRequest {
        let object = try WireObject(body)
        try object.refuseAll(but: known.union(ignored))
        try requireNeutral(object)
        let isStreamed = try object.flag("stream") ?? false
        let streaming = try object.object("stream_options")
        if streaming != nil, !isStreamed { throw .invalid("stream_options", "is for streams only") }
        try streaming?.refuseAll(but: ["include_usage", "include_obfuscation"])
        guard let messages = try object.array("messages") else { throw .invalid("messages", "is missing") }
        var read: [JSONValue] = []
        for (index, message) in messages.enumerated() {
            read.append(try self.message(try WireObject(message, at: "messages[\(index)]")))
        }
        let call = ModelRequest(
            model: try object.required("model"), messages: JSONValue.array(read).bytes, options: try options(object),
            maximumOutputTokens: try limit(object))
        return DialectRequest(
            call: call, isStreamed: isStreamed, includesUsage: try streaming?.flag("include_usage") ?? false)
    }

    private static func limit(_ object: WireObject) throws(CallProblem) -> UInt64? {
        if let limit = try object.count("max_completion_tokens") { return limit }
        return try object.count("max_tokens")
    }

    private static func requireNeutral(_ object: WireObject) throws(CallProblem) {
        try object.require("n", oneOf: 1)
        try object.require("top_p", oneOf: 1)
        for name in ["frequency_penalty", "presence_penalty"] { try object.require(name, oneOf: 0) }
        for name in ["logprobs", "store"] { try object.require(name, oneOf: false) }
        try object.require("top_logprobs", oneOf: 0)
        try object.require("logit_bias", oneOf: [:])
        try object.require("modalities", oneOf: ["text"])
        try object.require("service_tier", oneOf: "auto", "default")
        try object.require("reasoning_effort")
        try object.require("verbosity", oneOf: "medium")
    }

    private static func options(_ object: WireObject) throws(CallProblem) -> [UInt8] {
        var options: [String: JSONValue] = [:]
        if let temperature = try object.milli("temperature", in: 0...2) {
            options["temperature_milli"] = .integer(temperature)
        }
        if let seed = object["seed"] { options["seed"] = seed }
        if let stop = object["stop"] {
            let stops = stop.stringValue.map { [.string($0)] } ?? stop.arrayValue
            guard let stops, stops.count <= maximumStops else {
                throw .invalid("stop", "must be a string or an array of at most \(maximumStops)")
            }
            options["stop"] = .array(stops)
        }
        if let schema = try schema(try object.object("response_format")) { options["response_schema"] = schema }
        try readTools(object, into: &options)
        return options.isEmpty ? [] : JSONValue.object(options).bytes
    }

    private static func schema(_ format: WireObject?) throws(CallProblem) -> JSONValue? {
        guard let format else { return nil }
        switch try format.required("type") {
        case "text":
            try format.refuseAll(but: ["type"])
            return nil
        case "json_object":
            try format.refuseAll(but: ["type"])
            return ["type": "object"]
        case "json_schema":
            try format.refuseAll(but: ["json_schema", "type"])
            guard let named = try format.object("json_schema"), let schema = named["schema"] else {
                throw .invalid("response_format.json_schema.schema", "is missing")
            }
            // Answers are held to the schema here, strict or not.
            try named.refuseAll(but: ["description", "name", "schema", "strict"])
            return schema
        default: throw .unsupported("response_format.type", "this host takes text, json_object and json_schema")
        }
    }

    static func answer(_ receipt: CallReceipt) -> JSONValue {
        var message: [String: JSONValue] = ["role": "assistant", "content": .string(receipt.text), "refusal": nil]
        if !receipt.toolCalls.isEmpty {
            if receipt.text.isEmpty { message["content"] = .null }
            message["tool_calls"] = .array(receipt.toolCalls.map(toolCall))
        }
        return [
            "id": .string(identifier(receipt.id)), "object": "chat.completion", "created": .integer(receipt.id.seconds),
            "model": .string(receipt.model), "system_fingerprint": nil,
            "choices": [
                [
                    "index": 0, "finish_reason": finishReason(receipt), "logprobs": nil,
                    "message": .object(message),
                ]
            ],
            "usage": usage(receipt.usage),
        ]
    }

    static func toolCall(_ call: ToolCall) -> JSONValue {
        [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(arguments(of: call))],
        ]
    }

    /// Models write nothing at all for "no arguments", and clients parse it.
    static func arguments(of call: ToolCall) -> String { (call.argumentObject ?? [:]).serialized() }

    /// Some servers end with `stop` after they called a tool.
    static func finishReason(_ receipt: CallReceipt) -> JSONValue {
        if receipt.finishReason == "refusal" { return "content_filter" }
        let isCall = !receipt.toolCalls.isEmpty && receipt.finishReason == "stop"
        return .string(isCall ? "tool_calls" : receipt.finishReason)
    }

    static func identifier(_ id: RunID) -> String { "chatcmpl-\(id)" }

    /// Null where the provider did not say: the call was charged at its upper bound then.
    static func usage(_ usage: TokenUsage) -> JSONValue {
        guard let input = usage.input, let output = usage.output else { return nil }
        let prompt = input + (usage.cachedRead ?? 0) + (usage.cacheWrite ?? 0) + (usage.cacheWriteOneHour ?? 0)
        return [
            "prompt_tokens": .integer(prompt), "completion_tokens": .integer(output),
            "total_tokens": .integer(prompt + output),
            "prompt_tokens_details": ["cached_tokens": .integer(usage.cachedRead ?? 0)],
            "completion_tokens_details": ["reasoning_tokens": .integer(usage.reasoning ?? 0)],
        ]
    }

    static func error(_ problem: CallProblem) -> JSONValue {
        let type =
            switch problem.status.code {
            case 402: "insufficient_quota"
            case 403: "permission_error"
            case 429: "rate_limit_error"
            case 500...: "server_error"
            default: "invalid_request_error"
            }
        return [
            "error": [
                "message": .string(problem.message), "type": .string(type), "code": .string(problem.code),
                "param": problem.parameter.map(JSONValue.string) ?? .null,
            ]
        ]
    }
}

extension RunID {
    /// When it was made, in seconds since 1970.
    var seconds: Int64 { bytes[..<6].reduce(Int64(0)) { $0 << 8 | Int64($1) } / 1000 }
}
