import Kernel

extension SQLReading {
    func schedules() throws(JournalError) -> [ScheduleRecord] {
        try session.rows(ScheduleSQL.all) { ScheduleRecord(&$0) }
    }

    func schedule(_ name: String) throws(JournalError) -> ScheduleRecord? {
        try session.first(ScheduleSQL.one, [.text(name)]) { ScheduleRecord(&$0) }
    }

    func scheduleTimes(
        _ definition: ScheduleDefinition, anchor: Instant
    ) throws(JournalError) -> (recurrence: Recurrence, zone: TimeZoneRules) {
        let rules: TimeZoneRules
        do {
            rules = try zones.rules(definition.zone)
        } catch {
            throw JournalError(.invalid, error.description)
        }
        do {
            return (try definition.recurrence(rules, anchor: anchor), rules)
        } catch {
            throw JournalError(.invalid, error.description)
        }
    }

    func scheduleFires(
        _ name: String, before: Instant?, limit: Int
    ) throws(JournalError) -> [ScheduleFireRecord] {
        let arguments: [SQLValue] = [.text(name), .integer(before?.unixMilliseconds ?? .max), .int(max(0, limit))]
        return try session.rows(ScheduleSQL.fires, arguments) { ScheduleFireRecord(&$0) }
    }

    func scheduleOutlooks() throws(JournalError) -> [ScheduleOutlook] {
        var outlooks: [ScheduleOutlook] = []
        for record in try schedules() { outlooks.append(try outlook(record)) }
        return outlooks
    }

    func scheduleOutlook(_ name: String) throws(JournalError) -> ScheduleOutlook? {
        guard let record = try schedule(name) else { return nil }
        return try outlook(record)
    }

    private func outlook(_ record: ScheduleRecord) throws(JournalError) -> ScheduleOutlook {
        var outlook = ScheduleOutlook(record: record, lookAt: nil, openRuns: try openRuns(of: record.name).count)
        let state = record.state
        do throws(JournalError) {
            let recurrence = try scheduleTimes(record.definition, anchor: record.anchor).recurrence
            outlook.words = recurrence.words
            outlook.next = recurrence.next(after: max(state.highWater, now))
            if !state.isPaused { outlook.lookAt = recurrence.next(after: state.highWater) }
        } catch {
            outlook.problem = error.message
            return outlook
        }
        guard let held = state.held, !state.isPaused else { return outlook }
        if outlook.openRuns == 0 { outlook.lookAt = held }
        if let deadline = record.definition.policy.startDeadlineMilliseconds {
            let expiry = held.advanced(byMilliseconds: deadline).advanced(byMilliseconds: 1)
            outlook.lookAt = min(outlook.lookAt ?? expiry, expiry)
        }
        return outlook
    }

    func openRuns(of schedule: String) throws(JournalError) -> [RunID] {
        try session.rows(ScheduleSQL.openRuns, [.text(schedule)]) { $0.runID() }
    }
}

extension SQLTransaction {
    func scheduleSet(
        _ name: String, _ definition: ScheduleDefinition, expected: Int64?, by: String
    ) throws(JournalError) -> ScheduleRecord {
        // The API has a path of that name beside those of schedules.
        guard Name.isValid(name), name != "preview" else {
            throw JournalError(
                .invalid, "\"\(name)\" is no name for a schedule: use lower-case letters, digits, '.', '_' and '-'")
        }
        guard let old = try schedule(name) else {
            guard (expected ?? 0) == 0 else { throw Self.noSchedule(name) }
            return try add(name, definition, by: by)
        }
        guard expected ?? old.revision == old.revision else {
            throw JournalError(
                .conflict(current: UInt64(old.revision)),
                "schedule \(name) is at revision \(old.revision) by now, not \(expected ?? 0); read it again")
        }
        guard definition != old.definition else { return old }
        var record = old
        record.definition = definition
        record.revision += 1
        if definition.expression != old.definition.expression { record.anchor = now }
        // Refused before anything is written.
        _ = try scheduleTimes(definition, anchor: record.anchor)
        var miss: ScheduleMiss?
        if !definition.hasTimes(of: old.definition) {
            do throws(JournalError) {
                let recurrence = try scheduleTimes(old.definition, anchor: old.anchor).recurrence
                miss = record.state.giveUpDue(recurrence, at: now)
            } catch {
                // Times that cannot be read any more are not missed.
                record.state = ScheduleState(
                    highWater: max(old.state.highWater, now), held: old.state.held, isPaused: old.state.isPaused)
            }
        }
        try write(record, "set", by: by)
        if let miss { try tell(miss, of: record) }
        return record
    }

    private func add(
        _ name: String, _ definition: ScheduleDefinition, by: String
    ) throws(JournalError) -> ScheduleRecord {
        _ = try scheduleTimes(definition, anchor: now)
        let count = try session.first(ScheduleSQL.count) { $0.int() } ?? 0
        guard count < ScheduleRecord.maximumSchedules else {
            throw JournalError(.invalid, "there are \(count) schedules, which is the limit; remove one")
        }
        let record = ScheduleRecord(
            name: name, definition: definition, anchor: now, state: ScheduleState(createdAt: now), createdAt: now,
            revision: 1)
        try write(record, "set", by: by)
        return record
    }

