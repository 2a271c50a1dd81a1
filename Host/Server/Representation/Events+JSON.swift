package import Journal
package import Kernel

extension StreamDelivery {
    /// The event as CloudEvents has it, with how often it was given out.
    package var json: JSONValue {
        var members = CloudEvent(event, origin).json.objectValue ?? [:]
        members["deliveries"] = .integer(Int64(deliveries))
        return .object(members)
    }
}

extension StreamGroupStatus {
    package var json: JSONValue {
        [
            "name": .string(group.name), "filter": group.filter.json, "cursor": .integer(group.cursor),
            "lag": .integer(lag), "pending": .integer(Int64(pending)), "dead_letters": .integer(Int64(deadLetters)),
            "maximum_deliveries": .integer(Int64(group.maximumDeliveries)),
            "created_at": .string(group.createdAt.timestamp),
            "consumers": .array(
                consumers.map { consumer in
                    [
                        "name": .string(consumer.name), "pending": .integer(Int64(consumer.pending)),
                        "last_delivery_at": .string(consumer.lastDeliveryAt.timestamp),
                    ]
                }),
        ]
    }
}

extension PendingDelivery {
    package var json: JSONValue {
        [
            "id": .integer(position), "consumer": .init(consumer), "deliveries": .integer(Int64(deliveries)),
            "delivered_at": .string(deliveredAt.timestamp), "due_at": .init(dueAt?.timestamp),
        ]
    }
}

extension DeadLetter {
    package var json: JSONValue {
        [
            "letter": .integer(number), "group": .string(group), "at": .string(at.timestamp),
            "deliveries": .integer(Int64(deliveries)), "reason": .string(reason), "state": .string(state.name),
            "event": CloudEvent(event, origin).json,
        ]
    }
}

extension TriggerRecord {
    package var json: JSONValue {
        var members = rule.json.objectValue ?? [:]
        members["name"] = .string(name)
        members["enabled"] = .bool(isEnabled)
        members["created_at"] = .string(createdAt.timestamp)
        return .object(members)
    }
}

extension WebhookRecord {
    package var json: JSONValue {
        [
            "name": .string(name), "url": .string(url), "filter": filter.json, "enabled": .bool(disabledReason == nil),
            "disabled_reason": .init(disabledReason), "secret_version": .integer(Int64(secretVersion)),
            "overlap_until": .init(overlapUntil?.timestamp), "created_at": .string(createdAt.timestamp),
        ]
    }
}

extension WebhookRecord {
    /// - Parameter secret: told once, when it is made.
    package func json(secret: String?) -> JSONValue {
        var members = json.objectValue ?? [:]
        members["secret"] = secret.map { .string($0) }
        return .object(members)
    }
}

extension WebhookAttempt {
    package var json: JSONValue {
        [
            "event": .integer(position), "attempt": .integer(Int64(attempt)), "at": .string(at.timestamp),
            "milliseconds": .integer(milliseconds), "status": .init(status.map(Int64.init)), "error": .init(error),
        ]
    }
}
