import Kernel

extension SQLTransaction {
    func scheduleLook(
        _ name: String, revision: Int64, refusal: String?, run make: ScheduledRun
    ) throws(JournalError) -> ScheduleLook? {
        guard var record = try schedule(name), record.revision == revision, !record.state.isPaused else { return nil }
        let (recurrence, zone) = try scheduleTimes(record.definition, anchor: record.anchor)
        try session.execute(ScheduleSQL.closeEnded, [.text(name)])
        var look = ScheduleLook(open: try openRuns(of: name))
        var state = record.state
        let decision = state.decide(recurrence, record.definition.policy, openRuns: look.open.count, at: now)
        look.misses = decision.misses
        look.isHeld = state.held != nil
        look.lookAgainAt = decision.lookAgainAt
        for miss in decision.misses { try tell(miss, of: record) }
        if state != record.state {
            record.state = state
            try writeState(record, "looked")
        }
        for fire in decision.fires {
            let run = try start(fire, of: record, zone, refusal: refusal, make)
            if let run {
                look.started.append(run)
            } else {
                look.misses.append(ScheduleMiss(first: fire.nominal, last: fire.nominal, reason: .refused))
            }
        }
        // Nothing is stopped for a run that may not start.
        if refusal == nil { look.stop = decision.stop }
        return look
    }

    func scheduleBackfill(
        _ name: String, from first: Instant, through last: Instant, limit: Int, run make: ScheduledRun
    ) throws(JournalError) -> [RunRecord] {
        guard let record = try schedule(name) else { throw Self.noSchedule(name) }
        let (recurrence, zone) = try scheduleTimes(record.definition, anchor: record.anchor)
        var fired: Set<Instant> = []
        for row in try session.rows(
            ScheduleSQL.firesIn, [.text(name), .instant(first), .instant(last)], { ScheduleFireRecord(&$0) })
        { fired.insert(row.fire.nominal) }
        let fires: [ScheduleFire]
        do {
            fires = try record.state.backfill(
                recurrence, from: first, through: last, limit: min(max(limit, 1), ScheduleState.maximumBackfill)
            ) { fired.contains($0) }
        } catch .empty {
            // Whoever asks again for what has fired is told the same.
            return []
        } catch {
            throw JournalError(.invalid, "schedule \(name): \(error)")
        }
        var started: [RunRecord] = []
        for fire in fires {
            if let run = try start(fire, of: record, zone, refusal: nil, make) { started.append(run) }
        }
        return started
    }

    /// The run, its fire and their event and leaves; nil, and told, when the run is not admitted. A time that has
    /// fired before gives the run that it started then, and changes nothing.
    private func start(
        _ fire: ScheduleFire, of record: ScheduleRecord, _ zone: TimeZoneRules, refusal: String?, _ make: ScheduledRun
    ) throws(JournalError) -> RunRecord? {
        let key: [SQLValue] = [.text(record.name), .instant(fire.nominal)]
        if let known = try session.first(ScheduleSQL.fire, key, { ScheduleFireRecord(&$0) }) {
            return try run(known.run)
        }
        let miss = ScheduleMiss(first: fire.nominal, last: fire.nominal, reason: .refused)
        if let refusal {
            try tell(miss, of: record, detail: refusal)
            return nil
        }
        let input = record.definition.input(of: fire, schedule: record.name, zone).bytes
        let started: RunRecord
        do throws(JournalError) {
            var new = try make(record, fire, input, self)
            new.idempotencyKey = fire.idempotencyKey(schedule: record.name)
            started = try runInsert(new)
        } catch {
            switch error.code {
            case .budget, .invalid:
                try tell(miss, of: record, detail: error.message)
                return nil
            case .duplicate(let id?):
                guard let existing = try run(id) else { throw error }
                started = existing
            default: throw error
            }
        }
        let row = ScheduleFireRecord(schedule: record.name, fire: fire, run: started.id, firedAt: now)
        try session.execute(
            ScheduleSQL.insertFire,
            key + [
                .run(row.run), .text(fire.cause.rawValue), .instant(now),
                .flag(fire.cause != .backfill && !started.state.isTerminal),
            ])
        try appendLeaf(AuditLeaves.scheduleFire(row))
        let body: JSONValue = [
            "schedule": .string(record.name), "nominal": .string(fire.nominal.timestamp),
            "cause": .string(fire.cause.rawValue), "task": .string(started.task.description),
        ]
        _ = try eventAppend(
            NewEvent(topic: EventTopic.scheduleFired, run: started.id, root: started.root, body: body))
        return started
    }
}

extension ScheduleFireRecord {
    /// From ``ScheduleSQL/fireColumns``.
    init(_ row: inout SQLRow) {
        let schedule = row.text(), nominal = row.instant(), run = row.runID()
        let cause = ScheduleFire.Cause(rawValue: row.text())
        if cause == nil { row.refuse() }
        self.init(
            schedule: schedule, fire: ScheduleFire(nominal: nominal, cause: cause ?? .due), run: run,
            firedAt: row.instant())
    }
}
