import Engine
import Hummingbird
import Journal
import Kernel

/// Departments that the API speaks of by their own words: decisions of the council, triggers of daily life, and machine
/// learning. Each is a run like any other, of a task that must be there.
struct DepartmentTaskRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    static let decide = TaskReference(department: "council", task: "decide")

    private static let id = Operation.Parameter.path("id", "The run's id, or the decision_id", Schema.text(100))

    func add(to api: APIRouter) {
        addDecisions(to: api)
        api.add(
            Operation(
                "life.start", .post, "/life/{area}/{task}", "Starts a task of daily life", tag: "Life",
                access: .needs(.life, .execute),
                parameters: [
                    .path("area", "Such as health", Schema.text(32)),
                    .path("task", "Such as wellness_daily", Schema.text(32)),
                ],
                body: .json(Schema.anyObject, missing: [:], example: [:]),
                answers: [.accepted("The run", Schema.started)]
            ).keyed()
        ) { call in
            let name = "life/\(call.text("area")).\(call.text("task"))"
            guard let task = TaskReference(name) else {
                throw Problem(.notFound, "unknown_task", "there is no task \(name)")
            }
            return try await start(task, call.body, call)
        }
        for (id, path, task, summary) in [
            ("experiment", "experiment", "experiment-log", "Notes what was tried and what came out"),
            ("train", "train", "train", "Trains a model"),
        ] {
            api.add(
                Operation(
                    "ml.\(id)", .post, "/ml/\(path)", summary, tag: "Machine learning", access: .needs(.ml, .execute),
                    body: .json(Schema.anyObject, example: [:]), answers: [.accepted("The run", Schema.started)]
                ).keyed()
            ) { call in try await start(TaskReference(department: "analytics", task: task), call.body, call) }
        }
    }

    private func addDecisions(to api: APIRouter) {
        let decision = Schema.answer(
            "Decision",
            [
                "decision_id": Schema.optional(Schema.string), "query": Schema.optional(Schema.string),
                "job_id": Schema.runID, "run_id": Schema.runID, "status": Schema.runStatus,
                "created_at": Schema.time, "outcome": Schema.anything,
            ])
        api.add(
            Operation(
                "decisions.create", .post, "/decisions", "Puts a question to the council", tag: "Decisions",
                access: .needs(.decisions, .write),
                body: .json(
                    [
                        "type": "object", "required": ["decision_id", "query", "complexity_level"],
                        "properties": [
                            "decision_id": Schema.text(100), "query": Schema.text(2_000),
                            "complexity_level": Schema.string, "context": Schema.anyObject,
                            "required_domains": Schema.list(Schema.string, nil, 6),
                        ],
                    ],
                    example: [
                        "decision_id": "hosting-2027", "query": "Where shall it run?",
                        "complexity_level": "complicated", "criteria": [["id": "npv", "kind": "benefit"]],
                        "options": [["id": "a", "values": ["npv": 2]], ["id": "b", "values": ["npv": 1]]],
                    ]),
                answers: [.accepted("It is being decided", Schema.started)]
            ).keyed()
        ) { call in
            var response = try await start(Self.decide, call.body, call)
            response.headers[.location] = response.headers[.location]?.replacing("/jobs/", with: "/decisions/")
            return response
        }
        api.add(
            Operation(
                "decisions.list", .get, "/decisions", "Decisions, the newest first", tag: "Decisions",
                access: .needs(.decisions, .read), parameters: [.limit(), .cursor],
                answers: [
                    .ok("A page of them", Schema.page("decisions", decision, next: "next_cursor", Schema.string))
                ])
        ) { call in
            let limit = call.limit(50)
            let before = try call.services.cursors.position(call.parameters["cursor"]?.stringValue, for: call)
            let runs = try await call.read { journal throws(JournalError) in
                try journal.runs(RunFilter(task: Self.decide), before: before, limit: limit)
            }
            let last = runs.count < limit ? nil : runs.last?.number
            return Response.json([
                "decisions": .array(runs.map(Self.json)),
                "next_cursor": last.map { call.services.cursors.cursor(after: $0, for: call) } ?? .null,
            ])
        }
        api.add(
            Operation(
                "decisions.show", .get, "/decisions/{id}", "A decision with votes, framework and consensus",
                tag: "Decisions", access: .needs(.decisions, .read), parameters: [Self.id],
                answers: [.ok("It", decision)])
        ) { call in
            let id = call.text("id")
            let run = try await call.read { journal throws(JournalError) in try journal.decision(id) }
            try await runtime.noteAccess(to: run, "read", by: call.by)
            return Response.json(Self.json(run))
        }
    }

    private func start(_ task: TaskReference, _ input: JSONValue, _ call: APICall) async throws -> Response {
        try gate.requireOpen()
        return .started(
            try await runtime.submit(
                RunSubmission(
                    task: task, input: input.bytes, tenant: call.tenant, user: try call.user(nil),
                    correlation: call.request.headers[.correlationID])))
    }

    private static func json(_ run: RunRecord) -> JSONValue {
        let input = JSONValue.document(run.input)
        return [
            "decision_id": input["decision_id"] ?? .null, "query": input["query"] ?? .null,
            "job_id": .string(run.id.description), "run_id": .string(run.id.description),
            "status": .string(run.state.name), "created_at": .string(run.createdAt.timestamp),
            "outcome": run.output.map { .document($0) } ?? .null,
        ]
    }
}
