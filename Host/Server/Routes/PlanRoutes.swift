import Engine
import Hummingbird
import Journal
import Kernel

/// Plans from what people want, explained, and run at once where that is asked.
struct PlanRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    private static let intent: JSONValue = [
        "type": "string", "minLength": 1, "maxLength": .integer(Int64(PlannerText.maximumBytes)),
    ]
    private static let planSchema: JSONValue = [
        "type": "object", "required": ["intent"], "additionalProperties": false,
        "properties": [
            "intent": intent, "data": ["type": "object"], "planner": ["type": "string", "maxLength": 130],
            "run": ["type": "boolean"], "user": ["type": "string", "minLength": 1, "maxLength": 64],
            "subject": SubjectRoutes.subject,
            "max_cost": ["type": "string", "pattern": "^\\$?[0-9]{1,9}(\\.[0-9]{1,9})?$"],
        ],
    ]
    private static let inferSchema: JSONValue = [
        "type": "object", "required": ["intent"], "additionalProperties": false, "properties": ["intent": intent],
    ]

    func add(to router: Router<APIContext>) {
        router.get("plans/catalogue") { _, _ in Response.json(runtime.planner.catalogue.json) }
        router.post("plans/infer") { request, _ in
            let body = try await BodyReader(own: Self.inferSchema).read(request)
            return Response.json(runtime.planner.inferDepartment(body["intent"]?.stringValue ?? "").json)
        }
        router.post("plans") { request, _ in try await plan(request) }
    }

    private func plan(_ request: Request) async throws -> Response {
        let body = try await BodyReader(own: Self.planSchema).read(request)
        var planner: TaskReference?
        if let name = body["planner"]?.stringValue {
            guard let task = TaskReference(name) else {
                throw Problem(.badRequest, "invalid", "planner must be department/task, not \"\(name)\"")
            }
            planner = task
        }
        let user = body["user"]?.stringValue
        let answer = try await runtime.proposePlan(
            body["intent"]?.stringValue ?? "", data: body["data"]?.objectValue ?? [:], asking: planner, user: user)
        guard body["run"] == true else { return Response.json(answer.json) }
        guard gate.isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
        guard answer.isReady else {
            throw Problem(
                .unprocessableContent, "plan_incomplete", "some steps lack what their tasks need; give it in data",
                errors: answer.problems)
        }
        let run = try await runtime.submitPlan(
            answer.plan.bytes, budget: body["max_cost"]?.stringValue.flatMap { Nanodollars(dollars: $0) }, user: user,
            subject: try SubjectRoutes.subject(body["subject"]))
        var members = answer.json.objectValue ?? [:]
        members["job_id"] = .string(run.id.description)
        members["status"] = .string(run.state.name)
        var response = Response.json(.object(members), status: .accepted)
        response.headers[.location] = "/jobs/\(run.id)"
        return response
    }
}
