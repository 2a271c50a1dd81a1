import Engine
import Hummingbird
import Journal
import Kernel
import Placement

/// Agents: each department's default one, by the department's name, and the named ones.
struct AgentRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    private static let bodySchema: JSONValue = [
        "type": "object",
        "required": ["task"],
        "additionalProperties": false,
        "properties": .object(OrderMembers.properties.merging(own) { $1 }),
    ]

    private static let own: [String: JSONValue] = [
        "task": ["type": "string", "minLength": 1, "maxLength": 64],
        "parameters": ["type": "object"],
        "agent": ["type": "string", "minLength": 1, "maxLength": 64],
        "priority": ["type": "integer", "minimum": 0, "maximum": 4],
        "budget": ["type": "string", "pattern": "^\\$?[0-9]{1,9}(\\.[0-9]{1,9})?$"],
        "max_cost": ["type": "string", "pattern": "^\\$?[0-9]{1,9}(\\.[0-9]{1,9})?$"],
        "max_tokens": ["type": "integer", "minimum": 1],
        "max_steps": ["type": "integer", "minimum": 1, "maximum": 1000000],
        "max_seconds": ["type": "integer", "minimum": 1, "maximum": 31536000],
        "user": ["type": "string", "minLength": 1, "maxLength": 64],
        "idempotency_key": ["type": "string", "minLength": 1, "maxLength": 200],
    ]

    func add(to router: Router<BasicRequestContext>) {
        router.get("agents") { _, _ in try await list() }
        router.post("agents/{name}/execute") { request, context in
            try await execute(try context.parameters.require("name"), request)
        }
    }

    private func list() async throws -> Response {
        let named = try await runtime.journal.read { journal throws(JournalError) in
            try journal.agents(department: nil)
        }
        let defaults = await runtime.departments().filter { $0.descriptor != nil }.map { department -> JSONValue in
            [
                "name": .string(department.name), "department": .string(department.name),
                "enabled": .bool(department.enabled),
                "tasks": .array(department.descriptor?.manifest.tasks.map { .string($0.name) } ?? []),
            ]
        }
        return Response.json(["agents": .array(defaults + named.map(\.json))])
    }

    private func execute(_ name: String, _ request: Request) async throws -> Response {
        guard gate.isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
        let schema: JSONSchema
        do { schema = try JSONSchema(Self.bodySchema) } catch {
            throw Problem(.internalServerError, "internal", "the host's own schema is broken: \(error.description)")
        }
        let body = try await BodyReader(schema: schema).read(request)
        let run = try await runtime.submit(try await submission(to: name, body, request))
        var response = Response.json(
            [
                "job_id": .string(run.id.description), "status": .string(run.state.name),
                "task": .string(run.task.description),
            ],
            status: .accepted)
        response.headers[.location] = "/jobs/\(run.id)"
        return response
    }

    /// `name` is a department, or else a named agent.
    private func submission(to name: String, _ body: JSONValue, _ request: Request) async throws -> RunSubmission {
        var department = name
        var agent = body["agent"]?.stringValue
        if await !runtime.departments().contains(where: { $0.name == name }) {
            let found = try await runtime.journal.read { journal throws(JournalError) in
                try journal.agents(department: nil).first { $0.name == name }
            }
            guard let found else { throw Problem(.notFound, "unknown_agent", "there is no agent \(name)") }
            (department, agent) = (found.department, found.name)
        }
        let task = body["task"]?.stringValue ?? ""
        guard let reference = TaskReference("\(department)/\(task)") else {
            throw Problem(.notFound, "unknown_task", "\(department) has no task \(task)")
        }
        let now = runtime.now
        return RunSubmission(
            task: reference, agent: agent, input: (body["parameters"] ?? [:]).bytes,
            priority: Int(body["priority"]?.integerValue ?? 2),
            budget: (body["max_cost"] ?? body["budget"])?.stringValue.flatMap { Nanodollars(dollars: $0) },
            idempotencyKey: body["idempotency_key"]?.stringValue,
            startAt: try OrderMembers.startAt(body, from: now),
            caps: RunCaps(
                tokens: body["max_tokens"]?.integerValue, steps: body["max_steps"]?.integerValue.map(Int.init),
                seconds: body["max_seconds"]?.integerValue.map(Int.init)),
            user: body["user"]?.stringValue, scheduling: try OrderMembers.scheduling(body, from: now),
            correlation: OrderMembers.correlation(body, request))
    }
}
