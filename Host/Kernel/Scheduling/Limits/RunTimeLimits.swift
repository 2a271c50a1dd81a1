/// How long each part of a run may take. Nil is without limit.
package struct RunTimeLimits: Hashable, Sendable {
    /// From ready to claimed, each time.
    package var queueMilliseconds: Int64?
    /// From claimed to begun: the time that a plugin has to take the run.
    package var startMilliseconds: Int64?
    /// On a lane, in one attempt; waiting for something outside does not count.
    package var runMilliseconds: Int64?
    /// Between two signs of life on a lane.
    package var heartbeatMilliseconds: Int64?
    /// From creation to the end, with all attempts and waits.
    package var totalMilliseconds: Int64?
    /// From a request to stop to the end by force.
    package var stopMilliseconds: Int64

    package init(
        queueMilliseconds: Int64? = nil, startMilliseconds: Int64? = nil, runMilliseconds: Int64? = nil,
        heartbeatMilliseconds: Int64? = nil, totalMilliseconds: Int64? = nil, stopMilliseconds: Int64 = 10_000
    ) {
        self.queueMilliseconds = queueMilliseconds
        self.startMilliseconds = startMilliseconds
        self.runMilliseconds = runMilliseconds
        self.heartbeatMilliseconds = heartbeatMilliseconds
        self.totalMilliseconds = totalMilliseconds
        self.stopMilliseconds = max(0, stopMilliseconds)
    }
}

/// Where a run stands in time: all that the limits need to know about it.
package struct RunTimes: Hashable, Sendable {
    package enum Phase: Hashable, Sendable {
        case queued(since: Instant)
        case starting(since: Instant)
        case running(since: Instant, lastSign: Instant)
        /// For a child, a timer, a person.
        case waiting
        /// It was asked to stop.
        case stopping(since: Instant)
    }

    package var createdAt: Instant
    package var phase: Phase
    /// On a lane in this attempt, before the current phase.
    package var ranMilliseconds: Int64

    package init(createdAt: Instant, phase: Phase, ranMilliseconds: Int64 = 0) {
        self.createdAt = createdAt
        self.phase = phase
        self.ranMilliseconds = ranMilliseconds
    }

    /// It leaves its lane to wait.
    package mutating func wait(at now: Instant) {
        if case .running(let since, _) = phase {
            ranMilliseconds += max(0, now.unixMilliseconds - since.unixMilliseconds)
        }
        phase = .waiting
    }

    /// It is on a lane, at first or again.
    package mutating func run(at now: Instant) { phase = .running(since: now, lastSign: now) }

    /// An earlier sign than the last one, from a clock that was set back, is none.
    package mutating func sign(at now: Instant) {
        if case .running(let since, let last) = phase { phase = .running(since: since, lastSign: max(last, now)) }
    }
}

/// A limit that has been reached.
package struct TimeLimitBreach: Hashable, Sendable {
    package enum Limit: String, Hashable, Sendable {
        case queue, start, run, heartbeat, total, stop
    }

    package enum Action: Hashable, Sendable {
        /// It never began: it ends without an attempt.
        case fail
        /// This attempt is over; whether there is another says the retry policy.
        case endAttempt(FailureClass)
        /// Asked to stop, with the time that the limits give for it.
        case stop
        /// Its worker is ended.
        case kill
    }

    package var limit: Limit
    /// When it was reached, which may be earlier than when somebody looked.
    package var dueAt: Instant
    package var action: Action
    /// For people.
    package var reason: String
}

extension RunTimeLimits {
    /// The limit that was reached first, if any was.
    package func breach(of times: RunTimes, at now: Instant) -> TimeLimitBreach? {
        next(of: times).flatMap { $0.dueAt <= now ? $0 : nil }
    }

    /// When to look at this run again.
    package func nextLook(at times: RunTimes) -> Instant? { next(of: times)?.dueAt }

    private func next(of times: RunTimes) -> TimeLimitBreach? {
        var candidates: [TimeLimitBreach] = []
        func add(
            _ limit: TimeLimitBreach.Limit, _ milliseconds: Int64?, from start: Instant,
            _ action: TimeLimitBreach.Action, _ what: String
        ) {
            guard let milliseconds else { return }
            candidates.append(
                TimeLimitBreach(
                    limit: limit, dueAt: start.advanced(byMilliseconds: max(0, milliseconds)), action: action,
                    reason: "\(what) for \(milliseconds) ms, the limit"))
        }
        switch times.phase {
        case .queued(let since):
            add(.queue, queueMilliseconds, from: since, .fail, "it waited for a place")
        case .starting(let since):
            add(.start, startMilliseconds, from: since, .endAttempt(.timeout), "its plugin did not take it")
        case .running(let since, let lastSign):
            let begin = since.advanced(byMilliseconds: -times.ranMilliseconds)
            add(.run, runMilliseconds, from: begin, .endAttempt(.timeout), "it ran")
            add(.heartbeat, heartbeatMilliseconds, from: lastSign, .endAttempt(.timeout), "it gave no sign of life")
        case .waiting: break
        case .stopping(let since):
            add(.stop, stopMilliseconds, from: since, .kill, "it did not stop")
            // It is on its way out already: the total adds nothing.
            return candidates.first
        }
        let hasBegun = if case .queued = times.phase { false } else { true }
        add(.total, totalMilliseconds, from: times.createdAt, hasBegun ? .stop : .fail, "it has been open")
        // Of limits reached at once the one that ends more comes last and wins.
        return candidates.reversed().min { $0.dueAt < $1.dueAt }
    }
}
