import CBureau
import FoundationEssentials
import PluginKit
import Synchronization

// How the fake world performs each effect. Arguments were checked for form by the tables.
extension FakeHost {
    private func answer(_ body: () throws -> EffectOutcome) -> EffectOutcome {
        do {
            return try body()
        } catch {
            return .failed(TaskFailure(catching: error))
        }
    }

    private func value(_ data: Data, _ what: String) throws(TaskFailure) -> JSONValue {
        try JSONCoding.decode(JSONValue.self, from: data, what, failing: .invalid)
    }

    // MARK: The world outside

    func modelEffect(_ request: bureau_model_request) -> FakeEffect {
        let (model, messages, options) = (request.model.copy, request.messages_json.copy, request.options_json.copy)
        let limit = request.max_output_tokens
        var effect = FakeEffect(
            "model",
            [
                .text("model", model), .bytes("messages", messages), .bytes("options", options),
                .given("max_output_tokens", limit),
                .given("max_cost_nanodollars", UInt64(bitPattern: request.max_cost_nanodollars)),
            ]
        ) { [self] step in
            answer {
                guard let script = world.withLock({ $0.scripts.model }) else {
                    throw TaskFailure.unsupported("no script for models: call harness.onModel")
                }
                let asked = ScriptedModelRequest(
                    step: step, model: model,
                    messages: try JSONCoding.decode([ChatMessage].self, from: messages, "messages", failing: .invalid),
                    options: options.isEmpty
                        ? ModelOptions()
                        : try JSONCoding.decode(ModelOptions.self, from: options, "options", failing: .invalid),
                    maximumOutputTokens: limit == 0 ? nil : Int(clamping: limit))
                let reply = try script(asked)
                if let left = world.withLock({ $0.scripts.budgetNanodollars }) {
                    guard reply.usage.costNanodollars <= left else {
                        throw TaskFailure.budget("the run's budget has \(left) nanodollars left")
                    }
                    world.withLock { $0.scripts.budgetNanodollars = left - reply.usage.costNanodollars }
                }
                return .done(data: try JSONCoding.encode(reply, "the reply"), usage: reply.usage)
            }
        }
        effect.chunkCredit = request.chunk_credit
        return effect
    }

    func toolEffect(_ tool: String, _ arguments: Data) -> FakeEffect {
        FakeEffect("tool", [.text("tool", tool), .bytes("arguments", arguments)]) { [self] _ in
            answer {
                guard let script = world.withLock({ $0.scripts.tools[tool] }) else {
                    throw TaskFailure.notFound("no script for this tool: call harness.onTool(\"\(tool)\")")
                }
                let result = try script(arguments)
                _ = try value(result, "the result scripted for \(tool)")
                return .done(data: result)
            }
        }
    }

    func httpEffect(_ request: bureau_http_request) -> FakeEffect {
        let (method, url, headers, body) = (
            request.method.copy, request.url.copy, request.headers_json.copy, request.body.copy
        )
        return FakeEffect(
            "http",
            [
                .text("method", method), .text("url", url), .bytes("headers", headers), .bytes("body", body),
                .given("max_response_bytes", request.max_response_bytes),
            ]
        ) { [self] _ in
            answer {
                guard let script = world.withLock({ $0.scripts.http }) else {
                    throw TaskFailure.unsupported("no script for HTTP: call harness.onHTTP")
                }
                let fields =
                    headers.isEmpty
                    ? [:] : try JSONCoding.decode([String: String].self, from: headers, "headers", failing: .invalid)
                let response = try script(
                    HTTPRequest(url: url, method: method, headers: fields, body: [UInt8](body)))
                let answered = try JSONCoding.encode(response.headers, "the answer's headers")
                return .done(
                    value: UInt64(clamping: response.status), data: Data(response.body),
                    text: String(decoding: answered, as: UTF8.self))
            }
        }
    }

    func approvalEffect(_ request: bureau_approval_request) -> FakeEffect {
        let (title, body, content) = (request.title.copy, request.body.copy, request.content_json.copy)
        let expires = request.expires_ms
        return FakeEffect(
            "approval",
            [
                .text("title", title), .text("body", body), .bytes("content", content),
                .given("expires_ms", expires),
            ]
        ) { [self] step in
            answer {
                guard let script = world.withLock({ $0.scripts.approval }) else {
                    throw TaskFailure.unsupported("nobody decides: call harness.approve or harness.onApproval")
                }
                let decision = try script(
                    ScriptedApprovalRequest(
                        step: step, title: title, body: body, content: try value(content, "the content"),
                        expiresAfterSeconds: expires == 0 ? nil : Int(clamping: expires / 1_000)))
                return .done(data: try JSONCoding.encode(decision, "the decision"))
            }
        }
    }

