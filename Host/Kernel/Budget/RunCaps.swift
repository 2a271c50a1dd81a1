/// What one run may use. Nil: no cap of its own.
package struct RunCaps: Hashable, Sendable {
    /// Of the run and its children.
    package var cost: Nanodollars?
    /// Input and output of all model calls, of the run and its children. Counted as money is: held at the most that
    /// a call can use, then settled.
    package var tokens: Int64?
    /// Effects of the run itself; its children get the same.
    package var steps: Int?
    /// From the run's first start on, waiting included.
    package var seconds: Int?

    package init(cost: Nanodollars? = nil, tokens: Int64? = nil, steps: Int? = nil, seconds: Int? = nil) {
        self.cost = cost
        self.tokens = tokens
        self.steps = steps
        self.seconds = seconds
    }

    package static let none = RunCaps()

    /// These caps, and `others` where there is none.
    package func filled(from others: RunCaps) -> RunCaps {
        RunCaps(
            cost: cost ?? others.cost, tokens: tokens ?? others.tokens, steps: steps ?? others.steps,
            seconds: seconds ?? others.seconds)
    }

    package var isValid: Bool {
        cost ?? .zero >= .zero && tokens ?? 0 >= 0 && steps ?? 0 >= 0 && (0...1 << 32).contains(seconds ?? 0)
    }
}

/// Stops a run that does the same thing again and again: so many effects of the same kind with the same request,
/// and no other one between them. What an execution replays is not counted: a person who retries the run lets it go
/// on.
package struct LoopGuard: Sendable {
    /// By kind; a kind without an entry may repeat.
    package struct Limits: Hashable, Sendable {
        package var repeats: [EffectKind: Int]

        package init(_ repeats: [EffectKind: Int] = [.model: 25]) { self.repeats = repeats }
    }

    private let limits: Limits
    private var last: (kind: EffectKind, shape: Digest)?
    private var count = 0

    package init(_ limits: Limits) { self.limits = limits }

    /// - Returns: how often the effect was repeated when that is too often; nil to go on.
    package mutating func note(_ kind: EffectKind, _ shape: Digest) -> Int? {
        if let last, last.kind == kind, last.shape == shape { count += 1 } else { count = 1 }
        last = (kind, shape)
        guard let limit = limits.repeats[kind], count > limit else { return nil }
        return count
    }
}

extension TokenUsage {
    /// Input of all classes and output; nil when the provider told neither. A nonsensical count stays at the limit.
    package var totalTokens: Int64? {
        let known = [input, cachedRead, cacheWrite, cacheWriteOneHour, output].compactMap { $0 }
        guard !known.isEmpty else { return nil }
        return known.reduce(0) { sum, count in
            let (total, overflow) = sum.addingReportingOverflow(max(0, count))
            return overflow ? .max : total
        }
    }
}
