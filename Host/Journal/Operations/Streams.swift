import Kernel

extension SQLReading {
    func streamGroups() throws(JournalError) -> [StreamGroupStatus] {
        let last = try lastEventPosition()
        var statuses: [StreamGroupStatus] = []
        for group in try session.rows(StreamSQL.all, [], { StreamGroup(&$0) }) {
            let name: [SQLValue] = [.text(group.name)]
            statuses.append(
                StreamGroupStatus(
                    group: group, lag: max(0, last - group.cursor),
                    pending: try session.first(StreamSQL.countPending, name) { $0.int() } ?? 0,
                    deadLetters: try session.first(StreamSQL.countLetters, name) { $0.int() } ?? 0,
                    consumers: try session.rows(StreamSQL.consumers, name) { row in
                        StreamConsumer(name: row.text(), pending: row.int(), lastDeliveryAt: row.instant())
                    }))
        }
        return statuses
    }

    func lastEventPosition() throws(JournalError) -> Int64 {
        try session.first(StreamSQL.lastPosition, []) { $0.integer() } ?? 0
    }

    func streamGroup(_ name: String) throws(JournalError) -> StreamGroup? {
        try session.first(StreamSQL.one, [.text(name)]) { StreamGroup(&$0) }
    }

    func streamPending(
        _ group: String, after position: Int64, limit: Int
    ) throws(JournalError) -> [PendingDelivery] {
        _ = try knownGroup(group)
        return try session.rows(
            StreamSQL.pending, [.text(group), .integer(position), .int(max(0, limit))]
        ) { PendingDelivery(&$0) }
    }

    func eventsAndOrigins(
        after position: Int64, limit: Int, of scope: RowScope
    ) throws(JournalError) -> [StreamDelivery] {
        let (conditions, arguments) = scope.conditions(on: "run")
        return try deliveries(
            StreamSQL.events(conditions), [.integer(position)] + arguments + [.int(max(0, limit))])
    }

    func streamNextDue() throws(JournalError) -> Instant? {
        try session.first(StreamSQL.nextDue, []) { $0.optionalInstant() } ?? nil
    }

    fileprivate func knownGroup(_ name: String) throws(JournalError) -> StreamGroup {
        guard let group = try streamGroup(name) else {
            throw JournalError(.notFound, "there is no group of consumers \"\(name)\"")
        }
        return group
    }

    func delivery(_ row: DeliveryRow) throws(JournalError) -> StreamDelivery {
        StreamDelivery(event: try record(row.event), origin: row.origin, deliveries: row.deliveries)
    }

    static func letterPlace(_ group: String, _ position: Int64) -> SealPlace {
        SealPlace("letter \(position) \(group)", "reason")
    }

    fileprivate func deliveries(
        _ sql: String, _ arguments: [SQLValue]
    ) throws(JournalError) -> [StreamDelivery] {
        var deliveries: [StreamDelivery] = []
        for row in try session.rows(sql, arguments, { DeliveryRow(&$0) }) { deliveries.append(try delivery(row)) }
        return deliveries
    }
}

extension SQLTransaction {
    /// An event that fits no filter is looked at once: so many of them at a time.
    private static let eventsPerLook = 512

    func streamGroupCreate(_ group: StreamGroup, by: String) throws(JournalError) {
        let arguments: [SQLValue] = [
            .text(group.name), .text(group.filter.json.serialized()), .integer(group.cursor),
            .int(group.maximumDeliveries), .instant(now),
        ]
        guard Name.isValid(group.name) || group.name.contains(":") else {
            throw JournalError(
                .invalid, "\"\(group.name)\" is no name for a group: use lower-case letters, digits, '.', '_' and '-'")
        }
        guard group.maximumDeliveries > 0, group.cursor >= 0 else {
            throw JournalError(.invalid, "a group begins at 0 or later, and delivers at least once")
        }
        guard try session.execute(StreamSQL.create, arguments) > 0 else {
            throw JournalError(.conflict(current: 0), "there is a group \"\(group.name)\" already")
        }
        guard let stored = try streamGroup(group.name) else { return }
        try appendLeaf(AuditLeaves.streamGroup(stored, by: by))
    }

