/// The way to one provider: its limits, and the queue before them. First come, first served within a tenant; nobody
/// overtakes the head of the queue, so a large call is not starved by small ones.
package struct ProviderGate: Sendable {
    /// What a call that was let through holds until its end.
    package struct Permit: Hashable, Sendable {
        fileprivate var requests: RateLimit.Ticket?
        fileprivate var tokens: RateLimit.Ticket?
    }

    package enum Answer: Hashable, Sendable {
        case pass(Permit)
        case wait
        case full
    }

    /// What the passing of time, or the end of a call, changed.
    package struct Change: Sendable {
        package var passed: [(number: UInt64, permit: Permit)] = []
        package var expired: [UInt64] = []
        /// When to look again; nil while nobody waits, or only for a call to end.
        package var wakeAt: Tick?

        package init() {}
    }

    package let limits: TrafficLimits
    private var requests: RateLimit?
    private var tokens: RateLimit?
    private var queue: AdmissionQueue
    package private(set) var activeCalls = 0

    package init(_ limits: TrafficLimits) {
        self.limits = limits
        requests = limits.requests.map { RateLimit(perMinute: $0.limit, burst: $0.burst) }
        tokens = limits.tokens.map { RateLimit(perMinute: $0.limit, burst: $0.burst) }
        queue = AdmissionQueue(capacity: limits.queueLength)
    }

    package var waitingCalls: Int { queue.count }

    /// - Parameters:
    ///   - number: larger than that of all who asked before.
    ///   - units: tokens at most.
    ///   - deadline: the queue's own limit may be earlier.
    package mutating func ask(
        _ number: UInt64, tenant: String, units: Int64, deadline: Tick, at now: Tick
    ) -> Answer {
        if queue.count == 0, case .passed(let permit) = attempt(units, at: now) {
            queue.charge(tenant, units)
            return .pass(permit)
        }
        let latest = min(deadline, now.advanced(byMilliseconds: limits.queueMilliseconds))
        let entry = AdmissionQueue.Entry(number: number, tenant: tenant, units: units, deadline: latest)
        return queue.enqueue(entry) ? .wait : .full
    }

    /// Lets in who may come in, and turns away whose time is over.
    package mutating func advance(at now: Tick) -> Change {
        var change = Change()
        change.expired = queue.expire(at: now).map(\.number)
        while let head = queue.head {
            switch attempt(head.units, at: now) {
            case .passed(let permit):
                _ = queue.takeHead()
                change.passed.append((number: head.number, permit: permit))
            case .wait(let nanoseconds):
                let ready = nanoseconds.map { now.advanced(byNanoseconds: $0) }
                change.wakeAt = [ready, queue.nextDeadline].compactMap(\.self).min()
                return change
            }
        }
        return change
    }

    /// False when it does not wait any more.
    package mutating func leave(_ number: UInt64, tenant: String) -> Bool {
        queue.remove(number, of: tenant) != nil
    }

    package enum Use: Hashable, Sendable {
        /// The call was not sent: it counts for nothing.
        case unsent
        /// Nil: nobody knows, and the reservation stays.
        case tokens(Int64?)
    }

    package mutating func end(_ permit: Permit, _ use: Use) {
        activeCalls -= 1
        switch use {
        case .unsent:
            if let ticket = permit.requests { requests?.settle(ticket, units: 0) }
            if let ticket = permit.tokens { tokens?.settle(ticket, units: 0) }
        case .tokens(let count):
            if let ticket = permit.requests { requests?.settle(ticket, units: 1) }
            if let ticket = permit.tokens, let count { tokens?.settle(ticket, units: count) }
        }
    }

    package func available(at now: Tick) -> (requests: Int64?, tokens: Int64?) {
        (requests?.available(at: now), tokens?.available(at: now))
    }

    private enum Attempt {
        case passed(Permit)
        /// Nil: until a call ends.
        case wait(Int64?)
    }

    private mutating func attempt(_ units: Int64, at now: Tick) -> Attempt {
        if let most = limits.concurrentCalls, activeCalls >= most { return .wait(nil) }
        var permit = Permit()
        if var limit = requests {
            switch limit.reserve(1, at: now) {
            case .wait(let nanoseconds): return .wait(nanoseconds)
            case .passed(let ticket): permit.requests = ticket
            }
            requests = limit
        }
        if var limit = tokens {
            switch limit.reserve(units, at: now) {
            case .wait(let nanoseconds):
                if let ticket = permit.requests { requests?.settle(ticket, units: 0) }
                return .wait(nanoseconds)
            case .passed(let ticket): permit.tokens = ticket
            }
            tokens = limit
        }
        activeCalls += 1
        return .passed(permit)
    }
}
