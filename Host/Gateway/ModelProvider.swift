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

    /// Names the option that this provider cannot obey, though an answer would depend on it. Nil: none.
    func refusal(of options: ModelOptions) -> String?

    /// All that is sent, what the provider's adapter adds in words included.
    func size(of call: ModelCall) -> ModelCallSize

    /// A surcharge on all tokens that every call of this provider asks for.
    var surcharge: PriceFactor { get }

    /// How this provider is asked to process calls, which decides their price.
    var service: ServiceTier { get }

    /// What its requests go through; nil when none leave this process.
    var sender: (any HTTPSender)? { get }

    /// Of each key that it may take.
    var keyStatus: [KeyStatus] { get }

    /// Sends one attempt. Not retried here.
    ///
    /// - Parameter onChunk: gets pieces of text as they come, on any thread; must not block.
    func send(
        _ call: ModelCall, onChunk: @escaping @Sendable (String) -> Void
    ) async throws(ProviderError) -> ModelAnswer

    /// Reads what is kept of an attempt, as ``send(_:onChunk:)`` would have.
    ///
    /// - Parameter call: as far as it is known.
    func read(_ kept: KeptAnswer, to call: ModelCall) throws(ProviderError) -> ModelAnswer

    /// Ends all that is under way. Calls after it fail.
    func close()
}

extension ModelProvider {
    package func refusal(of options: ModelOptions) -> String? { nil }
    package func size(of call: ModelCall) -> ModelCallSize {
        ModelCallSize(messages: call.messages, options: call.options, instruction: nil, tokensPerImage: nil)
    }
    package var surcharge: PriceFactor { .one }
    package var service: ServiceTier { .standard }
    package var sender: (any HTTPSender)? { nil }
    package var keyStatus: [KeyStatus] { [] }
    package func read(_ kept: KeptAnswer, to call: ModelCall) throws(ProviderError) -> ModelAnswer {
        throw ProviderError(
            .unsupported, "\(name): answers are not kept", wasSent: true, isRetryable: false, standing: .unknown)
    }
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
    /// Which decides its price.
    package var preparedAt = Instant(unixMilliseconds: 0)

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

package struct ModelAnswer: Hashable, Sendable {
    package var text: String
    /// In the order of the answer; not checked yet (``AnswerCheck``).
    package var toolCalls: [ToolCall]
    /// As the provider names it, which may be more exact than what was asked.
    package var model: String
    package var finishReason: String
    /// Without cost; nil counts are what the provider did not say.
    package var usage: TokenUsage
    /// The provider's own id of the answer.
    package var reference: String?
    /// How the provider says it processed the call. Nil: it did not say.
    package var service: ServiceTier?
    /// Searches that the provider itself ran.
    package var webSearches: Int64
    /// Where the provider says it processed the call, where that decides the price.
    package var region: String?

    package init(
        text: String, toolCalls: [ToolCall] = [], model: String, finishReason: String, usage: TokenUsage,
        reference: String?, service: ServiceTier? = nil, webSearches: Int64 = 0, region: String? = nil
    ) {
        self.text = text
        self.toolCalls = toolCalls
        self.model = model
        self.finishReason = finishReason
        self.usage = usage
        self.reference = reference
        self.service = service
        self.webSearches = webSearches
        self.region = region
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
    /// A whole answer that was paid for and cannot be used.
    package var brokenAnswer: ModelAnswer?
    package var standing: Standing
    /// Its key was refused, and another may do: worth another attempt at once.
    package var hasOtherKey = false
    /// The answer is sound, and the operator's policy keeps it back.
    package var isForbidden = false

    /// Whether the attempt itself is over.
    package enum Standing: Hashable, Sendable {
        case over
        /// It goes on, or its answer is kept: the next host takes it up.
        case kept
        /// The process that sent it is gone, so nobody knows whether there was an answer.
        case unknown

        package init(_ end: TransferEnd) {
            switch end.outcome {
            case .detached: self = .kept
            case .lost: self = .unknown
            default: self = .over
            }
        }
    }

    package init(
        _ status: Status, _ message: String, wasSent: Bool, usage: TokenUsage? = nil, isRetryable: Bool,
        retryAfterMilliseconds: UInt64? = nil, standing: Standing = .over
    ) {
        self.status = status
        self.message = message
        self.wasSent = wasSent
        self.usage = usage
        self.isRetryable = isRetryable
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.standing = standing
    }

    package var description: String { message }
}
