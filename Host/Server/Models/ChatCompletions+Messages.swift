import Kernel

/// Messages and tools of a request, in the gateway's words.
extension ChatCompletions {
    static func message(_ object: WireObject) throws(CallProblem) -> JSONValue {
        let role = try object.required("role")
        switch role {
        case "system", "developer":
            try object.refuseAll(but: ["content", "name", "role"])
            try object.require("name")
            return ["role": "system", "content": try content(object)]
        case "user":
            try object.refuseAll(but: ["content", "name", "role"])
            try object.require("name")
            return ["role": "user", "content": try content(object, withImages: true)]
        case "assistant": return try assistant(object)
        case "tool":
            try object.refuseAll(but: ["content", "name", "role", "tool_call_id"])
            return [
                "role": "tool", "content": try content(object),
                "tool_call_id": .string(try object.required("tool_call_id")),
            ]
        default: throw .unsupported(object.path(of: "role"), "\(role) is not taken here")
        }
    }

    /// Clients send back what they were answered: members that say nothing, and `parsed` and `parsed_arguments`, their
    /// own reading of what stands beside it.
    private static func assistant(_ object: WireObject) throws(CallProblem) -> JSONValue {
        try object.refuseAll(
            but: [
                "annotations", "audio", "content", "function_call", "name", "parsed", "refusal", "role", "tool_calls",
            ])
        for name in ["audio", "function_call", "name", "refusal"] { try object.require(name) }
        try object.require("annotations", oneOf: [])
        var message: [String: JSONValue] = ["role": "assistant", "content": try content(object)]
        let calls = try object.array("tool_calls") ?? []
        guard !calls.isEmpty else { return .object(message) }
        var read: [JSONValue] = []
        for (index, call) in calls.enumerated() {
            read.append(try self.call(try WireObject(call, at: "\(object.path(of: "tool_calls"))[\(index)]")))
        }
        message["tool_calls"] = .array(read)
        if message["content"] == "" { message["content"] = .null }
        return .object(message)
    }

    private static func call(_ object: WireObject) throws(CallProblem) -> JSONValue {
        try object.refuseAll(but: ["function", "id", "index", "type"])
        try requireFunction(object)
        guard let function = try object.object("function") else {
            throw .invalid(object.path(of: "function"), "is missing")
        }
        try function.refuseAll(but: ["arguments", "name", "parsed_arguments"])
        let call = ToolCall(
            id: try object.required("id"), name: try function.required("name"),
            arguments: try function.required("arguments"))
        guard let arguments = call.argumentObject else {
            throw .invalid(function.path(of: "arguments"), "must be a JSON object, as a string")
        }
        return ["id": .string(call.id), "name": .string(call.name), "arguments": arguments]
    }

    private static func requireFunction(_ object: WireObject) throws(CallProblem) {
        let type = try object.required("type")
        guard type == "function" else {
            throw .unsupported(object.path(of: "type"), "\(type) is not taken here; only function is")
        }
    }

    private static func content(
        _ object: WireObject, withImages: Bool = false
    ) throws(CallProblem) -> JSONValue {
        guard let value = object["content"] else { return "" }
        if value.stringValue != nil { return value }
        let path = object.path(of: "content")
        guard let parts = value.arrayValue else { throw .invalid(path, "must be a string or an array of parts") }
        var read: [JSONValue] = []
        for (index, part) in parts.enumerated() {
            let part = try WireObject(part, at: "\(path)[\(index)]")
            switch try part.required("type") {
            case "text":
                try part.refuseAll(but: ["text", "type"])
                read.append(Neutral.text(try part.required("text")))
            case "image_url" where withImages: read.append(try image(part))
            case let type: throw .unsupported(part.path(of: "type"), "\(type) is not taken in this message")
            }
        }
        return Neutral.content(read)
    }

    private static func image(_ part: WireObject) throws(CallProblem) -> JSONValue {
        try part.refuseAll(but: ["image_url", "type"])
        guard let image = try part.object("image_url") else {
            throw .invalid(part.path(of: "image_url"), "is missing")
        }
        try image.refuseAll(but: ["detail", "url"])
        try image.require("detail", oneOf: "auto")
        let (url, path) = (try image.required("url"), image.path(of: "url"))
        let scheme = "data:", encoding = ";base64"
        guard url.prefix(scheme.count).lowercased() == scheme else { throw Neutral.noURL(path) }
        let rest = url.dropFirst(scheme.count)
        guard let comma = rest.firstIndex(of: ","), rest[..<comma].lowercased().hasSuffix(encoding) else {
            throw .invalid(path, "must be data:<media type>;base64,<data>")
        }
        let mediaType = rest[..<comma].lowercased().dropLast(encoding.count)
        return try Neutral.image(mediaType: String(mediaType), base64: String(rest[comma...].dropFirst()), at: path)
    }

    // MARK: Tools

    static func readTools(_ object: WireObject, into options: inout [String: JSONValue]) throws(CallProblem) {
        var tools: [JSONValue] = []
        for (index, tool) in (try object.array("tools") ?? []).enumerated() {
            let tool = try WireObject(tool, at: "tools[\(index)]")
            try tool.refuseAll(but: ["function", "type"])
            try requireFunction(tool)
            guard let function = try tool.object("function") else {
                throw .invalid(tool.path(of: "function"), "is missing")
            }
            // Arguments are held to their schema here, strict or not.
            try function.refuseAll(but: ["description", "name", "parameters", "strict"])
            tools.append(
                Neutral.tool(
                    name: try function.required("name"), description: try function.string("description"),
                    parameters: function["parameters"]))
        }
        if !tools.isEmpty { options["tools"] = .array(tools) }
        if let choice = try choice(object) { options["tool_choice"] = choice }
        if try object.flag("parallel_tool_calls") == false, !tools.isEmpty { options["parallel_tool_calls"] = false }
    }

    private static func choice(_ object: WireObject) throws(CallProblem) -> JSONValue? {
        guard let value = object["tool_choice"] else { return nil }
        if let word = value.stringValue {
            guard ["auto", "none", "required"].contains(word) else {
                throw .invalid("tool_choice", "must be auto, none, required or a function")
            }
            return value
        }
        let choice = try WireObject(value, at: "tool_choice")
        try choice.refuseAll(but: ["function", "type"])
        try requireFunction(choice)
        guard let name = try choice.object("function")?.required("name") else {
            throw .invalid(choice.path(of: "function"), "is missing")
        }
        return ["tool": .string(name)]
    }
}
