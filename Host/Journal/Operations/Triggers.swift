import Kernel

extension SQLReading {
    func triggers() throws(JournalError) -> [TriggerRecord] {
        try session.rows(TriggerSQL.all) { TriggerRecord(&$0) }
    }

    func webhooks() throws(JournalError) -> [WebhookRecord] {
        try session.rows(WebhookSQL.all) { WebhookRecord(&$0) }
    }

    func webhookAttempts(_ webhook: String, limit: Int) throws(JournalError) -> [WebhookAttempt] {
        try session.rows(WebhookSQL.attempts, [.text(webhook), .int(max(0, limit))]) { WebhookAttempt(&$0) }
    }
}

extension SQLTransaction {
    private static let triggerDeliveries = 5

    func triggerSet(_ trigger: TriggerRecord, by: String) throws(JournalError) {
        try checkName(trigger.name, "trigger")
        let rule = trigger.rule.json.serialized()
        try session.execute(
            TriggerSQL.set, [.text(trigger.name), .text(rule), .flag(trigger.isEnabled), .instant(now)])
        try setGroup(trigger.group, trigger.rule.filter, Self.triggerDeliveries, by)
        guard let stored = try triggers().first(where: { $0.name == trigger.name }) else { return }
        try appendLeaf(AuditLeaves.trigger(stored, by: by))
    }

    func triggerRemove(_ name: String, by: String) throws(JournalError) {
        guard try session.execute(TriggerSQL.remove, [.text(name)]) > 0 else {
            throw JournalError(.notFound, "there is no trigger \"\(name)\"")
        }
        try streamGroupRemove("trigger:\(name)", by: by)
        try appendLeaf(AuditLeaves.removed("trigger", "trigger", name, by: by))
    }

    func webhookSet(_ webhook: WebhookRecord, by: String) throws(JournalError) {
        try checkName(webhook.name, "webhook")
        try session.execute(
            WebhookSQL.set,
            [
                .text(webhook.name), .text(webhook.url), .text(webhook.filter.json.serialized()),
                .int(webhook.secretVersion), .optional(webhook.overlapUntil), .optional(webhook.disabledReason),
                .instant(now),
            ])
        try setGroup(webhook.group, webhook.filter, WebhookSchedule.maximumAttempts, by)
        guard let stored = try webhooks().first(where: { $0.name == webhook.name }) else { return }
        try appendLeaf(AuditLeaves.webhook(stored, by: by))
    }

    func webhookRemove(_ name: String, by: String) throws(JournalError) {
        guard try session.execute(WebhookSQL.remove, [.text(name)]) > 0 else {
            throw JournalError(.notFound, "there is no webhook \"\(name)\"")
        }
        try streamGroupRemove("webhook:\(name)", by: by)
        try appendLeaf(AuditLeaves.removed("webhook", "webhook", name, by: by))
    }

    func webhookAttemptAppend(_ attempt: WebhookAttempt) throws(JournalError) {
        let name = SQLValue.text(attempt.webhook)
        try session.execute(
            WebhookSQL.appendAttempt,
            [
                name, .integer(attempt.position), .int(attempt.attempt), .instant(attempt.at),
                .integer(attempt.milliseconds), .optional(attempt.status.map(Int64.init)), .optional(attempt.error),
            ])
        try session.execute(WebhookSQL.trimAttempts, [name, name, .int(WebhookAttempt.keptPerWebhook)])
    }

    private func checkName(_ name: String, _ kind: String) throws(JournalError) {
        guard Name.isValid(name) else {
            throw JournalError(
                .invalid, "\"\(name)\" is no name for a \(kind): use lower-case letters, digits, '.', '_' and '-'")
        }
    }

    func setGroup(
        _ name: String, _ filter: EventFilter, _ deliveries: Int, _ by: String
    ) throws(JournalError) {
        if try streamGroup(name) != nil {
            try session.execute(
                StreamSQL.change, [.text(filter.json.serialized()), .int(deliveries), .text(name)])
            guard let stored = try streamGroup(name) else { return }
            try appendLeaf(AuditLeaves.streamGroup(stored, by: by))
        } else {
            let last = try lastEventPosition()
            try streamGroupCreate(
                StreamGroup(name: name, filter: filter, cursor: last, maximumDeliveries: deliveries, createdAt: now),
                by: by)
        }
    }
}

extension TriggerRecord {
    init(_ row: inout SQLRow) {
        let name = row.text(), text = row.text()
        let rule = (try? JSONParser.parse(text)).flatMap { try? TriggerRule(json: $0) }
        if rule == nil { row.refuse() }
        self.init(
            name: name, rule: rule ?? TriggerRule(filter: EventFilter(), task: TaskReference(department: "", task: "")),
            isEnabled: row.flag(), createdAt: row.instant())
    }
}

extension WebhookRecord {
    init(_ row: inout SQLRow) {
        let name = row.text(), url = row.text(), text = row.text()
        let filter = (try? JSONParser.parse(text)).flatMap { try? EventFilter(json: $0) }
        if filter == nil { row.refuse() }
        self.init(
            name: name, url: url, filter: filter ?? EventFilter(), secretVersion: row.int(),
            overlapUntil: row.optionalInstant(), disabledReason: row.optionalText(), createdAt: row.instant())
    }
}

extension WebhookAttempt {
    init(_ row: inout SQLRow) {
        self.init(
            webhook: row.text(), position: row.integer(), attempt: row.int(), at: row.instant(),
            milliseconds: row.integer(), status: row.optionalInteger().map(Int.init), error: row.optionalText())
    }
}
