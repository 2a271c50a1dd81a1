import Engine
import Hummingbird
import Journal
import Kernel

/// What this host does with events by itself: starts runs, and tells webhooks.
struct TriggerRoutes: Sendable {
    let runtime: HostRuntime

    private static let by: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]

    private static let triggerSchema: JSONValue = [
        "type": "object", "required": ["task", "by"], "additionalProperties": false,
        "properties": [
            "filter": ["type": "object"], "task": ["type": "string", "maxLength": 130],
            "agent": ["type": "string", "maxLength": 64],
            "priority": ["type": "integer", "minimum": 0, "maximum": 4], "input": [:],
            "enabled": ["type": "boolean"], "by": by,
        ],
    ]
    private static let webhookSchema: JSONValue = [
        "type": "object", "required": ["url", "by"], "additionalProperties": false,
        "properties": ["url": ["type": "string", "maxLength": 8192], "filter": ["type": "object"], "by": by],
    ]
    private static let rotateSchema: JSONValue = [
        "type": "object", "required": ["by"], "additionalProperties": false,
        "properties": [
            "by": by, "overlap_seconds": ["type": "integer", "minimum": 0, "maximum": 2_592_000],
        ],
    ]
    private static let bySchema: JSONValue = [
        "type": "object", "required": ["by"], "additionalProperties": false, "properties": ["by": by],
    ]

    func add(to router: Router<APIContext>) {
        router.get("triggers") { _, _ in
            let triggers = try await runtime.journal.read { journal throws(JournalError) in try journal.triggers() }
            return Response.json(["triggers": .array(triggers.map(\.json))])
        }
        router.put("triggers/{name}") { request, context in
            try await setTrigger(try context.parameters.require("name"), try await body(request, Self.triggerSchema))
        }
        router.delete("triggers/{name}") { request, context in
            let name = try context.parameters.require("name"), by = try await by(request)
            try await runtime.change { journal throws(JournalError) in try journal.triggerRemove(name, by: by) }
            return Response(status: .noContent)
        }
        router.get("webhooks") { _, _ in
            let webhooks = try await runtime.journal.read { journal throws(JournalError) in try journal.webhooks() }
            return Response.json(["webhooks": .array(webhooks.map(\.json))])
        }
        router.get("webhooks/{name}/attempts") { _, context in
            let webhook = try await runtime.webhooks().known(try context.parameters.require("name"))
            return Response.json(["attempts": .array(try await attempts(webhook).map(\.json))])
        }
        router.put("webhooks/{name}") { request, context in
            try await setWebhook(try context.parameters.require("name"), try await body(request, Self.webhookSchema))
        }
        router.post("webhooks/{name}/rotate") { request, context in
            let name = try context.parameters.require("name"), body = try await body(request, Self.rotateSchema)
            let seconds = body["overlap_seconds"]?.integerValue ?? WebhookDesk.overlapSeconds
            let (webhook, secret) = try await runtime.webhooks().rotate(
                name, overlapSeconds: seconds, by: body["by"]?.stringValue ?? "")
            return Response.json(webhook.json(secret: secret))
        }
        router.post("webhooks/{name}/test") { _, context in
            let result = try await runtime.testWebhook(try context.parameters.require("name"))
            return switch result {
            case .success(let status): Response.json(["status": .integer(Int64(status))])
            case .failure(let failure): throw Problem(.badGateway, "no_answer", failure.message)
            }
        }
        router.delete("webhooks/{name}") { request, context in
            let name = try context.parameters.require("name"), by = try await by(request)
            try await runtime.webhooks().remove(name, by: by)
            return Response(status: .noContent)
        }
    }

    private func setTrigger(_ name: String, _ body: JSONValue) async throws -> Response {
        var members = body.objectValue ?? [:]
        let by = members.removeValue(forKey: "by")?.stringValue ?? ""
        let isEnabled = members.removeValue(forKey: "enabled")?.boolValue ?? true
        let rule: TriggerRule
        do { rule = try TriggerRule(json: .object(members)) } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        try await runtime.setTrigger(
            TriggerRecord(name: name, rule: rule, isEnabled: isEnabled, createdAt: runtime.now), by: by)
        let stored = try await runtime.journal.read { journal throws(JournalError) in try journal.triggers() }
        return Response.json(stored.first { $0.name == name }?.json ?? .null)
    }

    private func setWebhook(_ name: String, _ body: JSONValue) async throws -> Response {
        let filter: EventFilter
        do { filter = try EventFilter(json: body["filter"] ?? [:]) } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        let (webhook, secret) = try await runtime.webhooks().set(
            name, url: body["url"]?.stringValue ?? "", filter: filter, by: body["by"]?.stringValue ?? "")
        return Response.json(webhook.json(secret: secret), status: secret == nil ? .ok : .created)
    }

    private func attempts(_ webhook: WebhookRecord) async throws -> [WebhookAttempt] {
        try await runtime.journal.read { journal throws(JournalError) in
            try journal.webhookAttempts(webhook.name, limit: WebhookAttempt.keptPerWebhook)
        }
    }

    private func by(_ request: Request) async throws -> String {
        try await body(request, Self.bySchema)["by"]?.stringValue ?? ""
    }

    private func body(_ request: Request, _ schema: JSONValue) async throws -> JSONValue {
        try await BodyReader(own: schema).read(request)
    }
}
