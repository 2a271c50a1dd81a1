import Engine
import Hummingbird
import Journal
import Kernel
import Placement

/// Agents at work: each department's default one, by the department's name, the named ones, and pools of them.
struct AgentRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    private static let options: [String: JSONValue] = [
        "agent": ["type": "string", "minLength": 1, "maxLength": 64],
        "priority": ["type": "integer", "minimum": 0, "maximum": 4],
        "budget": ["type": "string", "pattern": "^\\$?[0-9]{1,9}(\\.[0-9]{1,9})?$"],
        "max_cost": ["type": "string", "pattern": "^\\$?[0-9]{1,9}(\\.[0-9]{1,9})?$"],
        "max_tokens": ["type": "integer", "minimum": 1],
        "max_steps": ["type": "integer", "minimum": 1, "maximum": 1_000_000],
        "max_seconds": ["type": "integer", "minimum": 1, "maximum": 31_536_000],
        "user": ["type": "string", "minLength": 1, "maxLength": 64],
        "subject": SubjectRoutes.subject,
        "idempotency_key": ["type": "string", "minLength": 1, "maxLength": 200],
    ]

    /// - Parameter input: what the task's input is called.
    private static func schema(input: String) -> JSONValue {
        var properties = options.merging(OrderMembers.properties) { first, _ in first }
        properties["task"] = [
            "type": "string", "minLength": 1, "maxLength": .integer(Int64(PlannerText.maximumBytes)),
        ]
        properties[input] = ["type": "object"]
        return [
            "type": "object", "required": ["task"], "additionalProperties": false, "properties": .object(properties),
        ]
    }

    private var finder: AgentFinder { AgentFinder(runtime: runtime) }

    func add(to router: Router<APIContext>) {
        router.get("agents") { request, _ in try await list(request) }
        router.get("agents/{name}") { _, context in try await show(context) }
        router.post("agents/{name}/execute") { request, context in
            try await start(request, context, input: "parameters")
        }
        router.post("agents/{name}/task") { request, context in try await start(request, context, input: "data") }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        let department = query["department"].map(String.init)
        let state = try query["state"].map { text in
            guard let state = AgentState(name: String(text)) else {
                let names = AgentState.allCases.map(\.name).joined(separator: ", ")
                throw Problem(.badRequest, "invalid", "state must be one of \(names)")
            }
            return state
        }
        let named = try await runtime.journal.read { journal throws(JournalError) in
            try journal.agents(department: department).filter { agent in
                if let state { agent.state == state } else { agent.state != .retired }
            }
        }
        let defaults = await runtime.departments().filter {
            $0.descriptor != nil && (department ?? $0.name) == $0.name && (state ?? .active) == .active
        }
        return Response.json(["agents": .array(defaults.map { Self.json(of: $0) } + named.map { $0.json })])
    }

    private static func json(of department: DepartmentStatus) -> JSONValue {
        [
            "id": .string(department.name), "name": .string(department.name), "department": .string(department.name),
            "enabled": .bool(department.enabled),
            "tasks": .array(department.descriptor?.manifest.tasks.map { .string($0.name) } ?? []),
        ]
    }

    private func show(_ context: APIContext) async throws -> Response {
        let address = try await finder.address(context)
        if address.name == AgentAddress.defaultName {
            let department = await runtime.departments().first { $0.name == address.department }
            guard let department else { throw Problem(.notFound, "unknown_agent", "there is no agent \(address)") }
            return Response.json(Self.json(of: department))
        }
        let found = try await runtime.journal.read { journal throws(JournalError) -> JSONValue? in
            if let agent = try journal.agent(address) {
                var members = agent.json.objectValue ?? [:]
                members["statistics"] = try journal.agentStatistics(address).json
                return .object(members)
            }
            return try journal.pool(address)?.json(try journal.poolMembers(address))
        }
        guard let found else { throw Problem(.notFound, "unknown_agent", "there is no agent \(address)") }
        return Response.json(found)
    }

    private func start(
        _ request: Request, _ context: APIContext, input: String
    ) async throws -> Response {
        guard gate.isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
        let (address, task) = try await target(try context.parameters.require("name"))
        let body = try await BodyReader(own: Self.schema(input: input)).read(request)
        let run = try await runtime.submit(
            try await submission(to: address, task, body, body[input] ?? [:], request))
        var response = Response.json(
            [
                "job_id": .string(run.id.description), "status": .string(run.state.name),
                "task": .string(run.task.description), "agent": .string(run.agent),
            ],
            status: .accepted)
        response.headers[.location] = "/jobs/\(run.id)"
        return response
    }

    /// An agent, or a department's own for one task: `tool_discovery` is the agent that does that, where one department
    /// has such a task and nobody has the name.
    private func target(_ name: String) async throws -> (address: AgentAddress, task: String?) {
        do {
            return (try await finder.address(name), nil)
        } catch let problem as Problem where problem.status == .notFound {
            let wanted = name.replacing("_", with: "-")
            let tasks = runtime.planner.catalogue.departments.flatMap(\.tasks).map(\.reference)
                .filter { $0.task.replacing("_", with: "-") == wanted }
            guard tasks.count == 1, let task = tasks.first else { throw problem }
            return (AgentAddress(department: task.department), task.task)
        }
    }

    /// `task` is a task's name, or what is wanted, in words: then the planner's rules choose among what the agent
    /// takes.
    private func submission(
        to address: AgentAddress, _ only: String?, _ body: JSONValue, _ input: JSONValue,
        _ request: Request
    ) async throws -> RunSubmission {
        let text = body["task"]?.stringValue ?? ""
        var reference = TaskReference("\(address.department)/\(text)"), input = input
        if only != nil || (reference == nil && text.contains(" ")) {
            let profile = try await runtime.journal.read { journal throws(JournalError) -> AgentProfile in
                if let agent = try journal.agent(address) { return agent.profile }
                return try journal.pool(address)?.profile ?? .all
            }
            let meant = try runtime.meant(text, in: address.department, data: input.objectValue ?? [:]) { task, tags in
                (only ?? task) == task && profile.takes(task, tags: tags)
            }
            (reference, input) = (meant.task, meant.input)
        }
        guard let reference else {
            throw Problem(.notFound, "unknown_task", "\(address.department) has no task \(text)")
        }
        let now = runtime.now
        var submission = RunSubmission(
            task: reference,
            agent: address.name == AgentAddress.defaultName ? body["agent"]?.stringValue : address.name,
            input: input.bytes,
            priority: Int(body["priority"]?.integerValue ?? 2),
            budget: (body["max_cost"] ?? body["budget"])?.stringValue.flatMap { Nanodollars(dollars: $0) },
            idempotencyKey: body["idempotency_key"]?.stringValue,
            startAt: try OrderMembers.startAt(body, from: now),
            caps: RunCaps(
                tokens: body["max_tokens"]?.integerValue, steps: body["max_steps"]?.integerValue.map(Int.init),
                seconds: body["max_seconds"]?.integerValue.map(Int.init)),
            user: body["user"]?.stringValue, scheduling: try OrderMembers.scheduling(body, from: now),
            correlation: OrderMembers.correlation(body, request), subject: try SubjectRoutes.subject(body["subject"]))
        submission.sensitivity = OrderMembers.sensitivity(body)
        return submission
    }
}
