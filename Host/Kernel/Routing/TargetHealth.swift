/// What is known about one target, `provider/model`: its circuit, and until when it asked to be left alone.
package struct TargetHealth: Sendable {
    package enum Decision: Hashable, Sendable {
        case pass
        case probe
        case open(until: Tick)
        case held(until: Tick)
    }

    /// What a call that was let through says about the target.
    package enum Report: Hashable, Sendable {
        case success
        case fault
        /// It asked for a pause.
        case pause(milliseconds: Int64)
        /// Nothing: it was not sent, refused for its own sake, or ended by its caller.
        case nothing
    }

    package static let longestHoldMilliseconds: Int64 = 3_600_000

    package private(set) var breaker: CircuitBreaker
    package private(set) var heldUntil: Tick?

    package init(_ settings: CircuitBreaker.Settings = CircuitBreaker.Settings()) { breaker = CircuitBreaker(settings) }

    package mutating func admit(at now: Tick) -> Decision {
        if let heldUntil {
            guard heldUntil <= now else { return .held(until: heldUntil) }
            self.heldUntil = nil
        }
        switch breaker.admit(at: now) {
        case .pass: return .pass
        case .probe: return .probe
        case .refuse(let until): return .open(until: until)
        }
    }

    package mutating func report(_ report: Report, wasProbe: Bool, at now: Tick) {
        switch report {
        case .success: breaker.record(success: true, wasProbe: wasProbe, at: now)
        case .fault: breaker.record(success: false, wasProbe: wasProbe, at: now)
        case .pause(let milliseconds):
            breaker.withdraw(wasProbe: wasProbe)
            let until = now.advanced(byMilliseconds: min(max(milliseconds, 0), Self.longestHoldMilliseconds))
            heldUntil = max(until, heldUntil ?? until)
        case .nothing: breaker.withdraw(wasProbe: wasProbe)
        }
    }

    /// Nothing would be lost by forgetting it.
    package func isUneventful(at now: Tick) -> Bool {
        breaker.state == .closed && breaker.totals.failures == 0 && (heldUntil.map { $0 <= now } ?? true)
    }
}
