import Kernel

extension SQLReading {
    func notificationChannels() throws(JournalError) -> [NotificationChannel] {
        try session.rows(NotificationSQL.all) { NotificationChannel(&$0) }
    }

    func notificationAttempts(_ channel: String, limit: Int) throws(JournalError) -> [NotificationAttempt] {
        try session.rows(NotificationSQL.attempts, [.text(channel), .int(max(0, limit))]) { NotificationAttempt(&$0) }
    }
}

extension SQLTransaction {
    func notificationChannelSet(_ channel: NotificationChannel, by: String) throws(JournalError) {
        guard Name.isValid(channel.name) else {
            throw JournalError(.invalid, "\"\(channel.name)\" is no name for a channel")
        }
        try session.execute(
            NotificationSQL.set,
            [
                .text(channel.name), .text(channel.settings.serialized()), .text(channel.filter.json.serialized()),
                .optional(channel.disabledReason), .instant(now),
            ])
        try setGroup(channel.group, channel.filter, WebhookSchedule.maximumAttempts, by)
        guard let stored = try notificationChannels().first(where: { $0.name == channel.name }) else { return }
        try appendLeaf(AuditLeaves.notificationChannel(stored, by: by))
    }

    func notificationChannelRemove(_ name: String, by: String) throws(JournalError) {
        guard try session.execute(NotificationSQL.remove, [.text(name)]) > 0 else {
            throw JournalError(.notFound, "there is no channel \"\(name)\"")
        }
        try streamGroupRemove("notify:\(name)", by: by)
        try appendLeaf(AuditLeaves.removed("channel", "channel", name, by: by))
    }

    func notificationAttemptAppend(_ attempt: NotificationAttempt) throws(JournalError) {
        let name = SQLValue.text(attempt.channel)
        try session.execute(
            NotificationSQL.appendAttempt,
            [
                name, .integer(attempt.position), .int(attempt.attempt), .instant(attempt.at),
                .integer(attempt.milliseconds), .optional(attempt.status.map(Int64.init)), .optional(attempt.error),
            ])
        try session.execute(
            NotificationSQL.trimAttempts, [name, name, .int(NotificationAttempt.keptPerChannel)])
    }
}

extension NotificationChannel {
    init(_ row: inout SQLRow) {
        let name = row.text(), settings = row.text(), filter = row.text(), disabled = row.optionalText()
        let createdAt = row.instant()
        let parsed = (try? JSONParser.parse(filter)).flatMap { try? EventFilter(json: $0) }
        let read = (try? JSONParser.parse(settings)).flatMap { settings in
            try? NotificationChannel(
                name: name, settings: settings, filter: parsed ?? EventFilter(), disabledReason: disabled,
                createdAt: createdAt)
        }
        if read == nil || parsed == nil { row.refuse() }
        self = read ?? NotificationChannel(name: name, way: .webhook(url: ""), createdAt: createdAt)
    }
}

extension NotificationAttempt {
    init(_ row: inout SQLRow) {
        self.init(
            channel: row.text(), position: row.integer(), attempt: row.int(), at: row.instant(),
            milliseconds: row.integer(), status: row.optionalInteger().map(Int.init), error: row.optionalText())
    }
}
