package import Kernel

/// An answer, and what it cost.
package struct CallReceipt: Hashable, Sendable {
    package var id: RunID
    package var provider: String
    /// As the provider names it.
    package var model: String
    package var text: String
    /// Judged: the tools exist, and the arguments fit their schemas.
    package var toolCalls: [ToolCall]
    package var finishReason: String
    /// With the exact cost of all attempts.
    package var usage: TokenUsage
    /// What the narrowest cap on the way leaves, other calls under way taken off. Nil: nothing is capped.
    package var budgetLeft: Nanodollars?
    /// An earlier call's answer, or an equal one's that was under way: it cost nothing.
    package var isCached = false
}

/// Why there is no answer.
package struct CallRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Reason: Hashable, Sendable {
        /// The request, by the words of ``Failure``: nothing was sent.
        case refused
        /// The operator's policy forbids the request, or the answer.
        case policy
        /// The model's answer was paid for and cannot be used: against its schema, or no tool that exists.
        case brokenAnswer
        /// It may cost more than a cap leaves. `final`: other calls that end would not make room.
        case budget(final: Bool, largestOutput: Int?)
        /// The last attempt's.
        case provider(retryAfterMilliseconds: UInt64?)
        /// The host takes no new calls.
        case draining
        /// The journal failed; what was sent is settled or called ambiguous at the next start.
        case storage
    }

    package var reason: Reason
    package var failure: Failure
    /// What failed attempts cost.
    package var cost: Nanodollars

    init(_ reason: Reason, _ failure: Failure, cost: Nanodollars = .zero) {
        self.reason = reason
        self.failure = failure
        self.cost = cost
    }

    package var description: String { failure.message }
}
