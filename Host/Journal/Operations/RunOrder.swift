import Kernel

/// Where a new run begins.
struct RunPlace {
    var state: RunState
    var wakeAt: Instant?
    /// Among those that wait for another run of their key.
    var turn: Int64?
    var burstAt: Instant?
}

extension SQLReading {
    func runsReady(after number: Int64, limit: Int) throws(JournalError) -> [ReadyRun] {
        try session.rows(RunSQL.ready, [.integer(number), .int(max(0, limit))]) { ReadyRun(&$0) }
    }

    func runNextDue() throws(JournalError) -> Instant? {
        try session.first(RunSQL.nextDue) { $0.optionalInstant() } ?? nil
    }
}

/// Which runs wait, for what, and what becomes of those that wait too long.
extension SQLTransaction {
    func runAdmit(_ run: NewRun) throws(JournalError) -> RunAdmission {
        guard run.caps.isValid else { throw JournalError(.invalid, "a cap cannot be negative") }
        var run = try assigned(run)
        run.classification = try classification(of: run)
        run = try sealed(run)
        try checkNotStopped(run.payer)
        let begin = run.startAt.flatMap { $0 > now ? $0 : nil }
        if let problem = run.scheduling.problem(startAt: begin ?? now) { throw JournalError(.invalid, problem) }
        let plain = RunPlace(state: begin == nil ? .ready : .scheduled, wakeAt: begin)
        guard let key = run.scheduling.key, run.scheduling.whenActive != .allow else {
            return RunAdmission(run: try insert(run, plain))
        }
        // The same request again must be answered with its first run, not with what that one does to itself.
        if let known = try admitted(run) { throw known }
        return try admit(run, key, plain)
    }

    private func admit(_ run: NewRun, _ key: String, _ plain: RunPlace) throws(JournalError) -> RunAdmission {
        let open = try session.rows(RunSQL.ofKey, [.text(run.tenant), .text(key)]) { RunRow(&$0) }
        let queued = open.filter { $0.record.turn != nil }
        let burst = queued.first { $0.burstAt != nil }
        var runs = ActiveRuns(
            active: open.filter { $0.record.turn == nil }.map(\.record.id), queued: queued.map(\.record.id),
            burst: burst.flatMap { row in
                row.burstAt.map { ActiveRuns.Burst(firstAt: $0, startAt: row.record.wakeAt ?? now) }
            })
        let decision = runs.admit(run.id, run.scheduling.whenActive, at: now)
        let turns = queued.compactMap(\.record.turn)
        let place: RunPlace
        switch decision.verdict {
        case .reject(let reason): throw JournalError(.conflict(current: 0), reason)
        case .start: place = plain
        case .queue:
            let isNext = runs.queued.first == run.id
            place = RunPlace(
                state: .scheduled, wakeAt: plain.wakeAt,
                turn: isNext ? (turns.first ?? 0) - 1 : (turns.last ?? 0) + 1)
        case .delay(let until):
            place = RunPlace(state: .scheduled, wakeAt: until, turn: 0, burstAt: runs.burst?.firstAt ?? now)
        }
        let inserted = try insert(run, place)
        var stopped: [RunRecord] = []
        for id in decision.drop {
            stopped += try runRequestCancel(id, reason: "run \(run.id) of the same key took its place")
        }
        for id in decision.stop {
            stopped += try runRequestCancel(id, reason: "run \(run.id) of the same key replaces it")
        }
        // What was stopped may have been idle, so that the new one starts in this very commit.
        let current = decision.stop.isEmpty ? inserted : try self.run(run.id) ?? inserted
        return RunAdmission(run: current, stopped: stopped)
    }

    func runReleaseDue() throws(JournalError) -> Int { try change("due", RunSQL.releaseDue, [.instant(now)]).count }

    /// The next run of a key, if none of it is active.
    func releaseTurn(tenant: String, _ key: String) throws(JournalError) {
        try change("due", RunSQL.releaseTurn, [.instant(now), .text(tenant), .text(key)])
    }

    func runDelay(
        _ id: RunID, fence: Fence, until: Instant, failure: Failure, history: RetryHistory
    ) throws(JournalError) -> RunRecord {
        let run = try fenced(id, fence).record
        try allow(run, .delay)
        let arguments: [SQLValue] =
            [.instant(until)] + SQLValue.failure(try sealed(failure, of: run)) + [.text(try sealed(history, of: run))]
        return try changeFenced("delayed", RunSQL.delay, arguments, id, fence, reason: failure.message)
    }

    func runExpire(limit: Int) throws(JournalError) -> RunExpiry {
        var expiry = RunExpiry()
        let late = try session.rows(RunSQL.startTooLate, [.instant(now), .int(limit)]) { $0.integer() }
        try expire(late, "it had not begun by the time that was set for it (start-by)", &expiry)
        let long = try session.rows(RunSQL.openTooLong, [.instant(now), .int(limit)]) { $0.integer() }
        try expire(long, "it was not done by its deadline", &expiry)
        return expiry
    }

    private func expire(_ numbers: [Int64], _ reason: String, _ expiry: inout RunExpiry) throws(JournalError) {
        let failure = SQLValue.failure(Failure(.deadline, reason))
        for number in numbers {
            let arguments = failure + [.instant(now), .integer(number)]
            for run in try change("expired", RunSQL.expire, arguments, reason: reason) {
                expiry.ended.append(run)
                for child in try children(of: run.id) where !child.state.isTerminal {
                    expiry.stopped += try runRequestCancel(child.id, reason: "its parent \(run.id) ended")
                }
            }
        }
    }

    /// For the one who claims: what waits for a place from this commit on, and what does so no more.
    func noteReady(_ run: RunRecord) {
        guard feed.isHeard else { return }
        switch run.state {
        case .ready: savepoint.ready.append(.waits(run.ready))
        case .failed, .cancelled: savepoint.ready.append(.left(run.number))
        default: break
        }
    }
}

extension ReadyRun {
    /// From ``RunSQL/ready``.
    fileprivate init(_ row: inout SQLRow) {
        let number = row.integer()
        let group = ClaimGroup(
            tenant: row.text(), department: row.text(), agent: row.text(), queue: row.text(), key: row.optionalText())
        let priority = row.int(), readyAt = row.optionalInstant(), createdAt = row.instant()
        self.init(
            number: number, group: group, priority: priority, readyAt: readyAt ?? createdAt,
            startBefore: row.optionalInstant())
    }
}