    func streamGroupRemove(_ name: String, by: String) throws(JournalError) {
        _ = try knownGroup(name)
        try session.execute(StreamSQL.removePending, [.text(name)])
        try session.execute(StreamSQL.remove, [.text(name)])
        try appendLeaf(AuditLeaves.removed("stream", "group", name, by: by))
    }

    /// The next event is the one after `position`; what is in somebody's hands or waits is let go.
    func streamGroupReset(_ name: String, to position: Int64, by: String) throws(JournalError) {
        let group = try knownGroup(name)
        let last = try lastEventPosition()
        guard (0...last).contains(position) else {
            throw JournalError(.invalid, "position \(position) is not in the log: it goes from 0 to \(last)")
        }
        try session.execute(StreamSQL.removePending, [.text(name)])
        try session.execute(StreamSQL.advance, [.integer(position), .text(name)])
        try appendLeaf(AuditLeaves.streamReset(group, to: position, by: by))
    }

    /// What is due again first, then new events; each is this consumer's until it is acknowledged, rejected, or claimed
    /// by another.
    func streamRead(
        _ name: String, consumer: String, limit: Int
    ) throws(JournalError) -> [StreamDelivery] {
        let group = try knownGroup(name)
        guard limit > 0 else { return [] }
        let due = try deliveries(StreamSQL.due, [.text(name), .instant(now), .int(limit)])
        var given = due
        let seen = try eventsAndOrigins(after: group.cursor, limit: Self.eventsPerLook)
        var cursor = group.cursor
        for event in seen where given.count < limit {
            cursor = event.event.position
            if group.filter.matches(event) { given.append(event) }
        }
        for delivery in given { try deliver(delivery, name, consumer) }
        if cursor != group.cursor { try session.execute(StreamSQL.advance, [.integer(cursor), .text(name)]) }
        return given
    }

    /// - Returns: how many were in this group's hands.
    func streamAcknowledge(_ name: String, _ positions: [Int64]) throws(JournalError) -> Int {
        _ = try knownGroup(name)
        var count = 0
        for position in positions {
            count += try session.execute(StreamSQL.acknowledge, [.text(name), .integer(position)])
        }
        return count
    }

    /// Takes over what others have had for so long, as they may be gone. What has been given out too often becomes
    /// a dead letter instead.
    func streamClaim(
        _ name: String, consumer: String, idleMilliseconds: Int64, limit: Int
    ) throws(JournalError) -> [StreamDelivery] {
        let group = try knownGroup(name)
        let before = Instant(unixMilliseconds: now.unixMilliseconds - max(0, idleMilliseconds))
        var taken: [StreamDelivery] = []
        for delivery in try deliveries(StreamSQL.idle, [.text(name), .instant(before), .int(max(0, limit))]) {
            if delivery.deliveries > group.maximumDeliveries {
                var last = delivery
                last.deliveries -= 1
                _ = try bury(last, name, "given out \(last.deliveries) times and never acknowledged")
            } else {
                try deliver(delivery, name, consumer)
                taken.append(delivery)
            }
        }
        return taken
    }

    /// Gives an event back: it comes again at `retryAt`, unless it came too often.
    ///
    /// - Parameter retryAt: nil: it can never be handled.
    func streamReject(
        _ name: String, _ position: Int64, reason: String, retryAt: Instant?
    ) throws(JournalError) -> RejectedDelivery {
        let group = try knownGroup(name)
        let key: [SQLValue] = [.text(name), .integer(position)]
        guard let pending = try session.first(StreamSQL.onePending, key, { PendingDelivery(&$0) }),
            let delivery = try eventsAndOrigins(after: position - 1, limit: 1).first
        else { throw JournalError(.notFound, "event \(position) is not in the hands of group \"\(name)\"") }
        if let retryAt, pending.deliveries < group.maximumDeliveries {
            try session.execute(StreamSQL.postpone, [.instant(retryAt)] + key)
            return .again(at: retryAt)
        }
        var last = delivery
        last.deliveries = pending.deliveries
        return .deadLetter(try bury(last, name, reason))
    }

