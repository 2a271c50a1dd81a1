import Kernel

/// Events of Anthropic's messages API. Input is known from the first event, output from the last but one; counts are
/// running totals, and what a later event leaves out or says as null keeps its earlier value.
struct AnthropicDecoder: AnswerDecoder {
    private let maximumOutputTokens: Int
    private var usage: [String: JSONValue] = [:]
    private var hasFinalUsage = false
    /// Something was billed that the host does not see whole: thinking comes as a summary, or not at all.
    private var hasHiddenOutput = false

    init(maximumOutputTokens: Int) { self.maximumOutputTokens = maximumOutputTokens }

    mutating func read(_ event: AnswerEvent, into draft: inout AnswerDraft) {
        let body = event.body
        switch body["type"]?.stringValue ?? event.type {
        case "message_start":
            draft.model = body["message"]?["model"]?.stringValue
            draft.reference = body["message"]?["id"]?.stringValue
            merge(body["message"]?["usage"], isFinal: false, into: &draft)
        case "content_block_start":
            if let block = body["content_block"] { readStart(block, at: Self.index(body), into: &draft) }
        case "content_block_delta":
            if let delta = body["delta"] { readDelta(delta, at: Self.index(body), into: &draft) }
        case "message_delta":
            finish(body["delta"]?["stop_reason"], into: &draft)
            merge(body["usage"], isFinal: true, into: &draft)
        case "message_stop": draft.isDone = true
        case "error": fail(body, into: &draft)
        default: break
        }
    }

    mutating func read(document: JSONValue, into draft: inout AnswerDraft) {
        guard document["type"] != "error" else { return fail(document, into: &draft) }
        draft.model = document["model"]?.stringValue
        draft.reference = document["id"]?.stringValue
        for (index, block) in (document["content"]?.arrayValue ?? []).enumerated() {
            readStart(block, at: index, into: &draft)
            if let input = block["input"], block["type"] == "tool_use" {
                draft.extendCall(at: index, arguments: input.serialized())
            }
        }
        finish(document["stop_reason"], into: &draft)
        merge(document["usage"], isFinal: true, into: &draft)
    }

    /// Input is exact from the first event on. Output is what was said, or at most what was seen; all that was allowed
    /// where some of it is hidden.
    func usageSoFar(_ draft: AnswerDraft) -> TokenUsage? {
        guard !usage.isEmpty else { return nil }
        var tokens = Self.tokens(of: usage)
        guard !hasFinalUsage else { return tokens }
        let calls = draft.toolCalls.reduce(Int64(0)) { sum, call in
            sum + TokenBound.tokens(in: call.name) + TokenBound.tokens(in: call.arguments)
        }
        let limit = Int64(maximumOutputTokens)
        let seen = hasHiddenOutput ? limit : min(limit, TokenBound.tokens(in: draft.text) + calls)
        tokens.output = max(tokens.output ?? 0, seen)
        return tokens
    }

    private mutating func merge(_ said: JSONValue?, isFinal: Bool, into draft: inout AnswerDraft) {
        guard let members = said?.objectValue else { return }
        usage.merge(members.filter { $0.value != .null }) { $1 }
        hasFinalUsage = hasFinalUsage || isFinal
        var report = UsageReport(.object(usage), format: .anthropic)
        report.tokens = Self.tokens(of: usage)
        // The first event's count of output is a beginning, not a result.
        if !hasFinalUsage { report.tokens.output = nil }
        draft.report = report
    }

    /// No request is empty: a proxy that does not know its size yet begins with zeros, which say nothing.
    private static func tokens(of usage: [String: JSONValue]) -> TokenUsage {
        var tokens = UsageReport(.object(usage), format: .anthropic).tokens
        let input = [tokens.input, tokens.cachedRead, tokens.cacheWrite, tokens.cacheWriteOneHour]
        if input.allSatisfy({ ($0 ?? 0) == 0 }) { tokens.input = nil }
        return tokens
    }

    private mutating func readStart(_ block: JSONValue, at index: Int, into draft: inout AnswerDraft) {
        switch block["type"]?.stringValue {
        case "text": draft.append(block["text"]?.stringValue ?? "")
        case "tool_use":
            draft.extendCall(at: index, id: block["id"]?.stringValue, name: block["name"]?.stringValue)
        default: hasHiddenOutput = true
        }
    }

    private func readDelta(_ delta: JSONValue, at index: Int, into draft: inout AnswerDraft) {
        switch delta["type"]?.stringValue {
        case "text_delta": draft.append(delta["text"]?.stringValue ?? "")
        case "input_json_delta" where draft.hasCall(at: index):
            draft.extendCall(at: index, arguments: delta["partial_json"]?.stringValue ?? "")
        default: break
        }
    }

    private func finish(_ reason: JSONValue?, into draft: inout AnswerDraft) {
        guard let reason = reason?.stringValue else { return }
        draft.finishReason =
            switch reason {
            case "end_turn", "stop_sequence": "stop"
            case "max_tokens", "model_context_window_exceeded": "length"
            case "tool_use": "tool_calls"
            default: reason
            }
    }

    private func fail(_ body: JSONValue, into draft: inout AnswerDraft) {
        let message = "the provider failed: \(ProviderRefusal.message(of: body))"
        switch body["error"]?["type"]?.stringValue {
        case "overloaded_error", "rate_limit_error": draft.fail(.busy, message)
        case "invalid_request_error": draft.fail(.invalid, message)
        default: draft.fail(.io, message)
        }
    }

    private static func index(_ body: JSONValue) -> Int {
        body["index"]?.integerValue.flatMap { Int(exactly: $0) } ?? 0
    }
}
