import Kernel

extension SQLReading {
    func message(_ number: Int64) throws(JournalError) -> MessageRecord? {
        guard let stored = try storedMessage(number) else { return nil }
        return try opened(stored)
    }

    func storedMessage(_ number: Int64) throws(JournalError) -> MessageRecord? {
        try session.first(MessageSQL.one, [.integer(number)]) { MessageRecord(&$0) }
    }

    func messages(
        _ receiver: AgentAddress, _ state: AgentMessage.State, after number: Int64, limit: Int, of tenant: String?
    ) throws(JournalError) -> [MessageRecord] {
        let page: [SQLValue] = [.integer(number), .int(max(0, limit))], key = Self.key(receiver) + [.optional(tenant)]
        if state == .open {
            return try opened(try session.rows(MessageSQL.open, key + page) { MessageRecord(&$0) })
        }
        let ended = key + [.int(state.rawValue)] + page
        return try opened(try session.rows(MessageSQL.ended, ended) { MessageRecord(&$0) })
    }

    func messagesToStart(limit: Int) throws(JournalError) -> [MessageRecord] {
        try opened(
            try session.rows(MessageSQL.toStart, [.instant(now), .int(max(0, limit))]) { MessageRecord(&$0) })
    }

    func messageNextDue() throws(JournalError) -> Instant? {
        try session.first(MessageSQL.nextDue, [.instant(now)], { $0.optionalInstant() }) ?? nil
    }
}

