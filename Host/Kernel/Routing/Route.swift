/// Where calls of one name go: a split between targets, a share to try something new, and who steps in.
package struct Route: Hashable, Sendable {
    package struct Target: Hashable, Sendable {
        /// `provider/model`.
        package var model: String
        package var weight: Int

        package init(model: String, weight: Int = 1) {
            self.model = model
            self.weight = weight
        }
    }

    package struct Canary: Hashable, Sendable {
        /// What decides, and so what stays together.
        package enum Unit: String, Hashable, Sendable, CaseIterable {
            case run, call
        }

        package var model: String
        /// 0 to 100.
        package var percent: Int
        package var unit: Unit

        package init(model: String, percent: Int, unit: Unit = .run) {
            self.model = model
            self.percent = percent
            self.unit = unit
        }
    }

    /// Who asks: what is stable for the run, and for this call in it.
    package struct Caller: Hashable, Sendable {
        package var run: String
        package var call: String

        package init(run: String, call: String) {
            self.run = run
            self.call = call
        }
    }

    package enum Reason: String, Hashable, Sendable {
        case target, canary, fallback
    }

    package struct Candidate: Hashable, Sendable {
        package var model: String
        package var reason: Reason

        package init(model: String, reason: Reason) {
            self.model = model
            self.reason = reason
        }
    }

    package static let maximumTargets = 16

    package var name: String
    package var targets: [Target]
    package var canary: Canary?
    package var fallbacks: [String]
    package var fallsOverOn: Set<CallFailure>
    package var retry: RetryRule
    /// Of one attempt; the call's own limit holds for all together. Nil: as long as the call has.
    package var attemptTimeoutMilliseconds: Int64?
    /// How long an attempt may be silent before another is made beside it, at the next target; nil: none is. Both are
    /// paid.
    package var hedgeAfterMilliseconds: Int64?

    package init(
        name: String, targets: [Target], canary: Canary? = nil, fallbacks: [String] = [],
        fallsOverOn: Set<CallFailure> = Set(CallFailure.fallOver), retry: RetryRule = RetryRule(),
        attemptTimeoutMilliseconds: Int64? = nil, hedgeAfterMilliseconds: Int64? = nil
    ) {
        self.name = name
        self.targets = targets
        self.canary = canary
        self.fallbacks = fallbacks
        self.fallsOverOn = fallsOverOn
        self.retry = retry
        self.attemptTimeoutMilliseconds = attemptTimeoutMilliseconds
        self.hedgeAfterMilliseconds = hedgeAfterMilliseconds
    }

    /// In the order in which they are tried, each once. The same caller gets the same order as long as the route is
    /// the same; a canary's share that grows keeps those it had.
    package func candidates(for caller: Caller) -> [Candidate] {
        var candidates: [Candidate] = []
        func append(_ model: String, _ reason: Reason) {
            guard !candidates.contains(where: { $0.model == model }) else { return }
            candidates.append(Candidate(model: model, reason: reason))
        }
        if let canary {
            let id = canary.unit == .run ? caller.run : caller.call
            let place = draw("canary", id) % 10_000
            if place < UInt64(canary.percent) * 100 { append(canary.model, .canary) }
        }
        var rest = targets
        var round = 0
        while !rest.isEmpty {
            let total = rest.reduce(UInt64(0)) { $0 + UInt64($1.weight) }
            var place = total == 0 ? 0 : draw("target \(round)", caller.run) % total
            let index = rest.firstIndex { target in
                guard place >= UInt64(target.weight) else { return true }
                place -= UInt64(target.weight)
                return false
            }
            append(rest.remove(at: index ?? 0).model, round == 0 ? .target : .fallback)
            round += 1
        }
        for model in fallbacks { append(model, .fallback) }
        return candidates
    }

    private func draw(_ what: String, _ id: String) -> UInt64 {
        Digest.sha256("bureau/route/1\n\(name)\n\(what)\n\(id)".utf8).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
