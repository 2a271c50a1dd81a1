import Kernel

extension Invariant {
    static let deliveredAtLeastOnce = Invariant(
        "I9", "every event reaches every group at least once and takes effect once"
    ) { evidence in
        try missingDeliveries(evidence) + triggered(evidence)
    }

    /// What a group has let go of was given to somebody before.
    private static func missingDeliveries(_ evidence: Evidence) throws -> [Violation] {
        let delivered = Dictionary(grouping: evidence.deliveries, by: \.group).mapValues { Set($0.map(\.position)) }
        var found: [Violation] = []
        for row in try evidence.store.rows("SELECT name, cursor FROM stream_group ORDER BY name") {
            let group = row[0].text
            guard let seen = delivered[group], let first = seen.min(), first <= row[1].number else { continue }
            // Given out, and its consumer was not told: it comes again, or is a dead letter.
            let kept = try evidence.store.rows(
                """
                SELECT pos FROM stream_pending WHERE group_name = '\(group)'
                UNION SELECT pos FROM dead_letter WHERE group_name = '\(group)'
                """)
            let missing = Set(first...row[1].number).subtracting(seen).subtracting(kept.map { $0[0].number })
            found += missing.sorted().map { Violation("I9", "event \($0) never came to \(group)") }
        }
        return found
    }

    private static func triggered(_ evidence: Evidence) throws -> [Violation] {
        guard !evidence.triggers.isEmpty else { return [] }
        var started: [String: Int] = [:]
        for row in try evidence.store.rows("SELECT idempotency_key FROM run WHERE cause IS NOT NULL") {
            started[row[0].text, default: 0] += 1
        }
        let events = try evidence.store.rows("SELECT pos, topic, run_id, body FROM event ORDER BY pos")
        var found: [Violation] = []
        for trigger in evidence.triggers {
            for event in events where event[0].number > trigger.after && event[1].text == trigger.topic {
                guard try JSONParser.parse(event[3].text)["task"]?.stringValue == trigger.task else { continue }
                let count = started["\(trigger.group):\(event[0].number)"] ?? 0
                if count > 1 || evidence.isHealed && count == 0 {
                    found.append(
                        Violation(
                            "I9",
                            "event \(event[0].number) of run \(event[2].run) started \(count) runs by \(trigger.group)")
                    )
                }
            }
        }
        return found
    }

    static let eventsInOrder = Invariant("I10", "events are given in the log's order, and the log has no gap") {
        evidence in
        var found: [Violation] = []
        let log = try evidence.store.rows("SELECT count(*), coalesce(min(pos), 1), coalesce(max(pos), 0) FROM event")
        for row in log where row[1].number != 1 || row[2].number != row[0].number {
            found.append(
                Violation("I10", "\(row[0].number) events stand at \(row[1].number) to \(row[2].number)"))
        }
        var last: [String: Int64] = [:]
        for delivery in evidence.deliveries where delivery.deliveries == 1 {
            if !delivery.begins, let before = last[delivery.group], delivery.position <= before {
                found.append(
                    Violation("I10", "event \(delivery.position) came to \(delivery.group) after \(before)"))
            }
            last[delivery.group] = delivery.position
        }
        return found
    }

    static let oneFireForOneTime = Invariant("I11", "a schedule fires at most once for one time") { evidence in
        var fires = evidence.fires
        if try evidence.store.has(table: "schedule_fire") {
            fires += try evidence.store.rows("SELECT schedule, nominal_ms FROM schedule_fire").map {
                StoredFire(schedule: $0[0].text, nominal: $0[1].number)
            }
        }
        return Dictionary(grouping: fires, by: { $0 }).filter { $0.value.count > 1 }.keys
            .map { "\($0.schedule) fired more than once for \(Instant(unixMilliseconds: $0.nominal).timestamp)" }
            .sorted().map { Violation("I11", $0) }
    }
}