    // MARK: Other departments

    func childEffect(_ department: String, _ task: String, _ input: Data) -> FakeEffect {
        FakeEffect(
            "child", [.text("department", department), .text("task", task), .bytes("input", input)]
        ) { [self] _ in
            answer { .done(data: try runChild(department, task, input), text: "child") }
        }
    }

    private func runChild(_ department: String, _ task: String, _ input: Data) throws -> Data {
        guard let script = world.withLock({ $0.scripts.calls[Scripts.callKey(department, task)] }) else {
            throw TaskFailure.notFound("no script for \(department)/\(task): call harness.onCall")
        }
        let output = try script(input)
        _ = try value(output, "the output scripted for \(department)/\(task)")
        return output
    }

    func planEffect(_ document: Data) -> FakeEffect {
        FakeEffect("plan", [.bytes("plan", document)]) { [self] _ in
            answer {
                let plan = try JSONCoding.decode(Plan.self, from: document, "the plan", failing: .invalid)
                let outputs = try PlanRunner.run(plan) { node, input in
                    let output = try runChild(node.department, node.task, try JSONCoding.encode(input, "the input"))
                    return try value(output, "the output of \(node.id)")
                }
                return .done(data: try JSONCoding.encode(PlanOutputs(outputs: outputs), "the outputs"), text: "plan")
            }
        }
    }

    func messageEffect(_ department: String, _ type: String, _ payload: Data) -> FakeEffect {
        FakeEffect(
            "message", [.text("department", department), .text("type", type), .bytes("payload", payload)]
        ) { [self] _ in
            answer {
                let sent = SentDocument(
                    department: department, type: type, content: try value(payload, "the payload"))
                world.withLock { $0.messages.append(sent) }
                return .done()
            }
        }
    }

    func auditEffect(_ type: String, _ json: Data) -> FakeEffect {
        FakeEffect("audit.note", [.text("type", type), .bytes("content", json)]) { [self] _ in
            answer {
                guard json.count <= 8_192 else { throw TaskFailure.tooLarge("an audit note is at most 8 KiB") }
                let note = SentDocument(department: "", type: type, content: try value(json, "the note"))
                return world.withLock { world in
                    world.auditNotes.append(note)
                    return .done(value: UInt64(world.auditNotes.count - 1))
                }
            }
        }
    }

    // MARK: What the host keeps

    func stateGetEffect(_ key: String) -> FakeEffect {
        FakeEffect("state.get", [.text("key", key)]) { [self] _ in
            guard let stored = world.withLock({ $0.state[key] }), let value = stored.value else {
                return .failed(.notFound("there is no state \"\(key)\""))
            }
            return .done(value: stored.revision, data: value)
        }
    }

    /// - Parameter value: nil removes the key.
    func statePutEffect(_ key: String, _ value: Data?, _ expected: UInt64) -> FakeEffect {
        let kind = value == nil ? "state.remove" : "state.put"
        let parts: [EffectPart] =
            [.text("key", key)] + (value.map { [.bytes("value", $0)] } ?? [])
            + [.optional("expected_revision", expected == .max ? nil : expected)]
        return FakeEffect(kind, parts) { [self] _ in
            world.withLock { world in
                let stored = world.state[key]
                let current = stored?.value == nil ? 0 : stored?.revision ?? 0
                guard expected == .max || expected == current else {
                    return .failed(.conflict("\"\(key)\" is at revision \(current)"), value: current)
                }
                if value == nil, current == 0 { return .done() }
                let revision = (stored?.revision ?? 0) + 1
                world.state[key] = World.StoredValue(value: value, revision: revision)
                return .done(value: revision)
            }
        }
    }

    func stateListEffect(_ prefix: String) -> FakeEffect {
        FakeEffect("state.list", [.text("prefix", prefix)]) { [self] _ in
            answer {
                let keys = world.withLock { world in
                    world.state.filter { $0.value.value != nil && $0.key.hasPrefix(prefix) }.keys.sorted()
                }
                return .done(data: try JSONCoding.encode(Array(keys.prefix(1_000)), "the keys"))
            }
        }
    }

