import Engine
import Hummingbird
import Journal
import Kernel

/// Plans from what people want, explained, and run at once where that is asked.
struct PlanRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    private static let intent = Schema.text(Int64(PlannerText.maximumBytes))

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "plans.catalogue", .get, "/plans/catalogue", "The tasks that plans are made of", tag: "Plans",
                access: .needs(.plans, .read), answers: [.ok("The catalogue", Schema.anyObject)])
        ) { _ in Response.json(runtime.planner.catalogue.json) }
        api.add(
            Operation(
                "plans.infer", .post, "/plans/infer", "The department that an intent means, and why", tag: "Plans",
                access: .needs(.plans, .read),
                body: .json(Schema.input(["intent": Self.intent]), example: ["intent": "compare our suppliers"]),
                answers: [.ok("What is meant", Schema.anyObject)])
        ) { call in Response.json(runtime.planner.inferDepartment(call.body["intent"]?.stringValue ?? "").json) }
        api.add(
            Operation(
                "plans.create", .post, "/plans", "A plan for an intent; with run it begins at once", tag: "Plans",
                access: .needs(.plans, .execute),
                body: .json(
                    Schema.input(
                        ["intent": Self.intent],
                        optional: [
                            "data": Schema.anyObject, "planner": Schema.taskName, "run": Schema.boolean,
                            "user": Schema.text(254), "subject": SubjectRoutes.subject, "max_cost": Schema.dollars,
                            "idempotency_key": Schema.text(200), "requires_approval": Schema.boolean,
                        ]), example: ["intent": "compare our suppliers", "run": false]),
                answers: [.ok("The plan", Schema.plan), .accepted("The plan, and its run", Schema.plan)])
        ) { try await plan($0) }
    }

    private func plan(_ call: APICall) async throws -> Response {
        let body = call.body
        var planner: TaskReference?
        if let name = body["planner"]?.stringValue {
            guard let task = TaskReference(name) else {
                throw Problem(.badRequest, "invalid", "planner must be department/task, not \"\(name)\"")
            }
            try call.requireMayRun(task.department)
            planner = task
        }
        let user = try call.user(body["user"]?.stringValue)
        let answer = try await runtime.proposePlan(
            body["intent"]?.stringValue ?? "", data: body["data"]?.objectValue ?? [:], asking: planner,
            tenant: call.tenant, user: user)
        guard body["run"] == true else { return Response.json(answer.json) }
        try gate.requireOpen()
        guard answer.isReady else {
            throw Problem(
                .unprocessableContent, "plan_incomplete", "some steps lack what their tasks need; give it in data",
                errors: answer.problems)
        }
        for node in answer.plan["nodes"]?.arrayValue ?? [] {
            try call.requireMayRun(node["department"]?.stringValue ?? "")
        }
        let plan = answer.plan.bytes, key = body["idempotency_key"]?.stringValue
        let run = try await runtime.submitPlan(
            plan, tenant: call.tenant,
            budget: body["max_cost"]?.stringValue.flatMap { Nanodollars(dollars: $0) }, user: user,
            idempotencyKey: key, subject: try SubjectRoutes.subject(body["subject"]),
            isReviewed: body["requires_approval"]?.boolValue == true)
        // By rules the same wish is the same plan; a planner may make another one each time.
        try run.checkReuse(of: key, user: user, input: planner == nil ? plan : nil)
        var members = answer.json.objectValue ?? [:]
        members["job_id"] = .string(run.id.description)
        members["run_id"] = .string(run.id.description)
        members["status"] = .string(run.state.name)
        var response = Response.json(.object(members), status: .accepted)
        response.headers[.location] = "/jobs/\(run.id)"
        return response
    }
}
