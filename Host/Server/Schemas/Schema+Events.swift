import Kernel

extension Schema {
    /// CloudEvents 1.0.
    static let event = answer("Event", eventMembers, sometimes: eventSometimes)
    static let delivery = answer(
        "Delivery", eventMembers.merging(["deliveries": integer]) { $1 }, sometimes: eventSometimes)

    private static let eventMembers: [String: JSONValue] = [
        "specversion": string, "id": string, "source": string, "type": string, "time": time, "data": anything,
    ]
    private static let eventSometimes: [String: JSONValue] = [
        "subject": string, "tenant": string, "department": string, "datacontenttype": string,
        "correlationid": string, "causationid": string, "dataschema": string, "sequence": anything,
    ]

    static let group = answer(
        "ConsumerGroup",
        [
            "name": string, "filter": anyObject, "cursor": integer, "lag": integer, "pending": integer,
            "dead_letters": integer, "maximum_deliveries": integer, "created_at": time,
            "consumers": list(answer(["name": string, "pending": integer, "last_delivery_at": time])),
        ])

    static let pendingDelivery = answer(
        "PendingDelivery",
        [
            "id": integer, "consumer": optional(string), "deliveries": integer, "delivered_at": time,
            "due_at": optional(time),
        ])

    static let deadLetter = answer(
        "DeadLetter",
        [
            "letter": integer, "group": string, "at": time, "deliveries": integer, "reason": string, "state": string,
            "event": event,
        ])

    static let trigger = answer(
        "Trigger", ["name": string, "task": string, "enabled": boolean, "created_at": time],
        sometimes: ["filter": anyObject, "agent": string, "priority": integer, "input": anything])

    static let webhook = answer(
        "Webhook",
        [
            "name": string, "url": string, "filter": anyObject, "enabled": boolean,
            "disabled_reason": optional(string), "secret_version": integer, "overlap_until": optional(time),
            "created_at": time,
        ], sometimes: ["secret": string])

    static let webhookAttempt = answer(
        "WebhookAttempt",
        [
            "event": integer, "attempt": integer, "at": time, "milliseconds": integer, "status": optional(integer),
            "error": optional(string),
        ])

    static let schedule = answer(
        "Schedule",
        [
            "name": string, "revision": integer, "paused": boolean, "high_water": time, "held": optional(time),
            "open_runs": integer, "words": optional(string), "next": optional(time), "problem": optional(string),
            "created_at": time, "task": string,
        ],
        sometimes: [
            "tenant": string, "agent": string, "priority": integer, "user": optional(string), "input": anything,
            "when": string, "zone": string, "gap": string, "fold": string, "misfire": string, "overlap": string,
            "tolerance_seconds": integer, "start_deadline_seconds": optional(integer), "preview": anyObject,
        ])

    static let schedulePreview = answer(
        "SchedulePreview",
        [
            "words": string,
            "fires": list(answer(["at": time, "local": string, "clock_change": optional(string)])),
            "clock_changes": list(
                answer([
                    "date": string, "clock_change": string, "at": time, "from": string, "to": string,
                    "fires": integer,
                ])),
        ])

    static let scheduleFire = answer(
        "ScheduleFire",
        ["schedule": string, "nominal": time, "cause": string, "job_id": runID, "fired_at": time])

    static let subject = answer("Subject", subjectMembers, sometimes: ["erased": erased])
    static let subjectDetail = answer(
        "SubjectDetail", subjectMembers.merging(["rows": map(integer)]) { $1 }, sometimes: ["erased": erased])

    private static let subjectMembers: [String: JSONValue] = [
        "id": string, "tenant": string, "created_at": time, "created_by": string, "alias": optional(string),
        "key": string,
    ]
    private static let erased = answer(["at": time, "by": string, "reason": string, "request_id": optional(string)])

    static let erasure = answer(
        "Erasure",
        [
            "subject": subject, "rows_erased": map(integer), "runs_cancelled": list(runID), "log_folded": boolean,
            "list": string, "copies": string,
        ])
    static let keyRotation = answer(
        "KeyRotation",
        ["current": string, "rewrapped": integer, "retired": list(string), "forgotten": list(string)])

    static let hold = answer("Hold", ["name": string, "keeps": string, "reason": string, "by": string, "at": time])

    static let model = answer(
        "Model",
        [
            "id": string, "object": string, "created": integer, "owned_by": string, "type": string,
            "display_name": string, "created_at": time, "bureau": answer(["kind": string]),
        ])

    static let usageRow = answer(
        "Usage",
        [
            "day": date, "tenant": optional(string), "client": string, "version": string, "operation": string,
            "status": integer, "requests": integer, "milliseconds": integer,
        ])
}
