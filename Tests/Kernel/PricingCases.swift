/// Usage objects as six providers return them, with the exact cost, computed by hand from the list prices.
enum PricingCases {
    struct Case: Sendable, CustomStringConvertible {
        var id: String
        var provider: String
        var model: String
        var service: String
        var usage: String
        var nanodollars: Int64
        var description: String { id }
    }

    static let all: [Case] = [
        // no cache
        Case(
            id: "openai-plain", provider: "openai", model: "gpt-4o-mini", service: "standard",
            usage: """
                {
                "prompt_tokens": 120,
                "completion_tokens": 9,
                "total_tokens": 129,
                "prompt_tokens_details": {
                "cached_tokens": 0
                },
                "completion_tokens_details": {
                "reasoning_tokens": 0
                }
                }
                """, nanodollars: 23_400),
        // cached_tokens are part of prompt_tokens: bill the rest at the full rate
        Case(
            id: "openai-cached", provider: "openai", model: "gpt-4o-mini", service: "standard",
            usage: """
                {
                "prompt_tokens": 120,
                "completion_tokens": 9,
                "total_tokens": 129,
                "prompt_tokens_details": {
                "cached_tokens": 20
                },
                "completion_tokens_details": {
                "reasoning_tokens": 0
                }
                }
                """, nanodollars: 21_900),
        // reasoning_tokens are part of completion_tokens: never add them again
        Case(
            id: "openai-reasoning", provider: "openai", model: "gpt-5-mini", service: "standard",
            usage: """
                {
                "prompt_tokens": 1000,
                "completion_tokens": 5000,
                "total_tokens": 6000,
                "prompt_tokens_details": {
                "cached_tokens": 0
                },
                "completion_tokens_details": {
                "reasoning_tokens": 4800
                }
                }
                """, nanodollars: 10_250_000),
        // batch prices
        Case(
            id: "openai-batch", provider: "openai", model: "gpt-4o", service: "batch",
            usage: """
                {
                "prompt_tokens": 333333,
                "completion_tokens": 777,
                "total_tokens": 334110,
                "prompt_tokens_details": {
                "cached_tokens": 0
                },
                "completion_tokens_details": {
                "reasoning_tokens": 0
                }
                }
                """, nanodollars: 420_551_250),
        // one cached token
        Case(
            id: "openai-one-token", provider: "openai", model: "gpt-5-nano", service: "standard",
            usage: """
                {
                "prompt_tokens": 1,
                "completion_tokens": 0,
                "total_tokens": 1,
                "prompt_tokens_details": {
                "cached_tokens": 1
                },
                "completion_tokens_details": {
                "reasoning_tokens": 0
                }
                }
                """, nanodollars: 5),
        // no tokens, no cost
        Case(
            id: "openai-zero", provider: "openai", model: "gpt-4o", service: "standard",
            usage: """
                {
                "prompt_tokens": 0,
                "completion_tokens": 0,
                "total_tokens": 0,
                "prompt_tokens_details": {
                "cached_tokens": 0
                },
                "completion_tokens_details": {
                "reasoning_tokens": 0
                }
                }
                """, nanodollars: 0),
        Case(
            id: "anthropic-plain", provider: "anthropic", model: "claude-sonnet-4-5", service: "standard",
            usage: """
                {
                "input_tokens": 2095,
                "output_tokens": 503,
                "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 0,
                "cache_creation": {
                "ephemeral_5m_input_tokens": 0,
                "ephemeral_1h_input_tokens": 0
                }
                }
                """, nanodollars: 13_830_000),
        // input_tokens excludes cache reads and writes
        Case(
            id: "anthropic-cache-5m", provider: "anthropic", model: "claude-sonnet-4-5", service: "standard",
            usage: """
                {
                "input_tokens": 50,
                "output_tokens": 393,
                "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 248,
                "cache_creation": {
                "ephemeral_5m_input_tokens": 248,
                "ephemeral_1h_input_tokens": 0
                }
                }
                """, nanodollars: 6_975_000),
        // both write classes and a read
        Case(
            id: "anthropic-cache-mixed", provider: "anthropic", model: "claude-opus-4-5", service: "standard",
            usage: """
                {
                "input_tokens": 21,
                "output_tokens": 1200,
                "cache_read_input_tokens": 188086,
                "cache_creation_input_tokens": 556,
                "cache_creation": {
                "ephemeral_5m_input_tokens": 456,
                "ephemeral_1h_input_tokens": 100
                }
                }
                """, nanodollars: 127_998_000),
        // 200,000 is not above 200,000
        Case(
            id: "gemini-below-tier", provider: "gemini", model: "gemini-2.5-pro", service: "standard",
            usage: """
                {
                "promptTokenCount": 200000,
                "cachedContentTokenCount": 0,
                "candidatesTokenCount": 100,
                "thoughtsTokenCount": 50
                }
                """, nanodollars: 251_500_000),
        // one token more reprices the whole call, output too
        // Thoughts are billed as output and stand beside the candidates
        Case(
            id: "gemini-above-tier", provider: "gemini", model: "gemini-2.5-pro", service: "standard",
            usage: """
                {
                "promptTokenCount": 200001,
                "cachedContentTokenCount": 50000,
                "candidatesTokenCount": 100,
                "thoughtsTokenCount": 50
                }
                """, nanodollars: 389_752_500),
        // Converse: inputTokens excludes cache reads and writes
        Case(
            id: "bedrock-cache", provider: "bedrock", model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
            service: "standard",
            usage: """
                {
                "inputTokens": 500,
                "outputTokens": 200,
                "cacheReadInputTokens": 3000,
                "cacheWriteInputTokens": 1000
                }
                """, nanodollars: 9_150_000),
        // 673.75 nanodollars: rounded up once, at the end of the call
        Case(
            id: "round-up", provider: "bedrock", model: "amazon.nova-micro-v1:0", service: "standard",
            usage: """
                {
                "inputTokens": 7,
                "outputTokens": 3,
                "cacheReadInputTokens": 1,
                "cacheWriteInputTokens": 0
                }
                """, nanodollars: 674),
        // prompt_cache_hit_tokens + prompt_cache_miss_tokens = prompt_tokens
        Case(
            id: "deepseek", provider: "deepseek", model: "deepseek-chat", service: "standard",
            usage: """
                {
                "prompt_tokens": 1000,
                "completion_tokens": 10,
                "prompt_cache_hit_tokens": 640,
                "prompt_cache_miss_tokens": 360
                }
                """, nanodollars: 122_920),
    ]
}
