package import Kernel

/// A place that answers model calls. Adapters decode; money, limits and records are the engine's.
package protocol ModelProvider: Sendable {
    /// As in "provider/model".
    var name: String { get }

    /// An answer that depends on nothing but the request, and costs nothing. Such a call needs no durable intent:
    /// doing it again after a crash is the same call.
    var isDeterministic: Bool { get }

    /// The model for an empty or class name, or nil when this provider has none.
    func resolve(model: String) -> String?

    /// Whether an answer can be held to ``ModelOptions/responseSchema``. A call that asks for it is refused otherwise.
    var supportsResponseSchema: Bool { get }

    /// How this provider is asked to process calls, which decides their price.
    var service: ServiceTier { get }

    /// Sends one attempt. Not retried here.
    ///
    /// - Parameter onChunk: gets pieces of text as they come, on any thread; must not block.
    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer

    /// Ends all that is under way. Calls after it fail.
    func close()
}

extension ModelProvider {
    package var supportsResponseSchema: Bool { false }
    package var service: ServiceTier { .standard }
    package func close() {}
}

/// A checked request, ready to send: messages and options were parsed, the output limit was injected.
package struct ModelCall: Hashable, Sendable {
    package var model: String
    package var messages: [ChatMessage]
    package var options: ModelOptions
    package var maximumOutputTokens: Int
    package var timeoutMilliseconds: UInt64
    /// `run/sequence/attempt`: sent to providers that take an idempotency key.
    package var attempt: String

    package init(
        model: String, messages: [ChatMessage], options: ModelOptions, maximumOutputTokens: Int,
        timeoutMilliseconds: UInt64, attempt: String
    ) {
        self.model = model
        self.messages = messages
        self.options = options
        self.maximumOutputTokens = maximumOutputTokens
        self.timeoutMilliseconds = timeoutMilliseconds
        self.attempt = attempt
    }
}

package struct ChatMessage: Hashable, Sendable {
    package var role: String
    package var content: String

    package init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}

package struct ModelOptions: Hashable, Sendable {
    package var temperatureMilli: Int?
    package var stop: [String]
    package var seed: Int64?
    /// A JSON Schema that the answer's text, as JSON, must fit.
    package var responseSchema: JSONValue?

    package init(
        temperatureMilli: Int? = nil, stop: [String] = [], seed: Int64? = nil, responseSchema: JSONValue? = nil
    ) {
        self.temperatureMilli = temperatureMilli
        self.stop = stop
        self.seed = seed
        self.responseSchema = responseSchema
    }
}

package struct ModelAnswer: Hashable, Sendable {
    package var text: String
    /// As the provider names it, which may be more exact than what was asked.
    package var model: String
    package var finishReason: String
    /// Without cost; nil counts are what the provider did not say.
    package var usage: TokenUsage
    /// The provider's own id of the answer.
    package var reference: String?
    /// How the provider says it processed the call. Nil: it did not say.
    package var service: ServiceTier?

    package init(
        text: String, model: String, finishReason: String, usage: TokenUsage, reference: String?,
        service: ServiceTier? = nil
    ) {
        self.text = text
        self.model = model
        self.finishReason = finishReason
        self.usage = usage
        self.reference = reference
        self.service = service
    }
}

package struct ProviderError: Error, Hashable, Sendable, CustomStringConvertible {
    package var status: Status
    package var message: String
    /// Whether the request may have reached the provider, so that it may be billed. A refusal that a provider sends
    /// before it did any work (400, 401, 429, …) was sent too, and says so with a ``usage`` of zero.
    package var wasSent: Bool
    /// What the provider said it used before it failed.
    package var usage: TokenUsage?
    package var isRetryable: Bool
    /// How long the provider asks to wait before another attempt.
    package var retryAfterMilliseconds: UInt64?

    package init(
        _ status: Status, _ message: String, wasSent: Bool, usage: TokenUsage? = nil, isRetryable: Bool,
        retryAfterMilliseconds: UInt64? = nil
    ) {
        self.status = status
        self.message = message
        self.wasSent = wasSent
        self.usage = usage
        self.isRetryable = isRetryable
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    package var description: String { message }
}
