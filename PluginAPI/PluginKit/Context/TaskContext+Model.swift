import CBureau
import FoundationEssentials

extension TaskContext {
    /// One question to a language model. The host chooses provider and key, and pays from the run's budget.
    ///
    /// - Parameters:
    ///   - model: `provider/model`, or a class that the operator maps; empty is the operator's default.
    ///   - maximumOutputTokens: nil lets the host set the limit.
    ///   - onChunk: pieces of the answer as they come; not called when the answer is replayed.
    public func model(
        _ prompt: String, system: String? = nil, model: String = "", maximumOutputTokens: Int? = nil,
        step: String? = nil, onChunk: (@Sendable (String) -> Void)? = nil
    ) async throws(TaskFailure) -> ModelReply {
        var messages: [ChatMessage] = []
        if let system { messages.append(.system(system)) }
        messages.append(.user(prompt))
        return try await self.model(
            messages: messages, model: model, maximumOutputTokens: maximumOutputTokens, step: step, onChunk: onChunk)
    }

    /// A question whose answer is a value: the model is held to the type's schema, and asked again, a bounded number of
    /// times, when its answer does not fit.
    public func model<Value: Decodable>(
        _ prompt: String, as type: Value.Type, system: String? = nil, model: String = "",
        maximumOutputTokens: Int? = nil, step: String? = nil
    ) async throws(TaskFailure) -> Value {
        var messages: [ChatMessage] = []
        if let system { messages.append(.system(system)) }
        messages.append(.user(prompt))
        let options = ModelOptions(responseSchema: try ModelOptions.schema(of: type))
        return try await self.model(
            messages: messages, options: options, model: model, maximumOutputTokens: maximumOutputTokens, step: step
        ).decode(type)
    }

    /// A whole conversation to a language model.
    ///
    /// - Parameter maximumCostNanodollars: a limit for this call alone; nil leaves it to the budgets.
    public func model(
        messages: [ChatMessage], options: ModelOptions = .init(), model: String = "",
        maximumOutputTokens: Int? = nil, maximumCostNanodollars: Int64? = nil, timeoutSeconds: Double? = nil,
        step: String? = nil, onChunk: (@Sendable (String) -> Void)? = nil
    ) async throws(TaskFailure) -> ModelReply {
        guard let start = call.services.model?.pointee.start else { throw .missing(BUREAU_HOST_MODEL) }
        let messages = try JSONCoding.encode(messages, "the messages")
        let options = options == ModelOptions() ? Data() : try JSONCoding.encode(options, "the model's options")
        let outcome = await call.perform(step, onChunk: onChunk) { host, call, step, out in
            withBorrowed(model) { model in
                withBorrowed(messages) { messages in
                    withBorrowed(options) { options in
                        var request = bureau_model_request(
                            struct_size: UInt32(MemoryLayout<bureau_model_request>.size), flags: 0, model: model,
                            messages_json: messages, options_json: options,
                            max_output_tokens: UInt64(clamping: maximumOutputTokens ?? 0),
                            timeout_ms: milliseconds(timeoutSeconds),
                            max_cost_nanodollars: maximumCostNanodollars ?? 0,
                            chunk_credit: onChunk == nil ? 0 : OpenCall.chunkCredit)
                        return start(host, call, step, &request, out)
                    }
                }
            }
        }
        let result = try outcome.result()
        var reply = try JSONCoding.decode(
            ModelReply.self, from: result.data, "the model's answer", failing: .internal)
        reply.usage = result.usage ?? ModelUsage()
        return reply
    }
}

/// Seconds as whole milliseconds, rounded up; 0, "no limit of mine", for nil and for nonsense.
func milliseconds(_ seconds: Double?) -> UInt64 {
    guard let seconds, seconds > 0 else { return 0 }
    return UInt64(exactly: (min(seconds, 1e15) * 1_000).rounded(.up)) ?? 0
}

/// What a model call used. A count that the provider did not give is 0.
public struct ModelUsage: Codable, Hashable, Sendable {
    public var inputTokens: UInt64
    public var cachedReadTokens: UInt64
    public var cacheWriteTokens: UInt64
    public var outputTokens: UInt64
    public var reasoningTokens: UInt64
    public var costNanodollars: Int64

    public init(
        inputTokens: UInt64 = 0, cachedReadTokens: UInt64 = 0, cacheWriteTokens: UInt64 = 0,
        outputTokens: UInt64 = 0, reasoningTokens: UInt64 = 0, costNanodollars: Int64 = 0
    ) {
        self.inputTokens = inputTokens
        self.cachedReadTokens = cachedReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
        self.costNanodollars = costNanodollars
    }

    init(_ usage: bureau_usage) {
        self.init(
            inputTokens: usage.input_tokens, cachedReadTokens: usage.cached_read_tokens,
            cacheWriteTokens: usage.cache_write_tokens, outputTokens: usage.output_tokens,
            reasoningTokens: usage.reasoning_tokens, costNanodollars: usage.cost_nanodollars)
    }
}