    func artifactPutEffect(_ name: String, _ mediaType: String, _ bytes: Data) -> FakeEffect {
        FakeEffect(
            "artifact.put", [.text("name", name), .text("media_type", mediaType), .bytes("content", bytes)]
        ) { [self] _ in
            guard !name.isEmpty, !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
                return .failed(.invalid("\"\(name)\" is not a relative file name"))
            }
            let digest = SHA256.hexadecimal(of: bytes)
            world.withLock { world in
                world.artifacts[name] = [UInt8](bytes)
                world.artifactsByDigest[digest] = (bytes, mediaType)
            }
            return .done(data: Data(digest.utf8))
        }
    }

    func artifactGetEffect(_ digest: String) -> FakeEffect {
        FakeEffect("artifact.get", [.text("digest", digest)]) { [self] _ in
            guard let stored = world.withLock({ $0.artifactsByDigest[digest] }) else {
                return .failed(.notFound("no artifact has the digest \(digest)"))
            }
            return .done(data: stored.bytes, text: stored.mediaType)
        }
    }

    // MARK: Time, chance, money

    func sleepEffect(milliseconds: UInt64) -> FakeEffect {
        FakeEffect("sleep", [.number("milliseconds", milliseconds)]) { [self] _ in
            world.withLock { world in
                world.nowMilliseconds &+= milliseconds
                return .done(value: world.nowMilliseconds)
            }
        }
    }

    func nowEffect() -> FakeEffect {
        FakeEffect("now", []) { [self] _ in .done(value: world.withLock { $0.nowMilliseconds }) }
    }

    func randomEffect(count: Int) -> FakeEffect {
        FakeEffect("random", [.number("count", UInt64(count))]) { [self] _ in
            world.withLock { world in
                var bytes = Data()
                while bytes.count < count {
                    withUnsafeBytes(of: world.nextRandom().bigEndian) { bytes.append(contentsOf: $0) }
                }
                return .done(data: bytes.prefix(count))
            }
        }
    }

    func budgetRemainingEffect() -> FakeEffect {
        FakeEffect("budget.remaining", []) { [self] _ in
            let left = world.withLock { $0.scripts.budgetNanodollars }
            let amount = left.map { "\($0)" } ?? "null"
            return .done(data: Data(#"{"remaining_nanodollars":\#(amount),"limited_by":"run"}"#.utf8))
        }
    }

    func budgetReserveEffect(_ amount: Int64) -> FakeEffect {
        FakeEffect("budget.reserve", [.number("nanodollars", UInt64(bitPattern: amount))]) { [self] _ in
            world.withLock { world in
                if let left = world.scripts.budgetNanodollars {
                    guard amount <= left else {
                        return .failed(.budget("the run's budget has \(left) nanodollars left"))
                    }
                    world.scripts.budgetNanodollars = left - amount
                }
                world.lastTicket += 1
                world.tickets[world.lastTicket] = amount
                return .done(value: world.lastTicket)
            }
        }
    }

    func budgetReleaseEffect(_ ticket: UInt64) -> FakeEffect {
        FakeEffect("budget.release", [.number("ticket", ticket)]) { [self] _ in
            world.withLock { world in
                guard let amount = world.tickets.removeValue(forKey: ticket) else {
                    return .failed(.notFound("no such ticket is held"))
                }
                if let left = world.scripts.budgetNanodollars { world.scripts.budgetNanodollars = left + amount }
                return .done()
            }
        }
    }

    // MARK: Not effects

    func log(_ level: Int32, _ text: String) {
        world.withLock { $0.logs.append(LoggedLine(level: LogLevel(rawValue: level), text: text)) }
    }

    func emit(_ handle: bureau_call, kind: UInt32, _ data: Data) -> bureau_status {
        guard state.withLock({ $0.calls[handle] != nil }) else { return BUREAU_E_STALE }
        switch kind {
        case BUREAU_EMIT_PROGRESS:
            guard let document = try? value(data, "progress"), let milli = document["fraction_milli"]?.integerValue
            else {
                violation("progress that is not {\"fraction_milli\":…}")
                return BUREAU_E_INVALID
            }
            let text = document["text"]?.stringValue ?? ""
            world.withLock { $0.progress.append(.init(fraction: Double(milli) / 1_000, text: text)) }
        case BUREAU_EMIT_PARTIAL:
            world.withLock { $0.partialText += String(decoding: data, as: UTF8.self) }
        default:
            violation("emit of an unknown kind (\(kind))")
            return BUREAU_E_INVALID
        }
        return BUREAU_OK
    }
}
