import Kernel

/// Content blocks and tools of a request, in the gateway's words.
extension Messages {
    /// One message of this protocol may hold results of several tools, which are messages of their own.
    static func messages(_ object: WireObject) throws(CallProblem) -> [JSONValue] {
        try object.refuseAll(but: ["content", "role"])
        let role = try object.required("role"), path = object.path(of: "content")
        guard role == "user" || role == "assistant" else {
            throw .invalid(object.path(of: "role"), "must be user or assistant")
        }
        guard let value = object["content"] else { throw .invalid(path, "is missing") }
        guard let blocks = value.arrayValue else {
            return [["role": .string(role), "content": try content(value, at: path)]]
        }
        var (parts, calls, results) = ([JSONValue](), [JSONValue](), [JSONValue]())
        for (index, block) in blocks.enumerated() {
            let block = try WireObject(block, at: "\(path)[\(index)]")
            switch (try block.required("type"), role) {
            case ("tool_use", "assistant"): calls.append(try call(block))
            case ("tool_result", "user"):
                // Providers take results before what the user says about them.
                guard parts.isEmpty else { throw .invalid(block.path(of: "type"), "must stand before other blocks") }
                results.append(try result(block))
            case ("text", "assistant") where !calls.isEmpty:
                throw .unsupported(block.path(of: "type"), "text after tool_use is not taken here")
            default: parts.append(try part(block, withImages: role == "user"))
            }
        }
        var message: [String: JSONValue] = ["role": .string(role), "content": Neutral.content(parts)]
        if !calls.isEmpty {
            message["tool_calls"] = .array(calls)
            if parts.isEmpty { message["content"] = .null }
        }
        return results + (parts.isEmpty && !results.isEmpty ? [] : [.object(message)])
    }

    /// A string, or blocks of text.
    static func content(_ value: JSONValue, at path: String) throws(CallProblem) -> JSONValue {
        if value.stringValue != nil { return value }
        guard let blocks = value.arrayValue else { throw .invalid(path, "must be a string or an array of blocks") }
        var parts: [JSONValue] = []
        for (index, block) in blocks.enumerated() {
            parts.append(try part(try WireObject(block, at: "\(path)[\(index)]"), withImages: false))
        }
        return Neutral.content(parts)
    }

    private static func part(_ block: WireObject, withImages: Bool) throws(CallProblem) -> JSONValue {
        switch try block.required("type") {
        case "text":
            try block.refuseAll(but: ["cache_control", "citations", "text", "type"])
            try block.require("citations", oneOf: [])
            return Neutral.text(try block.required("text"), cache: try cache(block))
        case "image" where withImages:
            try block.refuseAll(but: ["cache_control", "source", "type"])
            guard let source = try block.object("source") else {
                throw .invalid(block.path(of: "source"), "is missing")
            }
            guard try source.required("type") == "base64" else { throw Neutral.noURL(source.path(of: "type")) }
            try source.refuseAll(but: ["data", "media_type", "type"])
            return try Neutral.image(
                mediaType: try source.required("media_type"), base64: try source.required("data"),
                cache: try cache(block), at: source.path(of: "data"))
        case let type: throw .unsupported(block.path(of: "type"), "\(type) is not taken in this message")
        }
    }

    private static func call(_ block: WireObject) throws(CallProblem) -> JSONValue {
        try block.refuseAll(but: ["cache_control", "caller", "id", "input", "name", "type"])
        try block.require("cache_control")
        try block.require("caller", oneOf: ["type": "direct"])
        guard let input = block["input"], input.objectValue != nil else {
            throw .invalid(block.path(of: "input"), "must be an object")
        }
        return [
            "id": .string(try block.required("id")), "name": .string(try block.required("name")), "arguments": input,
        ]
    }

    /// Other protocols have no flag for a tool that failed, so the model is told in words.
    private static func result(_ block: WireObject) throws(CallProblem) -> JSONValue {
        try block.refuseAll(but: ["cache_control", "content", "is_error", "tool_use_id", "type"])
        var parts: [JSONValue] = []
        if try block.flag("is_error") == true { parts.append(Neutral.text("The tool failed:")) }
        if let value = block["content"] {
            let content = try self.content(value, at: block.path(of: "content"))
            parts += content.arrayValue ?? [Neutral.text(content.stringValue ?? "")]
        }
        if let cache = try cache(block) {
            let last = parts.popLast()?.objectValue ?? ["type": "text", "text": ""]
            parts.append(.object(last.merging(["cache": cache]) { $1 }))
        }
        return [
            "role": "tool", "tool_call_id": .string(try block.required("tool_use_id")),
            "content": Neutral.content(parts),
        ]
    }

    private static func cache(_ block: WireObject) throws(CallProblem) -> JSONValue? {
        guard let control = try block.object("cache_control") else { return nil }
        try control.refuseAll(but: ["ttl", "type"])
        guard try control.required("type") == "ephemeral" else {
            throw .unsupported(control.path(of: "type"), "only ephemeral is taken")
        }
        let lifetime = try control.string("ttl") ?? CacheLifetime.fiveMinutes.rawValue
        guard CacheLifetime(rawValue: lifetime) != nil else {
            throw .invalid(control.path(of: "ttl"), "must be 5m or 1h")
        }
        return .string(lifetime)
    }

    // MARK: Tools

    static func readTools(_ object: WireObject, into options: inout [String: JSONValue]) throws(CallProblem) {
        var tools: [JSONValue] = []
        for (index, tool) in (try object.array("tools") ?? []).enumerated() {
            let tool = try WireObject(tool, at: "tools[\(index)]")
            try tool.require("type", oneOf: "custom")
            // Inputs are held to their schema here, strict or not.
            try tool.refuseAll(
                but: [
                    "cache_control", "description", "eager_input_streaming", "input_schema", "name", "strict", "type",
                ])
            try tool.require("cache_control")
            try tool.require("eager_input_streaming", oneOf: false)
            guard let schema = tool["input_schema"] else { throw .invalid(tool.path(of: "input_schema"), "is missing") }
            tools.append(
                Neutral.tool(
                    name: try tool.required("name"), description: try tool.string("description"), parameters: schema))
        }
        if !tools.isEmpty { options["tools"] = .array(tools) }
        guard let choice = try object.object("tool_choice") else { return }
        try choice.refuseAll(but: ["disable_parallel_tool_use", "name", "type"])
        switch try choice.required("type") {
        case "auto": break
        case "any": options["tool_choice"] = "required"
        case "none": options["tool_choice"] = "none"
        case "tool": options["tool_choice"] = ["tool": .string(try choice.required("name"))]
        case let type: throw .invalid(choice.path(of: "type"), "\(type) is none of auto, any, none and tool")
        }
        if try choice.flag("disable_parallel_tool_use") == true, !tools.isEmpty {
            options["parallel_tool_calls"] = false
        }
    }
}