    // MARK: Helpers

    private func deliver(
        _ delivery: StreamDelivery, _ group: String, _ consumer: String
    ) throws(JournalError) {
        guard (1...200).contains(consumer.utf8.count) else {
            throw JournalError(.invalid, "a consumer's name has 1 to 200 bytes")
        }
        try session.execute(
            StreamSQL.deliver,
            [
                .text(group), .integer(delivery.event.position), .text(consumer), .int(delivery.deliveries),
                .instant(now),
            ])
    }

    /// Nothing tells of a letter about a letter: a consumer of everything that cannot handle them would go on for ever.
    private func bury(
        _ delivery: StreamDelivery, _ group: String, _ reason: String
    ) throws(JournalError) -> Int64 {
        let event = delivery.event, reason = String(reason.prefix(1_000))
        let seal = try seal(ofRun: event.event.run)
        let stored = try seal?.sealText(reason, Self.letterPlace(group, event.position)) ?? reason
        try session.execute(StreamSQL.acknowledge, [.text(group), .integer(event.position)])
        let arguments: [SQLValue] = [
            .text(group), .integer(event.position), .instant(now), .int(delivery.deliveries), .text(stored),
        ]
        let letter = try session.first(StreamSQL.appendLetter, arguments) { $0.integer() } ?? 0
        try appendLeaf(
            AuditLeaves.deadLetter(
                DeadLetter(
                    number: letter, group: group, at: now, deliveries: delivery.deliveries, reason: stored,
                    state: .open,
                    event: event, origin: delivery.origin)))
        guard event.event.topic != EventTopic.deadLetter else { return letter }
        _ = try eventAppend(
            NewEvent(
                topic: EventTopic.deadLetter, run: event.event.run, root: event.event.root,
                body: [
                    "letter": .integer(letter), "group": .string(group), "position": .integer(event.position),
                    "topic": .string(event.event.topic), "deliveries": .integer(Int64(delivery.deliveries)),
                    "reason": .string(reason),
                ]))
        return letter
    }
}

// MARK: Rows

extension EventFilter {
    package func matches(_ delivery: StreamDelivery) -> Bool {
        matches(
            topic: delivery.event.event.topic, tenant: delivery.origin?.tenant,
            department: delivery.origin?.department, body: delivery.event.event.body)
    }
}

extension StreamGroup {
    init(_ row: inout SQLRow) {
        let name = row.text(), filter = row.text()
        let read = (try? JSONParser.parse(filter)).flatMap { try? EventFilter(json: $0) }
        if read == nil { row.refuse() }
        self.init(
            name: name, filter: read ?? EventFilter(), cursor: row.integer(), maximumDeliveries: row.int(),
            createdAt: row.instant())
    }
}

extension PendingDelivery {
    init(_ row: inout SQLRow) {
        self.init(
            position: row.integer(), consumer: row.optionalText(), deliveries: row.int(), deliveredAt: row.instant(),
            dueAt: row.optionalInstant())
    }
}

struct DeliveryRow {
    let event: EventRow
    let origin: EventOrigin?
    let deliveries: Int

    init(_ row: inout SQLRow) {
        event = EventRow(&row)
        let tenant = row.optionalText(), department = row.optionalText(), correlation = row.optionalText()
        let cause = row.optionalInteger()
        let root = event.root
        origin = tenant.map {
            EventOrigin(
                tenant: $0, department: department ?? "", correlation: correlation ?? root.description, cause: cause)
        }
        deliveries = row.int()
    }
}
