import Gateway
import Journal
import Kernel

/// What becomes of the money that was held for an attempt without an answer; the same in a run and outside of one.
enum FailedAttempt: Hashable, Sendable {
    /// The provider said what it used.
    case billed(Nanodollars, ChargeUsage)
    /// It was sent and nobody knows what it cost: the whole hold counts as spent.
    case ambiguous
    /// It never left this host.
    case unsent

    init(_ error: ProviderError, of call: PreparedCall, at gateway: Gateway) {
        if let usage = call.usage(of: error) {
            self = .billed(gateway.cost(of: error, for: call), usage)
        } else {
            self = error.wasSent ? .ambiguous : .unsent
        }
    }

    /// An attempt whose end nobody waits for any more.
    init(unheard result: Result<ModelAnswer, ProviderError>, of call: PreparedCall, at gateway: Gateway) {
        switch result {
        case .success(let answer):
            self = .billed(gateway.cost(of: answer, for: call), call.usage(of: answer))
        case .failure(let error): self.init(error, of: call, at: gateway)
        }
    }

    func close(_ attempt: String, in transaction: any JournalTransaction) throws(JournalError) {
        switch self {
        case .billed(let cost, let usage):
            _ = try transaction.budgetSettle(attempt, actual: cost, usage: usage)
        case .ambiguous: _ = try transaction.budgetAmbiguous(attempt)
        case .unsent: _ = try transaction.budgetRelease(attempt)
        }
    }

    /// What it counts for.
    func cost(of call: PreparedCall) -> Nanodollars {
        switch self {
        case .billed(let cost, _): cost
        case .ambiguous: call.upperBound
        case .unsent: .zero
        }
    }
}

extension PreparedCall {
    /// A free and deterministic call is the same call when it is made again: nothing to hold, nothing ambiguous.
    var needsIntent: Bool { upperBound > .zero || !provider.isDeterministic }
}