    func scheduleRemove(_ name: String, by: String) throws(JournalError) {
        guard try session.execute(ScheduleSQL.remove, [.text(name)]) > 0 else { throw Self.noSchedule(name) }
        try appendLeaf(AuditLeaves.removed("schedule", "schedule", name, by: by))
    }

    func schedulePause(_ name: String, by: String) throws(JournalError) -> ScheduleRecord {
        guard var record = try schedule(name) else { throw Self.noSchedule(name) }
        guard !record.state.isPaused else { return record }
        record.state.pause()
        try writeState(record, "paused", by: by)
        return record
    }

    func scheduleResume(_ name: String, by: String) throws(JournalError) -> ScheduleRecord {
        guard var record = try schedule(name) else { throw Self.noSchedule(name) }
        guard record.state.isPaused else { return record }
        let recurrence = try scheduleTimes(record.definition, anchor: record.anchor).recurrence
        let miss = record.state.resume(recurrence, at: now)
        try writeState(record, "resumed", by: by)
        if let miss { try tell(miss, of: record) }
        return record
    }

    // MARK: Rows

    static func noSchedule(_ name: String) -> JournalError {
        JournalError(.notFound, "there is no schedule \"\(name)\"")
    }

    private func write(_ record: ScheduleRecord, _ change: String, by: String) throws(JournalError) {
        let definition = record.definition, policy = definition.policy, state = record.state
        try session.execute(
            ScheduleSQL.set,
            [
                .text(record.name), .text(definition.tenant), .text(definition.task.department),
                .text(definition.task.task), .text(definition.agent), .int(definition.priority),
                .optional(definition.user), .text(definition.input.serialized()), .text(definition.expression),
                .text(definition.zone), .text(definition.gap.rawValue), .text(definition.fold.rawValue),
                .text(policy.misfire.description), .text(policy.overlap.rawValue),
                .integer(policy.toleranceMilliseconds), .optional(policy.startDeadlineMilliseconds),
                .instant(record.anchor), .instant(state.highWater), .optional(state.held), .flag(state.isPaused),
                .instant(record.createdAt), .integer(record.revision),
            ])
        try appendLeaf(AuditLeaves.schedule(record, change, by: by))
    }

    func writeState(_ record: ScheduleRecord, _ change: String, by: String? = nil) throws(JournalError) {
        let state = record.state
        try session.execute(
            ScheduleSQL.setState,
            [.instant(state.highWater), .optional(state.held), .flag(state.isPaused), .text(record.name)])
        try appendLeaf(AuditLeaves.schedule(record, change, by: by))
    }

    func tell(_ miss: ScheduleMiss, of record: ScheduleRecord, detail: String? = nil) throws(JournalError) {
        var body: [String: JSONValue] = [
            "schedule": .string(record.name), "tenant": .string(record.definition.tenant),
            "task": .string(record.definition.task.description), "first": .string(miss.first.timestamp),
            "last": .string(miss.last.timestamp), "reason": .string(miss.reason.rawValue),
        ]
        body["detail"] = detail.map { .string($0) }
        _ = try eventAppend(
            NewEvent(topic: EventTopic.scheduleMissed, run: .nobody, root: .nobody, body: .object(body)))
        try appendLeaf(AuditLeaves.scheduleMiss(miss, of: record.name, detail: detail))
    }
}

extension ScheduleRecord {
    /// From ``ScheduleSQL/columns``.
    init(_ row: inout SQLRow) {
        let name = row.text(), tenant = row.text()
        let task = TaskReference(department: row.text(), task: row.text())
        let agent = row.text(), priority = row.int(), user = row.optionalText()
        let text = row.text()
        let input = try? JSONParser.parse(text)
        // Stored as it was written, byte for byte.
        if input?.serialized() != text { row.refuse() }
        let expression = row.text(), zone = row.text()
        let gap = GapPolicy(rawValue: row.text())
        if gap == nil { row.refuse() }
        let fold = FoldPolicy(rawValue: row.text())
        if fold == nil { row.refuse() }
        let misfire = MisfirePolicy(row.text())
        if misfire == nil { row.refuse() }
        let overlap = OverlapPolicy(rawValue: row.text())
        if overlap == nil { row.refuse() }
        let policy = SchedulePolicy(
            misfire: misfire ?? .skip, overlap: overlap ?? .skip, toleranceMilliseconds: row.integer(),
            startDeadlineMilliseconds: row.optionalInteger())
        let anchor = row.instant()
        let state = ScheduleState(highWater: row.instant(), held: row.optionalInstant(), isPaused: row.flag())
        self.init(
            name: name,
            definition: ScheduleDefinition(
                tenant: tenant, task: task, agent: agent, priority: priority, user: user, input: input ?? .null,
                expression: expression, zone: zone, gap: gap ?? .end, fold: fold ?? .first, policy: policy),
            anchor: anchor, state: state, createdAt: row.instant(), revision: row.integer())
    }
}
