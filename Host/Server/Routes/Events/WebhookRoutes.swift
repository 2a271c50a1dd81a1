import Engine
import Hummingbird
import Journal
import Kernel

/// Events that are told to addresses outside. A webhook of a tenant takes its events alone.
struct WebhookRoutes: Sendable {
    let runtime: HostRuntime

    private static let name = Operation.Parameter.path("name", "The webhook's name", Schema.text(64))

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "webhooks.list", .get, "/webhooks", "All of them, without their secrets", tag: "Webhooks",
                access: .needs(.webhooks, .read), answers: [.ok("They", Schema.named("webhooks", Schema.webhook))])
        ) { call in
            let webhooks = try await call.read { journal throws(JournalError) in try journal.webhooks() }
            return Response.json(["webhooks": .array(webhooks.map(\.json))])
        }
        api.add(
            Operation(
                "webhooks.set", .put, "/webhooks/{name}", "Makes or changes one", tag: "Webhooks",
                access: .needs(.webhooks, .write), parameters: [Self.name],
                body: .json(
                    Schema.input(
                        ["url": ["type": "string", "minLength": 1, "maxLength": 8_192]],
                        optional: ["filter": Schema.anyObject, "by": Schema.by]),
                    example: ["url": "https://hooks.example.com/bureau", "filter": ["topics": ["run.completed"]]]),
                answers: [
                    .ok("It, changed", Schema.webhook), .created("It, with the secret, told once", Schema.webhook),
                ])
        ) { try await set($0) }
        api.add(
            Operation(
                "webhooks.remove", .delete, "/webhooks/{name}", "Takes one away", tag: "Webhooks",
                access: .needs(.webhooks, .write), parameters: [Self.name], body: .by,
                answers: [.noContent("It is gone")])
        ) { call in
            let webhook = try await own(call)
            try await runtime.webhooks().remove(webhook.name, by: call.by, if: Self.isOwn(webhook.name, call))
            return Response(status: .noContent)
        }
        addUse(to: api)
    }

    private func addUse(to api: APIRouter) {
        api.add(
            Operation(
                "webhooks.rotate", .post, "/webhooks/{name}/rotate", "A new secret, with an overlap",
                tag: "Webhooks", access: .needs(.webhooks, .write), parameters: [Self.name],
                body: .json(
                    Schema.input(optional: ["by": Schema.by, "overlap_seconds": Schema.count(0, 2_592_000)]),
                    missing: [:], example: ["overlap_seconds": 3_600]),
                answers: [.ok("The secret, told once", Schema.webhook)])
        ) { call in
            let name = try await own(call).name
            let seconds = call.body["overlap_seconds"]?.integerValue ?? WebhookDesk.overlapSeconds
            let (webhook, secret) = try await runtime.webhooks().rotate(
                name, overlapSeconds: seconds, by: call.by, if: Self.isOwn(name, call))
            return Response.json(webhook.json(secret: secret))
        }
        api.add(
            Operation(
                "webhooks.test", .post, "/webhooks/{name}/test", "One message, to see it arrive", tag: "Webhooks",
                access: .needs(.webhooks, .execute), parameters: [Self.name],
                answers: [.ok("What the receiver answered", Schema.answer(["status": Schema.integer]))])
        ) { call in
            let result = try await runtime.testWebhook(try await own(call).name)
            switch result {
            case .success(let status): return Response.json(["status": .integer(Int64(status))])
            case .failure(let failure): throw Problem.noAnswer(failure)
            }
        }
        api.add(
            Operation(
                "webhooks.attempts", .get, "/webhooks/{name}/attempts", "The newest tries", tag: "Webhooks",
                access: .needs(.webhooks, .read), parameters: [Self.name],
                answers: [.ok("Newest first", Schema.named("attempts", Schema.webhookAttempt))])
        ) { call in
            let name = call.text("name")
            let attempts = try await call.read { scoped throws(JournalError) in
                _ = try scoped.webhook(name)
                return try scoped.journal.webhookAttempts(name, limit: WebhookAttempt.keptPerWebhook)
            }
            return Response.json(["attempts": .array(attempts.map(\.json))])
        }
    }

    private func own(_ call: APICall) async throws -> WebhookRecord {
        let name = call.text("name")
        return try await call.read { journal throws(JournalError) in try journal.webhook(name) }
    }

    private static func isOwn(_ name: String, _ call: APICall) -> WebhookDesk.Check {
        call.check { scoped throws(JournalError) in try scoped.requireOwn(webhook: name) }
    }

    private func set(_ call: APICall) async throws -> Response {
        let name = call.text("name"), filter = try call.filter()
        let (webhook, secret) = try await runtime.webhooks().set(
            name, url: call.body["url"]?.stringValue ?? "", filter: filter, by: call.by, if: Self.isOwn(name, call))
        return Response.json(webhook.json(secret: secret), status: secret == nil ? .ok : .created)
    }
}
