/// What a provider says a call used, in one meaning for all of them: providers differ in whether input includes what
/// came from a cache and whether output includes reasoning, and every mix-up is a wrong bill.
package struct UsageReport: Hashable, Sendable {
    package var tokens: TokenUsage
    /// How the call was processed, if the usage object says so.
    package var service: ServiceTier?
    package var webSearches: Int64
    /// Where it was processed, as Anthropic's `inference_geo` says.
    package var region: String?

    package init(tokens: TokenUsage, service: ServiceTier? = nil, webSearches: Int64 = 0, region: String? = nil) {
        self.tokens = tokens
        self.service = service
        self.webSearches = webSearches
        self.region = region
    }

    /// - Parameter usage: the usage object as the provider sent it. A count that is missing or negative is unknown,
    ///   which is not zero.
    package init(_ usage: JSONValue, format: UsageFormat) {
        switch format {
        case .openAI: self = .openAI(usage)
        case .anthropic: self = .anthropic(usage)
        case .gemini: self = .gemini(usage)
        case .bedrock: self = .bedrock(usage)
        }
    }
}

/// Whose field names and meanings a usage object has.
package enum UsageFormat: Hashable, Sendable {
    /// OpenAI and all that speak its chat or responses protocol: DeepSeek, xAI, Mistral, local servers.
    case openAI
    case anthropic
    case gemini
    /// The Converse API.
    case bedrock
}

extension UsageReport {
    /// Prompt tokens include cached reads and cache writes; completion tokens include reasoning. Where `total_tokens`
    /// is more than both together, the rest is reasoning that stands beside the completion (xAI).
    private static func openAI(_ usage: JSONValue) -> UsageReport {
        let prompt = usage.count("prompt_tokens") ?? usage.count("input_tokens")
        let completion = usage.count("completion_tokens") ?? usage.count("output_tokens")
        let inputDetails = usage["prompt_tokens_details"] ?? usage["input_tokens_details"]
        let outputDetails = usage["completion_tokens_details"] ?? usage["output_tokens_details"]
        let cached = inputDetails?.count("cached_tokens") ?? usage.count("prompt_cache_hit_tokens")
        let written = inputDetails?.count("cache_write_tokens")
        var tokens = split(prompt: prompt, cachedRead: cached, cacheWrite: written)
        tokens.reasoning = outputDetails?.count("reasoning_tokens")
        tokens.output = completion
        if let prompt, let completion, let total = usage.count("total_tokens"), prompt <= total {
            tokens.output = max(completion, total - prompt)
        }
        return UsageReport(
            tokens: tokens, service: usage["service_tier"]?.stringValue.flatMap(ServiceTier.init(providerName:)))
    }

    /// Input excludes cached reads and cache writes; output includes thinking.
    private static func anthropic(_ usage: JSONValue) -> UsageReport {
        let written = usage.count("cache_creation_input_tokens")
        let oneHour = usage["cache_creation"]?.count("ephemeral_1h_input_tokens")
        let fiveMinutes = usage["cache_creation"]?.count("ephemeral_5m_input_tokens")
        let rest = written.map { max(0, $0 - min($0, oneHour ?? 0)) }
        let tokens = TokenUsage(
            input: usage.count("input_tokens"), cachedRead: usage.count("cache_read_input_tokens"),
            cacheWrite: largest(rest, fiveMinutes), cacheWriteOneHour: oneHour, output: usage.count("output_tokens"))
        return UsageReport(
            tokens: tokens, service: usage["service_tier"]?.stringValue.flatMap(ServiceTier.init(providerName:)),
            webSearches: usage["server_tool_use"]?.count("web_search_requests") ?? 0,
            region: usage["inference_geo"]?.stringValue)
    }

    /// The prompt includes cached content; what tools put into it and thoughts stand beside the counts. Protocol
    /// buffers leave out zeros, so the total is needed to tell no output from unknown output.
    private static func gemini(_ usage: JSONValue) -> UsageReport {
        let prompt = usage.count("promptTokenCount")
        let tool = usage.count("toolUsePromptTokenCount") ?? 0
        let thoughts = usage.count("thoughtsTokenCount")
        var tokens = split(
            prompt: prompt.map { sum($0, tool) }, cachedRead: usage.count("cachedContentTokenCount"), cacheWrite: nil)
        tokens.reasoning = thoughts
        if let candidates = usage.count("candidatesTokenCount") {
            tokens.output = sum(candidates, thoughts ?? 0)
        } else if let prompt, let total = usage.count("totalTokenCount") {
            tokens.output = max(thoughts ?? 0, total - min(total, sum(prompt, tool)))
        }
        return UsageReport(tokens: tokens)
    }

    /// Input excludes cached reads and cache writes; `cacheDetails` splits writes by how long they are kept.
    private static func bedrock(_ usage: JSONValue) -> UsageReport {
        let oneHour = usage["cacheDetails"]?.arrayValue?.filter { $0["ttl"] == "1h" }
            .reduce(Int64(0)) { sum($0, $1.count("inputTokens") ?? 0) }
        let written = usage.count("cacheWriteInputTokens")
        return UsageReport(
            tokens: TokenUsage(
                input: usage.count("inputTokens"), cachedRead: usage.count("cacheReadInputTokens"),
                cacheWrite: written.map { $0 - min($0, oneHour ?? 0) },
                cacheWriteOneHour: oneHour, output: usage.count("outputTokens")))
    }

    /// Parts that are larger than their whole are no parts: then everything has the full price.
    private static func split(prompt: Int64?, cachedRead: Int64?, cacheWrite: Int64?) -> TokenUsage {
        guard let prompt else { return TokenUsage() }
        let parts = sum(cachedRead ?? 0, cacheWrite ?? 0)
        guard parts <= prompt else { return TokenUsage(input: prompt) }
        return TokenUsage(input: prompt - parts, cachedRead: cachedRead, cacheWrite: cacheWrite)
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (total, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : total
    }

    private static func largest(_ left: Int64?, _ right: Int64?) -> Int64? {
        guard let left, let right else { return left ?? right }
        return max(left, right)
    }
}

extension JSONValue {
    fileprivate func count(_ key: String) -> Int64? { self[key]?.integerValue.flatMap { $0 < 0 ? nil : $0 } }
}
