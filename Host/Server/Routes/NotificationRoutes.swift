import Engine
import HTTPTypes
import Hummingbird
package import Journal
package import Kernel

/// Channels to people.
struct NotificationRoutes: Sendable {
    let runtime: HostRuntime

    private static let tag = "Notifications"
    private static let name = Operation.Parameter.path("name", "The channel's name")
    private static let channel: JSONValue = [
        "type": "object", "required": ["name", "kind", "filter", "created_at"],
        "properties": ["name": ["type": "string"], "kind": ["type": "string"], "filter": ["type": "object"]],
    ]
    private static let settingsSchema: JSONValue = [
        "type": "object", "required": ["kind"], "additionalProperties": false,
        "properties": [
            "kind": ["type": "string", "enum": ["smtp", "slack", "webhook", "sms"]],
            "host": ["type": "string", "maxLength": 255], "port": ["type": "integer", "minimum": 1, "maximum": 65_535],
            "security": ["type": "string", "enum": ["tls", "starttls", "none"]],
            "user": ["type": "string", "minLength": 1, "maxLength": 200],
            "password": ["type": "string", "minLength": 1, "maxLength": 1024],
            "from": ["type": "string", "maxLength": 254],
            "to": ["type": "array", "maxItems": 50, "items": ["type": "string", "maxLength": 254]],
            "url": ["type": "string", "maxLength": 8192], "base_url": ["type": "string", "maxLength": 2048],
            "filter": ["type": "object"],
        ],
    ]

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "notifications.list", .get, "/notifications", "Channels by which people are told", tag: Self.tag,
                access: .needs(.webhooks, .read),
                answers: [
                    .ok(
                        "They, without secrets",
                        ["type": "object", "properties": ["channels": ["type": "array", "items": Self.channel]]])
                ]
            ).forOperators()
        ) { _ in
            let channels = try await runtime.journal.read { journal throws(JournalError) in
                try journal.notificationChannels()
            }
            return Response.json(["channels": .array(channels.map(\.json))])
        }
        api.add(
            Operation(
                "notifications.set", .put, "/notifications/{name}", "Makes or changes a channel", tag: Self.tag,
                access: .needs(.webhooks, .write), parameters: [Self.name], body: .init(schema: Self.settingsSchema),
                answers: [.ok("The channel; a new webhook's secret, this once", Self.channel)]
            ).forOperators()
        ) { call in try await set(call) }
        api.add(
            Operation(
                "notifications.test", .post, "/notifications/{name}/test",
                "Sends a message that no event stands behind", tag: Self.tag,
                access: .needs(.webhooks, .write), parameters: [Self.name],
                answers: [.ok("The other side's code", ["type": "object"])]
            ).forOperators()
        ) { call in
            switch try await runtime.testNotification(call.text("name")) {
            case .success(let status): return Response.json(["status": .integer(Int64(status))])
            case .failure(let failure): throw Problem.noAnswer(failure)
            }
        }
        api.add(
            Operation(
                "notifications.attempts", .get, "/notifications/{name}/attempts", "The newest tries, newest first",
                tag: Self.tag, access: .needs(.webhooks, .read), parameters: [Self.name],
                answers: [.ok("The tries", ["type": "object"])]
            ).forOperators()
        ) { call in
            let channel = try await runtime.notifications().known(call.text("name"))
            let attempts = try await runtime.journal.read { journal throws(JournalError) in
                try journal.notificationAttempts(channel.name, limit: NotificationAttempt.keptPerChannel)
            }
            return Response.json(["attempts": .array(attempts.map(\.json))])
        }
        api.add(
            Operation(
                "notifications.remove", .delete, "/notifications/{name}", "Removes a channel with its secret",
                tag: Self.tag, access: .needs(.webhooks, .write), parameters: [Self.name],
                answers: [.noContent("It is gone")]
            ).forOperators()
        ) { call in
            try await runtime.notifications().remove(call.text("name"), by: call.by)
            return Response(status: .noContent)
        }
    }

    private func set(_ call: APICall) async throws -> Response {
        var members = call.body.objectValue ?? [:]
        let password = members.removeValue(forKey: "password")?.stringValue
        var filter: EventFilter?
        if let json = members.removeValue(forKey: "filter") {
            do throws(Failure) { filter = try EventFilter(json: json) } catch {
                throw Problem(.unprocessableContent, "invalid_body", error.message)
            }
        }
        let (channel, secret) = try await runtime.notifications().set(
            call.text("name"), settings: .object(members), filter: filter, secret: password, by: call.by)
        var json = channel.json.objectValue ?? [:]
        json["secret"] = secret.map { .string($0) }
        return Response.json(.object(json))
    }
}

extension NotificationChannel {
    package var json: JSONValue {
        var members = settings.objectValue ?? [:]
        members["name"] = .string(name)
        members["filter"] = filter.json
        members["disabled"] = disabledReason.map { .string($0) } ?? .null
        members["created_at"] = .string(createdAt.timestamp)
        return .object(members)
    }
}

extension NotificationAttempt {
    package var json: JSONValue {
        [
            "event": .integer(position), "attempt": .integer(Int64(attempt)), "at": .string(at.timestamp),
            "milliseconds": .integer(milliseconds), "status": status.map { .integer(Int64($0)) } ?? .null,
            "error": error.map { .string($0) } ?? .null,
        ]
    }
}
