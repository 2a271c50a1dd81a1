/// Which of a provider's keys a call takes: by weight, without those that were refused lately.
package struct KeyRing: Sendable {
    package struct Key: Hashable, Sendable {
        /// A name, never the secret.
        package var id: String
        /// 0: only when no other is left.
        package var weight: Int

        package init(id: String, weight: Int = 1) {
            self.id = id
            self.weight = weight
        }
    }

    /// What a provider said about a key.
    package enum Refusal: Hashable, Sendable {
        /// 401, 403: somebody must mend it.
        case invalid
        /// 429.
        case limited(retryAfterMilliseconds: Int64?)
    }

    package static let invalidMilliseconds: Int64 = 600_000
    package static let limitedMilliseconds: Int64 = 5_000
    package static let longestMilliseconds: Int64 = 3_600_000

    package let keys: [Key]
    /// By key, until when it is out.
    package private(set) var out: [String: Tick] = [:]
    /// By key, why it was left out last.
    package private(set) var refusals: [String: Refusal] = [:]

    package init(_ keys: [Key]) { self.keys = keys }

    /// The same draw gives the same key while the same keys are there. Nil: all are out, until ``nextReturn``.
    package func choose(draw: UInt64, at now: Tick) -> String? {
        let live = keys.filter { isLive($0.id, at: now) }
        let weighted = live.filter { $0.weight > 0 }
        let candidates = weighted.isEmpty ? live.map { Key(id: $0.id, weight: 1) } : weighted
        let total = candidates.reduce(UInt64(0)) { $0 + UInt64($1.weight) }
        guard total > 0 else { return nil }
        var rest = draw % total
        for key in candidates {
            if rest < UInt64(key.weight) { return key.id }
            rest -= UInt64(key.weight)
        }
        return nil
    }

    package mutating func refused(_ id: String, _ refusal: Refusal, at now: Tick) {
        guard keys.contains(where: { $0.id == id }) else { return }
        let wait: Int64 =
            switch refusal {
            case .invalid: Self.invalidMilliseconds
            case .limited(let asked): min(max(asked ?? Self.limitedMilliseconds, 0), Self.longestMilliseconds)
            }
        let until = now.advanced(byMilliseconds: wait)
        // The later end, with its reason.
        guard out[id].map({ $0 < until }) ?? true else { return }
        (out[id], refusals[id]) = (until, refusal)
    }

    /// It works: a key that was mended is used again at once.
    package mutating func worked(_ id: String) { (out[id], refusals[id]) = (nil, nil) }

    package func isLive(_ id: String, at now: Tick) -> Bool { out[id].map { $0 <= now } ?? true }

    /// When the first key that is out comes back.
    package func nextReturn(after now: Tick) -> Tick? { out.values.filter { $0 > now }.min() }
}
