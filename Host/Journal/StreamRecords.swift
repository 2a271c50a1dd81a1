package import Kernel

/// Whose event it is, and what it belongs to. Nil for events that no run caused.
package struct EventOrigin: Hashable, Sendable {
    package var tenant: String
    package var department: String
    /// Given with the first run of the tree, or that run's id.
    package var correlation: String
    /// The position of the event that started the run.
    package var cause: Int64?

    package init(tenant: String, department: String, correlation: String, cause: Int64?) {
        self.tenant = tenant
        self.department = department
        self.correlation = correlation
        self.cause = cause
    }
}

/// Consumers that share the events of the log: each event that fits the filter goes to one of them.
package struct StreamGroup: Hashable, Sendable {
    package var name: String
    package var filter: EventFilter
    /// The last position that was looked at.
    package var cursor: Int64
    /// After so many an event becomes a dead letter.
    package var maximumDeliveries: Int
    package var createdAt: Instant

    package init(name: String, filter: EventFilter, cursor: Int64, maximumDeliveries: Int, createdAt: Instant) {
        self.name = name
        self.filter = filter
        self.cursor = cursor
        self.maximumDeliveries = maximumDeliveries
        self.createdAt = createdAt
    }
}

package struct StreamGroupStatus: Hashable, Sendable {
    package var group: StreamGroup
    /// Positions after the cursor, whether they fit the filter or not.
    package var lag: Int64
    /// Given out and not acknowledged, or waiting to be given out again.
    package var pending: Int
    package var deadLetters: Int
    package var consumers: [StreamConsumer]
}

/// Who has deliveries that are not acknowledged.
package struct StreamConsumer: Hashable, Sendable {
    package var name: String
    package var pending: Int
    /// Of its newest delivery.
    package var lastDeliveryAt: Instant
}

/// An event in somebody's hands.
package struct StreamDelivery: Hashable, Sendable {
    package var event: EventRecord
    package var origin: EventOrigin?
    /// From 1 on.
    package var deliveries: Int

    package init(event: EventRecord, origin: EventOrigin?, deliveries: Int) {
        self.event = event
        self.origin = origin
        self.deliveries = deliveries
    }
}

/// A row of what is not acknowledged.
package struct PendingDelivery: Hashable, Sendable {
    package var position: Int64
    /// Nil: nobody has it, it waits for ``dueAt``.
    package var consumer: String?
    package var deliveries: Int
    package var deliveredAt: Instant
    package var dueAt: Instant?
}

/// An event that a group gave up.
package struct DeadLetter: Hashable, Sendable {
    package enum State: Int, Hashable, Sendable {
        case open = 0
        case reprocessed = 1
        case deleted = 2

        package var name: String {
            switch self {
            case .open: "open"
            case .reprocessed: "reprocessed"
            case .deleted: "deleted"
            }
        }
    }

    package var number: Int64
    package var group: String
    package var at: Instant
    package var deliveries: Int
    package var reason: String
    package var state: State
    package var event: EventRecord
    package var origin: EventOrigin?
}

/// What became of an event that a consumer could not handle.
package enum RejectedDelivery: Hashable, Sendable {
    case again(at: Instant)
    case deadLetter(Int64)
}

/// A rule that starts runs, by name.
package struct TriggerRecord: Hashable, Sendable {
    package var name: String
    package var rule: TriggerRule
    package var isEnabled: Bool
    package var createdAt: Instant

    package init(name: String, rule: TriggerRule, isEnabled: Bool, createdAt: Instant) {
        self.name = name
        self.rule = rule
        self.isEnabled = isEnabled
        self.createdAt = createdAt
    }

    /// Of the consumers that are this trigger.
    package var group: String { "trigger:\(name)" }
}

/// Somebody outside who is told of events.
package struct WebhookRecord: Hashable, Sendable {
    package var name: String
    package var url: String
    package var filter: EventFilter
    /// Of the secret that signs; see ``secretName(version:)``.
    package var secretVersion: Int
    /// Until then the secret before it signs too.
    package var overlapUntil: Instant?
    /// Nil while it is told of events.
    package var disabledReason: String?
    package var createdAt: Instant

    package init(
        name: String, url: String, filter: EventFilter, secretVersion: Int = 1, overlapUntil: Instant? = nil,
        disabledReason: String? = nil, createdAt: Instant
    ) {
        self.name = name
        self.url = url
        self.filter = filter
        self.secretVersion = secretVersion
        self.overlapUntil = overlapUntil
        self.disabledReason = disabledReason
        self.createdAt = createdAt
    }

    package var group: String { "webhook:\(name)" }

    /// In the key vault.
    package func secretName(version: Int) -> String { "webhook.\(name).\(version)" }
}

/// One try to tell a webhook of an event.
package struct WebhookAttempt: Hashable, Sendable {
    package static let keptPerWebhook = 200

    package var webhook: String
    package var position: Int64
    /// From 1 on.
    package var attempt: Int
    package var at: Instant
    package var milliseconds: Int64
    /// Nil when there was no answer.
    package var status: Int?
    package var error: String?

    package init(
        webhook: String, position: Int64, attempt: Int, at: Instant, milliseconds: Int64, status: Int?, error: String?
    ) {
        self.webhook = webhook
        self.position = position
        self.attempt = attempt
        self.at = at
        self.milliseconds = milliseconds
        self.status = status
        self.error = error
    }
}

extension CloudEvent {
    package init(_ event: EventRecord, _ origin: EventOrigin?) {
        self.init(
            position: event.position, type: event.event.topic, time: event.at.timestamp,
            subject: event.event.run == .nobody ? nil : event.event.run.description, tenant: origin?.tenant,
            department: origin?.department, correlation: origin?.correlation, causation: origin?.cause,
            data: event.event.body)
    }
}
