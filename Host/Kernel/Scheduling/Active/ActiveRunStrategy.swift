/// What becomes of a new run while another one for the same key is open: one run per conversation, per customer, per
/// document.
package enum ActiveRunStrategy: Hashable, Sendable {
    /// It starts beside the others.
    case allow
    /// It is refused.
    case reject
    /// It waits its turn; when so many wait, it is refused.
    case enqueue(atMost: Int)
    /// The active one is asked to stop, and the new one is next. Those that wait go on waiting behind it.
    case interrupt
    /// The active one is asked to stop, and those that wait are dropped: only the newest is left.
    case replace
    /// Only the newest of a burst runs, when nothing new came for so long, but never later than the longest wait after
    /// the first of the burst.
    case debounce(quietMilliseconds: Int64, longestWaitMilliseconds: Int64)
}

/// The open runs of one key.
package struct ActiveRuns: Hashable, Sendable {
    /// Those included that were asked to stop.
    package var active: [RunID]
    /// In the order in which they start.
    package var queued: [RunID]
    /// When the first of a burst came, and when the last of it is to start.
    package private(set) var burst: Burst?

    package struct Burst: Hashable, Sendable {
        package var firstAt: Instant
        package var startAt: Instant

        package init(firstAt: Instant, startAt: Instant) {
            self.firstAt = firstAt
            self.startAt = startAt
        }
    }

    package init(active: [RunID] = [], queued: [RunID] = [], burst: Burst? = nil) {
        self.active = active
        self.queued = queued
        self.burst = burst
    }
}

/// What to do about a new run. All of it is to be stored at once.
package struct ActiveRunDecision: Hashable, Sendable {
    package enum Verdict: Hashable, Sendable {
        case start
        case queue
        /// Not before then, and only if nothing newer comes.
        case delay(until: Instant)
        case reject(reason: String)
    }

    package var verdict: Verdict
    /// Active runs to be asked to stop.
    package var stop: [RunID] = []
    /// Queued runs that will not start.
    package var drop: [RunID] = []

    package init(verdict: Verdict, stop: [RunID] = [], drop: [RunID] = []) {
        self.verdict = verdict
        self.stop = stop
        self.drop = drop
    }
}

extension ActiveRuns {
    /// Admits a new run, or refuses it, and remembers it if it is admitted.
    package mutating func admit(
        _ run: RunID, _ strategy: ActiveRunStrategy, at now: Instant
    ) -> ActiveRunDecision {
        if case .debounce(let quiet, let longest) = strategy { return debounce(run, quiet, longest, at: now) }
        guard !active.isEmpty || !queued.isEmpty else { return start(run) }
        switch strategy {
        case .allow: return start(run)
        case .reject:
            return ActiveRunDecision(
                verdict: .reject(
                    reason: "run \((active + queued)[0]) is open for the same key; wait for its end or cancel it"))
        case .enqueue(let most):
            guard queued.count < max(0, most) else {
                return ActiveRunDecision(
                    verdict: .reject(reason: "\(queued.count) runs wait for the same key already, which is the limit"))
            }
            queued.append(run)
            return ActiveRunDecision(verdict: .queue)
        case .interrupt:
            queued.insert(run, at: 0)
            return ActiveRunDecision(verdict: .queue, stop: active)
        case .replace, .debounce:
            defer { queued = [run] }
            return ActiveRunDecision(verdict: .queue, stop: active, drop: queued)
        }
    }

    /// An open run ended, or it is time for a delayed one.
    ///
    /// - Returns: the run that starts now.
    package mutating func advance(ended: RunID? = nil, at now: Instant) -> RunID? {
        if let ended {
            active.removeAll { $0 == ended }
            queued.removeAll { $0 == ended }
            if queued.isEmpty { burst = nil }
        }
        guard active.isEmpty, let next = queued.first, now >= burst?.startAt ?? now else { return nil }
        queued.removeFirst()
        burst = nil
        active.append(next)
        return next
    }

    private mutating func start(_ run: RunID) -> ActiveRunDecision {
        active.append(run)
        return ActiveRunDecision(verdict: .start)
    }

    private mutating func debounce(
        _ run: RunID, _ quiet: Int64, _ longest: Int64, at now: Instant
    ) -> ActiveRunDecision {
        let firstAt = burst?.firstAt ?? now
        let latest = firstAt.advanced(byMilliseconds: max(0, longest))
        let startAt = min(now.advanced(byMilliseconds: max(0, quiet)), latest)
        burst = Burst(firstAt: firstAt, startAt: startAt)
        defer { queued = [run] }
        return ActiveRunDecision(verdict: .delay(until: startAt), drop: queued)
    }
}
