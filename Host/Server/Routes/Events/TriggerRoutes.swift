import Engine
import Hummingbird
import Journal
import Kernel

/// Events that start runs. A trigger of a tenant takes its events alone.
struct TriggerRoutes: Sendable {
    let runtime: HostRuntime

    private static let name = Operation.Parameter.path("name", "The trigger's name", Schema.text(64))
    private static let input = Schema.input(
        ["task": Schema.taskName],
        optional: [
            "filter": Schema.anyObject, "agent": Schema.text(64), "priority": Schema.count(0, 4),
            "input": Schema.anything, "enabled": Schema.boolean, "by": Schema.by,
        ])

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "triggers.list", .get, "/triggers", "All of them", tag: "Triggers",
                access: .needs(.triggers, .read), answers: [.ok("They", Schema.named("triggers", Schema.trigger))])
        ) { call in
            let triggers = try await call.read { journal throws(JournalError) in try journal.triggers() }
            return Response.json(["triggers": .array(triggers.map(\.json))])
        }
        api.add(
            Operation(
                "triggers.set", .put, "/triggers/{name}", "Makes or changes one", tag: "Triggers",
                access: .needs(.triggers, .write), parameters: [Self.name],
                body: .json(
                    Self.input, example: ["task": "finance/close", "filter": ["topics": ["run.completed"]]]),
                answers: [.ok("It", Schema.trigger)])
        ) { try await set($0) }
        api.add(
            Operation(
                "triggers.remove", .delete, "/triggers/{name}", "Takes one away", tag: "Triggers",
                access: .needs(.triggers, .write), parameters: [Self.name], body: .by,
                answers: [.noContent("It is gone")])
        ) { call in
            let name = call.text("name"), by = call.by
            try await call.change(runtime) { journal, scoped throws(JournalError) in
                guard try scoped.triggers().contains(where: { $0.name == name }) else {
                    throw JournalError(.notFound, "there is no trigger \"\(name)\"")
                }
                try journal.triggerRemove(name, by: by)
            }
            return Response(status: .noContent)
        }
    }

    private func set(_ call: APICall) async throws -> Response {
        let name = call.text("name")
        var members = call.body.objectValue ?? [:]
        members["by"] = nil
        let isEnabled = members.removeValue(forKey: "enabled")?.boolValue ?? true
        var rule: TriggerRule
        do { rule = try TriggerRule(json: .object(members)) } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        try call.requireMayRun(rule.task.department)
        rule.filter = try call.view.narrowed(rule.filter)
        try await runtime.setTrigger(
            TriggerRecord(name: name, rule: rule, isEnabled: isEnabled, createdAt: runtime.now), by: call.by,
            if: call.check { scoped throws(JournalError) in try scoped.requireOwn(trigger: name) })
        let stored = try await call.read { journal throws(JournalError) in try journal.triggers() }
        guard let trigger = stored.first(where: { $0.name == name }) else {
            throw Problem(.notFound, "not_found", "there is no trigger \"\(name)\"")
        }
        return Response.json(trigger.json)
    }
}
