/// All that a schedule remembers between two looks at the clock. Small, and stored with each decision.
package struct ScheduleState: Hashable, Sendable {
    /// No nominal time at or below it fires by the clock any more. It never falls, so a clock that is set back waits.
    package private(set) var highWater: Instant
    /// A fire that waits for open runs to end. Its time is below ``highWater``.
    package private(set) var held: Instant?
    package private(set) var isPaused: Bool

    /// A schedule made now owes nothing to the past.
    package init(createdAt: Instant) { self.init(highWater: createdAt, held: nil, isPaused: false) }

    /// As stored.
    package init(highWater: Instant, held: Instant?, isPaused: Bool) {
        self.highWater = highWater
        self.held = held
        self.isPaused = isPaused
    }

    /// Nominal times that pass from now on do not fire, now or later. One that is held back waits for ``resume(at:)``.
    package mutating func pause() { isPaused = true }

    /// - Returns: what did not fire while it was paused; a backfill can still fire it.
    package mutating func resume(_ recurrence: Recurrence, at now: Instant) -> ScheduleMiss? {
        guard isPaused else { return nil }
        isPaused = false
        return passOver(recurrence, through: now, .paused)
    }

    /// The schedule gets other times: what was due by the old ones and has not fired is given up.
    package mutating func giveUpDue(_ recurrence: Recurrence, at now: Instant) -> ScheduleMiss? {
        passOver(recurrence, through: now, isPaused ? .paused : .changed)
    }

    /// Gives up all due times through `instant`.
    private mutating func passOver(
        _ recurrence: Recurrence, through instant: Instant, _ reason: ScheduleMiss.Reason
    ) -> ScheduleMiss? {
        defer { highWater = max(highWater, instant) }
        guard let first = recurrence.next(after: highWater), first <= instant,
            let last = recurrence.previous(before: instant.advanced(byMilliseconds: 1))
        else { return nil }
        return ScheduleMiss(first: first, last: last, reason: reason)
    }
}

/// What to do now.
package struct ScheduleDecision: Hashable, Sendable {
    package enum Stop: String, Hashable, Sendable {
        /// Ask them to; a started run follows when they have ended.
        case cancel
        /// End them before starting anything.
        case terminate
    }

    /// To start, in this order.
    package var fires: [ScheduleFire] = []
    /// What to do with the runs that were open.
    package var stop: Stop?
    package var misses: [ScheduleMiss] = []
    /// When to look again, if no run of the schedule ends before; nil for never.
    package var lookAgainAt: Instant?
}

extension ScheduleState {
    /// One look at the clock. The caller stores the state after it and the fires in one transaction.
    ///
    /// Due is what lies above the high-water mark and not after `now`; after the look, nothing is. The cost does not
    /// depend on how long ago the last look was.
    ///
    /// - Parameter openRuns: of this schedule, those of backfills not counted.
    package mutating func decide(
        _ recurrence: Recurrence, _ policy: SchedulePolicy, openRuns: Int, at now: Instant
    ) -> ScheduleDecision {
        var decision = ScheduleDecision()
        guard !isPaused else { return decision }
        var open = openRuns
        dropLateHeld(policy, at: now, &decision)
        if openRuns == 0, let nominal = held {
            held = nil
            start(ScheduleFire(nominal: nominal, cause: .held), policy, &open, &decision)
        }
        for fire in takeDue(recurrence, policy, at: now, &decision) { start(fire, policy, &open, &decision) }
        decision.lookAgainAt = nextLook(recurrence, policy, after: now)
        return decision
    }

    /// Moves the mark to `now` and says what is still worth firing, oldest first.
    private mutating func takeDue(
        _ recurrence: Recurrence, _ policy: SchedulePolicy, at now: Instant, _ decision: inout ScheduleDecision
    ) -> [ScheduleFire] {
        guard now > highWater else { return [] }
        var fires: [ScheduleFire] = []
        var upper = now.advanced(byMilliseconds: 1)
        while let nominal = recurrence.previous(before: upper), nominal > highWater {
            let lateness = now.unixMilliseconds - nominal.unixMilliseconds
            let isOnTime = lateness <= policy.toleranceMilliseconds
            guard fires.count < policy.maximumFires, lateness <= policy.startDeadlineMilliseconds ?? .max,
                isOnTime || policy.misfire != .skip
            else { break }
            fires.append(ScheduleFire(nominal: nominal, cause: isOnTime ? .due : .late))
            upper = nominal
        }
        // What lies between the mark and the oldest that fires is given up.
        if let last = recurrence.previous(before: upper), last > highWater,
            let first = recurrence.next(after: highWater)
        {
            decision.misses.append(ScheduleMiss(first: first, last: last, reason: .misfire))
        }
        highWater = now
        return fires.reversed()
    }

    private mutating func start(
        _ fire: ScheduleFire, _ policy: SchedulePolicy, _ open: inout Int, _ decision: inout ScheduleDecision
    ) {
        switch policy.overlap {
        case .skip where open > 0: decision.miss(fire.nominal, .overlap)
        case .queueOne where open > 0:
            if held == nil { held = fire.nominal } else { decision.miss(fire.nominal, .overlap) }
        case .cancelPrevious where open > 0, .terminatePrevious where open > 0:
            // Of several at once only the latest would survive: the others are not started to be stopped.
            if let replaced = decision.fires.popLast() {
                decision.miss(replaced.nominal, .replaced)
                decision.fires.append(fire)
            } else if policy.overlap == .terminatePrevious {
                decision.fires.append(fire)
                decision.stop = .terminate
            } else {
                if let replaced = held { decision.miss(replaced, .replaced) }
                held = fire.nominal
                decision.stop = .cancel
            }
        case .allow, .skip, .queueOne, .cancelPrevious, .terminatePrevious: decision.fires.append(fire)
        }
        open += 1
    }

    private mutating func dropLateHeld(
        _ policy: SchedulePolicy, at now: Instant, _ decision: inout ScheduleDecision
    ) {
        guard let nominal = held, let deadline = policy.startDeadlineMilliseconds,
            nominal.advanced(byMilliseconds: deadline) < now
        else { return }
        held = nil
        decision.miss(nominal, .deadline)
    }

    private func nextLook(_ recurrence: Recurrence, _ policy: SchedulePolicy, after now: Instant) -> Instant? {
        let next = recurrence.next(after: max(highWater, now))
        guard let held, let deadline = policy.startDeadlineMilliseconds else { return next }
        let expiry = held.advanced(byMilliseconds: deadline).advanced(byMilliseconds: 1)
        return min(next ?? expiry, expiry)
    }
}

extension SchedulePolicy {
    /// How many due times can become fires in one look.
    fileprivate var maximumFires: Int {
        switch misfire {
        case .skip: Self.maximumCatchUp
        case .latest: 1
        case .catchUp(let count): min(max(count, 1), Self.maximumCatchUp)
        }
    }
}

extension ScheduleDecision {
    fileprivate mutating func miss(_ nominal: Instant, _ reason: ScheduleMiss.Reason) {
        misses.append(ScheduleMiss(first: nominal, last: nominal, reason: reason))
    }
}
