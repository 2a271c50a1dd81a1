package import Kernel
import Synchronization

/// The keys of one provider while it is used: takes one for each attempt, and leaves out those that were refused.
package final class KeyHealth: Sendable {
    private let ring: Mutex<KeyRing>
    private let provider: String
    private let clock: @Sendable () -> Tick

    package init(
        provider: String, keys: [KeyRing.Key], clock: @escaping @Sendable () -> Tick = Router.monotonicClock
    ) {
        self.provider = provider
        self.clock = clock
        ring = Mutex(KeyRing(keys))
    }

    /// The id of the attempt's key.
    ///
    /// - Throws: `.busy`, not sent and for another provider, when all keys are out.
    package func choose(for attempt: String) throws(ProviderError) -> String {
        let now = clock()
        let draw = Digest.sha256(attempt.utf8).bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let (chosen, back, count) = ring.withLock { ring in
            (ring.choose(draw: draw, at: now), ring.nextReturn(after: now), ring.keys.count)
        }
        if let chosen { return chosen }
        let wait = back?.milliseconds(since: now)
        throw ProviderError(
            .busy, "\(provider): all of its \(count) keys were refused; the next is tried in \(wait ?? 0) ms",
            wasSent: false, isRetryable: false, retryAfterMilliseconds: wait.map { UInt64($0) })
    }

    package func worked(_ id: String) { ring.withLock { $0.worked(id) } }

    /// - Returns: the error; one that another key may not meet can be tried again at once.
    package func failed(_ id: String, _ error: ProviderError) -> ProviderError {
        let refusal: KeyRing.Refusal
        switch error.status {
        case .denied: refusal = .invalid
        case .busy: refusal = .limited(retryAfterMilliseconds: error.retryAfterMilliseconds.map { Int64(clamping: $0) })
        default: return error
        }
        let now = clock()
        let hasOther = ring.withLock { ring in
            // A lone key stays in use: leaving it out would only hide what the provider says.
            guard ring.keys.count > 1 else { return false }
            ring.refused(id, refusal, at: now)
            return ring.keys.contains { ring.isLive($0.id, at: now) }
        }
        guard hasOther else { return error }
        var other = error
        other.isRetryable = true
        other.hasOtherKey = true
        other.retryAfterMilliseconds = nil
        return other
    }

    package var status: [KeyStatus] {
        let now = clock()
        return ring.withLock { ring in
            ring.keys.map { key in
                guard let until = ring.out[key.id], until > now else {
                    return KeyStatus(provider: provider, id: key.id, state: .inUse, waitMilliseconds: 0)
                }
                let isInvalid = ring.refusals[key.id] == .invalid
                return KeyStatus(
                    provider: provider, id: key.id, state: isInvalid ? .refused : .limited,
                    waitMilliseconds: until.milliseconds(since: now))
            }
        }
    }
}
