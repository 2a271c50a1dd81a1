package import Kernel

/// How long a connection may take for what it does. A state machine without I/O: it is told what happens and when, and
/// says when to look again, and what to do then.
package struct ConnectionRules: Hashable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// From the first byte of a request (or from the connection's start) to the end of its head.
        package var headSeconds: Int64 = 10
        /// Between requests.
        package var idleSeconds: Int64 = 60
        /// While the host asks for more of a body, on the average.
        package var bodyBytesPerSecond: Int64 = 1_024
        /// Before that average counts.
        package var bodyGraceSeconds: Int64 = 5
        /// For the whole of a body.
        package var bodySeconds: Int64 = 120
        /// While an answer waits and the client takes none of it.
        package var stalledSeconds: Int64 = 30
        /// After the last answer of a connection that is closed, for the client to see its end.
        package var lingerSeconds: Int64 = 2

        package init() {}
    }

    package enum Verdict: Hashable, Sendable {
        case keep(until: Tick)
        /// Nothing was answered yet: 408, and the end.
        case timeout
        case close
    }

    private enum Phase: Hashable { case idle, head, body, answering, ended }

    private let limits: Limits
    private var phase = Phase.head
    private var since: Tick
    private var unanswered = 0
    private var bodyBytes: Int64 = 0
    /// For how long the host asked for the body and had to wait.
    private var waited: Int64 = 0
    private var waitsSince: Tick?
    private var stalledSince: Tick?

    package init(_ limits: Limits, at now: Tick) {
        self.limits = limits
        since = now
    }

    package var isIdle: Bool { unanswered == 0 && (phase == .idle || phase == .ended) }
    package var hasUnanswered: Bool { unanswered > 0 }

    package mutating func bytesCame(at now: Tick) {
        guard phase == .idle else { return }
        (phase, since) = (.head, now)
    }

    package mutating func headCame(at now: Tick) {
        guard phase != .ended else { return }
        unanswered += 1
        (phase, since, bodyBytes, waited) = (.body, now, 0, 0)
        if waitsSince != nil { waitsSince = now }
    }

    package mutating func bodyCame(bytes: Int) { bodyBytes += Int64(bytes) }

    package mutating func requestEnded(at now: Tick) {
        guard phase == .body else { return }
        (phase, since) = (unanswered > 0 ? .answering : .idle, now)
    }

    package mutating func answered(at now: Tick) {
        unanswered = max(0, unanswered - 1)
        if unanswered == 0, phase == .answering { (phase, since) = (.idle, now) }
    }

    /// The host asks the client for more, or got it.
    package mutating func waits(_ waits: Bool, at now: Tick) {
        if waits, waitsSince == nil {
            waitsSince = now
        } else if !waits, let start = waitsSince {
            waited += now.nanoseconds(since: start)
            waitsSince = nil
        }
    }

    package mutating func stalled(_ stalled: Bool, at now: Tick) {
        stalledSince = stalled ? stalledSince ?? now : nil
    }

    /// The client took a part of what waits.
    package mutating func progressed(at now: Tick) {
        if stalledSince != nil { stalledSince = now }
    }

    /// Nothing more is sent.
    package mutating func ended(at now: Tick) {
        guard phase != .ended else { return }
        (phase, since) = (.ended, now)
    }

    /// Whether the client owes something right now, so that its deadline is nearer than that of an idle connection.
    package var isPressed: Bool { phase == .head || phase == .body || phase == .ended || stalledSince != nil }

    package func check(at now: Tick) -> Verdict {
        guard let stalledSince else { return checkPhase(at: now) }
        guard case .keep(let deadline) = reached(now, stalledSince, limits.stalledSeconds, then: .close) else {
            return .close
        }
        guard case .keep(let other) = checkPhase(at: now) else { return .close }
        return .keep(until: min(deadline, other))
    }

    private func checkPhase(at now: Tick) -> Verdict {
        switch phase {
        case .idle: return reached(now, since, limits.idleSeconds, then: .close)
        case .head: return reached(now, since, limits.headSeconds, then: unanswered == 0 ? .timeout : .close)
        case .ended: return reached(now, since, limits.lingerSeconds, then: .close)
        case .answering: return .keep(until: now.advanced(byMilliseconds: limits.idleSeconds * 1_000))
        case .body:
            guard reached(now, since, limits.bodySeconds, then: .timeout).isKept else { return .timeout }
            let total = waited + (waitsSince.map { now.nanoseconds(since: $0) } ?? 0)
            let counted = total - limits.bodyGraceSeconds * 1_000_000_000
            let isSlow = counted > 0 && bodyBytes * 1_000 < limits.bodyBytesPerSecond * (counted / 1_000_000)
            return isSlow ? .timeout : .keep(until: now.advanced(byMilliseconds: 1_000))
        }
    }

    private func reached(_ now: Tick, _ start: Tick, _ seconds: Int64, then verdict: Verdict) -> Verdict {
        let deadline = start.advanced(byMilliseconds: seconds * 1_000)
        return now >= deadline ? verdict : .keep(until: deadline)
    }
}

extension ConnectionRules.Verdict {
    fileprivate var isKept: Bool { if case .keep = self { true } else { false } }
}