extension SQLTransaction {
    func messageSend(_ message: NewMessage) throws(JournalError) -> MessageRecord {
        guard AgentMessage.isType(message.type) else {
            throw JournalError(.invalid, AgentMessage.wrongType(message.type).message)
        }
        guard message.payload.count <= AgentMessage.maximumBodyBytes else {
            throw JournalError(
                .invalid, "the message has \(message.payload.count) bytes; at most \(AgentMessage.maximumBodyBytes)")
        }
        // The same message, sent again: after a crash, or by a sender that saw no answer.
        if let known = try session.first(MessageSQL.byKey, [.text(message.key)], { MessageRecord(&$0) }) {
            let known = try opened(known)
            guard known.message.isRepeated(by: message) else {
                throw JournalError(
                    .conflict(current: UInt64(known.number)), "another message was sent under the key \(message.key)")
            }
            return known
        }
        let starts = try checkReceives(message)
        var message = message
        if let seal = try seal(ofRun: message.run) {
            message.payload = try seal.seal(message.payload, SealPlace(Self.messageRow(message.key), "payload"))
        }
        let arguments: [SQLValue] =
            [.instant(now), .text(message.tenant)] + Self.key(message.receiver)
            + [.optional(message.sender), .text(message.type), .blob(message.payload), .text(message.key)]
            + [.optional(message.run?.bytes), .int(message.chain), .flag(starts), .instant(now)]
        guard let appended = try session.first(MessageSQL.append, arguments, { MessageRecord(&$0) }) else {
            throw JournalError(.storage, "the store gave no number for a message")
        }
        let position: [SQLValue] = [.integer(try tell(AgentTopic.messageSent, appended)), .integer(appended.number)]
        guard let stored = try session.first(MessageSQL.place, position, { MessageRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no message \(appended.number)")
        }
        try appendLeaf(AuditLeaves.message(stored))
        return try opened(stored)
    }

    func messageReceive(
        _ receiver: AgentAddress, limit: Int, visibilityMilliseconds: Int64, of tenant: String?
    ) throws(JournalError) -> [MessageRecord] {
        let arguments = Self.key(receiver) + [.optional(tenant), .instant(now), .int(max(0, limit))]
        let due = try session.rows(MessageSQL.due, arguments) { $0.integer() }
        var given: [MessageRecord] = []
        for number in due {
            guard let message = try storedMessage(number) else { continue }
            if message.deliveries >= AgentMessage.maximumDeliveries {
                try end(number, .dead, reason: message.reason ?? "it was given out \(message.deliveries) times")
                continue
            }
            let until = now.advanced(byMilliseconds: visibilityMilliseconds)
            given += try opened(
                try session.rows(MessageSQL.give, [.instant(until), .integer(number)]) { MessageRecord(&$0) })
        }
        return given
    }

    func messageAcknowledge(_ number: Int64, by receiver: AgentAddress) throws(JournalError) -> Bool {
        let message = try received(number, by: receiver)
        guard message.state == .open else { return false }
        try end(number, .acknowledged)
        return true
    }

    func messageReject(
        _ number: Int64, by receiver: AgentAddress, reason: String, retryAt: Instant?
    ) throws(JournalError) -> MessageRecord {
        let message = try received(number, by: receiver)
        guard message.state == .open else {
            throw JournalError(.conflict(current: UInt64(number)), "message \(number) is \(message.state.name)")
        }
        return try opened(
            try giveBack(message, reason: try sealed(reason, of: message), retryAt: retryAt))
    }

    func messageRequeue(_ number: Int64, by: String) throws(JournalError) -> MessageRecord {
        guard let message = try storedMessage(number) else {
            throw JournalError(.notFound, "there is no message \(number)")
        }
        guard message.state == .dead else {
            throw JournalError(
                .conflict(current: UInt64(number)), "message \(number) is \(message.state.name), not dead")
        }
        let starts = try checkReceives(message.message)
        let arguments: [SQLValue] = [.instant(now), .flag(starts), .integer(number)]
        guard let stored = try session.first(MessageSQL.requeue, arguments, { MessageRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no message \(number)")
        }
        try appendLeaf(AuditLeaves.message(stored, change: "requeued", by: by))
        try tell(AgentTopic.messageSent, stored)
        return try opened(stored)
    }

    func messageStart(_ number: Int64, _ run: NewRun) throws(JournalError) -> RunRecord? {
        guard let message = try storedMessage(number), message.state == .open else { return nil }
        // What an agent was sent before it drained is its queue.
        admitsDraining = true
        defer { admitsDraining = false }
        var run = run
        run.subject = try subject(of: message.message.run) ?? run.subject
        let admitted = try runInsert(run)
        try end(number, .acknowledged, started: admitted.id)
        return admitted
    }

    func messageNotStarted(_ number: Int64, reason: String, retryAt: Instant?) throws(JournalError) {
        guard let message = try storedMessage(number), message.state == .open else { return }
        let counted = try session.rows(MessageSQL.give, [.instant(message.dueAt), .integer(number)]) {
            MessageRecord(&$0)
        }
        for message in counted {
            _ = try giveBack(message, reason: try sealed(reason, of: message), retryAt: retryAt)
        }
    }

    /// A retired agent reads nothing any more.
    func buryMessages(of receiver: AgentAddress) throws(JournalError) {
        for message in try messages(receiver, .open, after: 0, limit: .max) {
            try end(message.number, .dead, reason: "agent \(receiver) is retired")
        }
    }

    /// Nobody shall read it any more.
    func messageBury(_ number: Int64, reason: String) throws(JournalError) {
        try end(number, .dead, reason: reason)
    }

    private func sealed(_ reason: String, of record: MessageRecord) throws(JournalError) -> String {
        guard let seal = try seal(ofRun: record.message.run) else { return reason }
        return try seal.sealText(reason, SealPlace(Self.messageRow(record.message.key), "reason"))
    }

    /// Marks what starts runs, after the receiver's profile changed.
    func route(_ agent: AgentRecord) throws(JournalError) {
        try session.execute(MessageSQL.unroute, Self.key(agent.address))
        for type in agent.profile.reactions.keys.sorted() {
            try session.execute(MessageSQL.route, [.flag(true)] + Self.key(agent.address) + [.text(type)])
        }
    }

    // MARK: Helpers

    /// Whether it starts a run. A department's own agent is there without a row.
    private func checkReceives(_ message: NewMessage) throws(JournalError) -> Bool {
        let receiver = message.receiver
        var starts = false
        if receiver.name != AgentAddress.defaultName {
            let agent = try known(receiver)
            guard agent.state.takesWork else {
                throw JournalError(.conflict(current: 0), "agent \(receiver) is \(agent.state.name): it takes no mail")
            }
            starts = agent.profile.reactions[message.type] != nil
        }
        let beyond = Self.key(receiver) + [.int(AgentMessage.maximumOpen - 1)]
        guard try session.first(MessageSQL.hasOpenBeyond, beyond, { $0.int() }) == nil else {
            throw JournalError(
                .conflict(current: 0), "agent \(receiver) has \(AgentMessage.maximumOpen) open messages: try later")
        }
        return starts
    }

    private func received(_ number: Int64, by receiver: AgentAddress) throws(JournalError) -> MessageRecord {
        guard let message = try storedMessage(number), message.message.receiver == receiver else {
            throw JournalError(.notFound, "agent \(receiver) has no message \(number)")
        }
        guard message.deliveries > 0 || message.state != .open else {
            throw JournalError(.conflict(current: UInt64(number)), "message \(number) was given to nobody yet")
        }
        return message
    }

    private func giveBack(
        _ message: MessageRecord, reason: String, retryAt: Instant?
    ) throws(JournalError) -> MessageRecord {
        switch AgentMessage.verdict(deliveries: message.deliveries, retryAt: retryAt) {
        case .dead: return try end(message.number, .dead, reason: reason)
        case .again(let at):
            let arguments: [SQLValue] = [.instant(at), .text(reason), .integer(message.number)]
            return try session.first(MessageSQL.postpone, arguments, { MessageRecord(&$0) }) ?? message
        }
    }

    @discardableResult
    private func end(
        _ number: Int64, _ state: AgentMessage.State, reason: String? = nil, started: RunID? = nil
    ) throws(JournalError) -> MessageRecord {
        let arguments: [SQLValue] = [
            .int(state.rawValue), .optional(started?.bytes), .optional(reason), .instant(now), .integer(number),
        ]
        guard let stored = try session.first(MessageSQL.end, arguments, { MessageRecord(&$0) }) else {
            throw JournalError(.storage, "the store kept no message \(number)")
        }
        try appendLeaf(AuditLeaves.message(stored, change: state.name))
        try tell(state == .dead ? AgentTopic.messageDead : AgentTopic.messageAcknowledged, stored)
        return stored
    }

    @discardableResult
    private func tell(_ topic: String, _ stored: MessageRecord) throws(JournalError) -> Int64 {
        let record = try opened(stored)
        let message = record.message
        var body: [String: JSONValue] = [
            "message": .integer(record.number), "department": .string(message.receiver.department),
            "agent": .string(message.receiver.name), "type": .string(message.type),
        ]
        body["from"] = message.sender.map { .string($0) }
        body["reason"] = record.reason.map { .string($0) }
        body["started"] = record.started.map { .string($0.description) }
        let run = message.run ?? .nobody
        let root = try self.run(run)?.root ?? run
        return try eventAppend(NewEvent(topic: topic, run: run, root: root, body: .object(body)))
    }
}

extension NewMessage {
    fileprivate func isRepeated(by other: NewMessage) -> Bool {
        receiver == other.receiver && type == other.type && payload == other.payload && tenant == other.tenant
    }
}

extension MessageRecord {
    /// From ``MessageSQL/columns``.
    init(_ row: inout SQLRow) {
        let number = row.integer(), at = row.instant(), tenant = row.text()
        let receiver = AgentAddress(department: row.text(), name: row.text())
        let sender = row.optionalText(), type = row.text(), payload = row.blob(), key = row.text()
        let message = NewMessage(
            tenant: tenant, receiver: receiver, sender: sender, type: type, payload: payload, key: key,
            run: row.optionalRunID(), chain: row.int())
        self.init(
            number: number, at: at, message: message, state: row.raw(AgentMessage.State.dead), deliveries: row.int(),
            dueAt: row.instant(), reason: row.optionalText(), started: row.optionalRunID(),
            endedAt: row.optionalInstant(), position: row.optionalInteger())
    }
}
