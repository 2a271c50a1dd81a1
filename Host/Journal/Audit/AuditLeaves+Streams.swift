import Kernel

extension AuditLeaves {
    /// Where a group stands in the log is no decision, and moves all the time: it is not said.
    static func streamGroup(_ group: StreamGroup, by: String? = nil) -> LeafContent {
        LeafContent(
            "stream.set",
            [
                "group": text(group.name), "filter": digest(group.filter.json.serialized()),
                "maximum_deliveries": number(Int64(group.maximumDeliveries)), "created_at_ms": time(group.createdAt),
                "changed_by": by.map(text),
            ])
    }

    static func streamReset(_ group: StreamGroup, to position: Int64, by: String) -> LeafContent {
        LeafContent(
            "stream.reset",
            [
                "group": text(group.name), "from": number(group.cursor), "to": number(position), "changed_by": text(by),
            ])
    }

    static func deadLetter(_ letter: DeadLetter, by: String? = nil) -> LeafContent {
        let change = letter.state == .open ? "added" : letter.state.name
        return LeafContent(
            "letter.\(change)",
            [
                "letter": number(letter.number), "group": text(letter.group),
                "position": number(letter.event.position), "at_ms": time(letter.at),
                "deliveries": number(Int64(letter.deliveries)), "why": digest(letter.reason),
                "state": text(letter.state.name), "changed_by": by.map(text),
            ])
    }

    static func trigger(_ trigger: TriggerRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "trigger.set",
            [
                "trigger": text(trigger.name), "task": text(trigger.rule.task.description),
                "rule": digest(trigger.rule.json.serialized()), "enabled": .bool(trigger.isEnabled),
                "created_at_ms": time(trigger.createdAt), "changed_by": by.map(text),
            ])
    }

    static func webhook(_ webhook: WebhookRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "webhook.set",
            [
                "webhook": text(webhook.name), "url": digest(webhook.url),
                "filter": digest(webhook.filter.json.serialized()),
                "secret_version": number(Int64(webhook.secretVersion)),
                "overlap_until_ms": webhook.overlapUntil.map(time), "disabled": webhook.disabledReason.map(digest),
                "created_at_ms": time(webhook.createdAt), "changed_by": by.map(text),
            ])
    }

    /// The row of `family` that goes by `name` is no more.
    static func removed(_ family: String, _ key: String, _ name: String, by: String) -> LeafContent {
        LeafContent("\(family).removed", [key: text(name), "changed_by": text(by)])
    }

    private static func digest(_ content: String) -> JSONValue { digest(Array(content.utf8)) }
}
