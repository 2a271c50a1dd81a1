extension EffectRequest {
    /// What is asked, for people: the fields of the kind by name. The names are part of the replay fixture's format
    /// (`PluginAPI/Testing/README.md`).
    package var json: JSONValue {
        switch self {
        case .step(let shape): ["depends_on": .readable(shape)]
        case .model(let request):
            [
                "model": .string(request.model), "messages": .readable(request.messages),
                "options": .readable(request.options), "max_output_tokens": .number(request.maximumOutputTokens),
                "max_cost_nanodollars": request.maximumCost.map { .integer($0.value) } ?? .null,
            ]
        case .tool(let name, let arguments, _): ["tool": .string(name), "arguments": .readable(arguments)]
        case .http(let request):
            [
                "method": .string(request.method), "url": .string(request.url), "headers": .readable(request.headers),
                "body": .readable(request.body), "max_response_bytes": .number(request.maximumResponseBytes),
            ]
        case .stateGet(let key): ["key": .string(key)]
        case .statePut(let key, let value, let expected):
            ["key": .string(key), "value": .readable(value), "expected_revision": .number(expected)]
        case .stateRemove(let key, let expected): ["key": .string(key), "expected_revision": .number(expected)]
        case .stateList(let prefix): ["prefix": .string(prefix)]
        case .artifactPut(let name, let mediaType, let bytes):
            ["name": .string(name), "media_type": .string(mediaType), "content": .readable(bytes)]
        case .artifactGet(let digest): ["digest": .string(digest)]
        default: coordinationJSON
        }
    }

    private var coordinationJSON: JSONValue {
        switch self {
        case .child(let task, let input):
            ["department": .string(task.department), "task": .string(task.task), "input": .readable(input)]
        case .plan(let plan): ["plan": .readable(plan)]
        case .message(let department, let type, let payload):
            ["department": .string(department), "type": .string(type), "payload": .readable(payload)]
        case .approval(let request):
            [
                "title": .string(request.title), "body": .string(request.body),
                "content": .readable(request.content), "expires_ms": .number(request.expiresMilliseconds),
            ]
        case .sleep(let milliseconds): ["milliseconds": .number(milliseconds)]
        case .random(let count): ["count": .integer(Int64(count))]
        case .budgetReserve(let amount): ["nanodollars": .integer(amount.value)]
        case .budgetRelease(let ticket): ["ticket": .number(ticket)]
        case .auditNote(let type, let json): ["type": .string(type), "content": .readable(json)]
        default: [:]
        }
    }
}

extension JSONValue {
    /// Bytes for people: the document that they spell, or the text, or how many they are and their digest.
    package static func readable(_ bytes: [UInt8]) -> JSONValue {
        if let document = try? JSONParser.parse(bytes) { return document }
        if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
        return ["bytes": .integer(Int64(bytes.count)), "sha256": .string(Digest.sha256(bytes).hex)]
    }

    /// A number beyond 64 signed bits is written as text.
    package static func number(_ number: UInt64?) -> JSONValue {
        guard let number else { return .null }
        return Int64(exactly: number).map { .integer($0) } ?? .string(String(number))
    }
}
