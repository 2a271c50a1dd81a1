import Engine
import Hummingbird
import Journal
import Kernel

/// Agents at work: a run is started for the caller, in the caller's tenant.
struct WorkRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    private static let options: [String: JSONValue] = [
        "agent": Schema.text(64), "priority": Schema.count(0, 4), "budget": Schema.dollars, "max_cost": Schema.dollars,
        "max_tokens": ["type": "integer", "minimum": 1], "max_steps": Schema.count(1, 1_000_000),
        "max_seconds": Schema.count(1, 31_536_000), "user": Schema.text(254), "subject": SubjectRoutes.subject,
        "idempotency_key": Schema.text(200), "requires_approval": Schema.boolean,
    ]

    /// - Parameter input: what the task's input is called.
    private static func schema(input: String) -> JSONValue {
        Schema.input(
            ["task": Schema.text(Int64(PlannerText.maximumBytes))],
            optional: options.merging(OrderMembers.properties) { first, _ in first }
                .merging([input: Schema.anyObject]) { $1 })
    }

    func add(to api: APIRouter) {
        for (act, input, summary) in [
            ("execute", "parameters", "Starts a run of a task"), ("task", "data", "The same, with data for parameters"),
        ] {
            api.add(
                Operation(
                    "agents.\(act)", .post, "/agents/{name}/\(act)", summary, tag: "Agents",
                    access: .needs(.agents, .execute),
                    parameters: [
                        AgentFinder.name, .header("X-Correlation-ID", "What joins everything that belongs together"),
                    ],
                    body: .json(
                        Self.schema(input: input),
                        example: .object(["task": "summarise", input: ["text": "What is this about?"]])),
                    answers: [.accepted("The run", Schema.started)]
                ).byDepartment().keyed()
            ) { try await start($0, input: input) }
        }
    }

    private func start(_ call: APICall, input: String) async throws -> Response {
        try gate.requireOpen()
        let (address, task) = try await target(call)
        try call.requireMayRun(address.department)
        let submission = try await submission(to: address, task, call.body[input] ?? [:], call)
        let run = try await runtime.submit(submission)
        try run.checkReuse(of: submission.idempotencyKey, user: submission.user, input: submission.input)
        return .started(run)
    }

    /// An agent, or a department's own for one task: `tool_discovery` is the agent that does that, where one department
    /// has such a task and nobody has the name.
    private func target(_ call: APICall) async throws -> (address: AgentAddress, task: String?) {
        do {
            return (try await AgentFinder(runtime: runtime).address(call), nil)
        } catch let problem as Problem where problem.status == .notFound {
            let wanted = call.text("name").replacing("_", with: "-")
            let tasks = runtime.planner.catalogue.departments.flatMap(\.tasks).map(\.reference)
                .filter { $0.task.replacing("_", with: "-") == wanted }
            guard tasks.count == 1, let task = tasks.first else { throw problem }
            return (AgentAddress(department: task.department), task.task)
        }
    }

    /// `task` is a task's name, or what is wanted, in words: then the planner's rules choose among what the agent
    /// takes.
    private func submission(
        to address: AgentAddress, _ only: String?, _ input: JSONValue, _ call: APICall
    ) async throws -> RunSubmission {
        let body = call.body, text = body["task"]?.stringValue ?? ""
        var reference = TaskReference("\(address.department)/\(text)"), input = input
        if only != nil || (reference == nil && text.contains(" ")) {
            let profile = try await call.read { scoped throws(JournalError) -> AgentProfile in
                if let agent = try scoped.journal.agent(address) { return agent.profile }
                return try scoped.journal.pool(address)?.profile ?? .all
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
            input: input.bytes, tenant: call.tenant,
            priority: Int(body["priority"]?.integerValue ?? 2),
            budget: (body["max_cost"] ?? body["budget"])?.stringValue.flatMap { Nanodollars(dollars: $0) },
            idempotencyKey: body["idempotency_key"]?.stringValue,
            startAt: try OrderMembers.startAt(body, from: now),
            caps: RunCaps(
                tokens: body["max_tokens"]?.integerValue, steps: body["max_steps"]?.integerValue.map(Int.init),
                seconds: body["max_seconds"]?.integerValue.map(Int.init)),
            user: try call.user(body["user"]?.stringValue), scheduling: try OrderMembers.scheduling(body, from: now),
            correlation: OrderMembers.correlation(call), subject: try SubjectRoutes.subject(body["subject"]))
        submission.sensitivity = OrderMembers.sensitivity(body)
        submission.isReviewed = body["requires_approval"]?.boolValue == true
        return submission
    }
}
