import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Runs, under both names that the API gives them: jobs and runs.
struct JobRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    func add(to api: APIRouter) {
        for name in ["jobs", "runs"] {
            addReading(to: api, name)
            addChanging(to: api, name)
        }
    }

    private func addReading(to api: APIRouter, _ name: String) {
        api.add(
            Operation(
                "\(name).list", .get, "/\(name)", "Runs, the newest first", tag: "Runs", access: .needs(.runs, .read),
                parameters: [
                    .query("status", "In this state", Schema.runStatus),
                    .query("department", "Of this department", Schema.text(64)),
                    .query("task", "Of this task: department/task", Schema.taskName), .limit(), .cursor,
                ],
                answers: [.ok("A page of runs", Schema.page(name, Schema.run, next: "next_cursor", Schema.string))])
        ) { try await list($0, name) }
        api.add(
            Operation(
                "\(name).show", .get, "/\(name)/{id}", "A run with steps, children, artifacts and costs", tag: "Runs",
                access: .needs(.runs, .read), parameters: [.run], answers: [.ok("The run", Schema.runDetail)])
        ) { try await show($0) }
        api.add(
            Operation(
                "\(name).events", .get, "/\(name)/{id}/events", "The run's events as they happen", tag: "Runs",
                access: .needs(.runs, .read),
                parameters: [
                    .run, .after("position"),
                    .header("Last-Event-ID", "Where the reader was", ["type": "string", "pattern": "^[0-9]{1,18}$"]),
                ],
                answers: [.content("Server-sent events, until the run has ended", "text/event-stream")])
        ) { try await events($0) }
        api.add(
            Operation(
                "\(name).artifact", .get, "/\(name)/{id}/artifacts/{name}", "What a run has made", tag: "Runs",
                access: .needs(.runs, .read), parameters: [.run, .path("name", "The artifact's name")],
                answers: [.content("Its content, served without scripts", "*/*")])
        ) { try await artifact($0) }
    }

    private func addChanging(to api: APIRouter, _ name: String) {
        api.add(
            Operation(
                "\(name).cancel", .post, "/\(name)/{id}/cancel", "Ends a run and all below it", tag: "Runs",
                access: .needs(.runs, .write), parameters: [.run],
                answers: [
                    .accepted(
                        "It is told to end",
                        Schema.answer(["job_id": Schema.runID, "cancel_requested": Schema.boolean]))
                ])
        ) { call in
            let run = try await call.run()
            try await runtime.cancel(run.id, reason: "cancelled over HTTP by \(call.by)")
            return Response.json(["job_id": .string(run.id.description), "cancel_requested": true], status: .accepted)
        }
        api.add(
            Operation(
                "\(name).retry", .post, "/\(name)/{id}/retry", "Begins a run again that has failed", tag: "Runs",
                access: .needs(.runs, .write), parameters: [.run],
                answers: [.accepted("It is ready again; steps that are done are not done again", Schema.run)]
            ).keyed()
        ) { call in
            try gate.requireOpen()
            let run = try await call.run()
            try call.requireMayRun(run.task.department)
            return Response.json(.object(try await runtime.retry(run.id).summary), status: .accepted)
        }
        api.add(
            Operation(
                "\(name).fork", .post, "/\(name)/{id}/fork", "A new run that takes over another's first steps",
                tag: "Runs", access: .needs(.runs, .write), parameters: [.run],
                body: .json(
                    Schema.input(
                        ["step": Schema.count(0, 10_000)],
                        optional: ["input": Schema.anyObject, "budget": Schema.dollars]), example: ["step": 2]),
                answers: [.accepted("The new run", Schema.run)]
            ).keyed()
        ) { try await fork($0) }
    }

    private func list(_ call: APICall, _ name: String) async throws -> Response {
        var filter = RunFilter(department: call.parameters["department"]?.stringValue)
        if let state = RunState(name: call.text("status")) { filter.states = [state] }
        if let task = call.parameters["task"]?.stringValue {
            guard let reference = TaskReference(task) else {
                throw Problem(.badRequest, "invalid", "task must be department/task, not \"\(task)\"")
            }
            filter.task = reference
        }
        let limit = call.limit(50)
        let before = try call.services.cursors.position(call.parameters["cursor"]?.stringValue, for: call)
        let runs = try await call.read { [filter] journal throws(JournalError) in
            try journal.runs(filter, before: before, limit: limit)
        }
        let last = runs.count < limit ? nil : runs.last?.number
        return Response.json([
            name: .array(runs.map { .object($0.summary) }),
            "next_cursor": last.map { call.services.cursors.cursor(after: $0, for: call) } ?? .null,
        ])
    }

    private func show(_ call: APICall) async throws -> Response {
        let run = try await call.run()
        try await runtime.noteAccess(to: run, "read", by: call.by)
        let members = try await call.read { journal throws(JournalError) in try journal.detail(run.id) }
        return Response.json(.object(members))
    }

    private func fork(_ call: APICall) async throws -> Response {
        try gate.requireOpen()
        let origin = try await call.run()
        try call.requireMayRun(origin.task.department)
        let run = try await runtime.fork(
            origin.id, at: Int(call.body["step"]?.integerValue ?? 0), input: call.body["input"]?.bytes,
            budget: call.body["budget"]?.stringValue.flatMap { Nanodollars(dollars: $0) },
            user: try call.user(nil))
        var response = Response.json(.object(run.summary), status: .accepted)
        response.headers[.location] = "/jobs/\(run.id)"
        return response
    }

    private func events(_ call: APICall) async throws -> Response {
        let run = try await call.run()
        try await runtime.noteAccess(to: run, "watch", by: call.by)
        let resumed = call.parameters["Last-Event-ID"]?.stringValue.flatMap { Int64($0) }
        return JobEvents(
            runtime: runtime, gate: gate, call: call, run: run.id, root: run.root,
            position: resumed ?? call.number("after") ?? 0
        ).response()
    }

    private func artifact(_ call: APICall) async throws -> Response {
        let run = try await call.run(), name = call.text("name")
        try await runtime.noteAccess(to: run, "read artifact", by: call.by)
        let found = try await call.read { journal throws(JournalError) in try journal.artifact(name, of: run.id) }
        // A plugin wrote this: the browser shows it without scripts and without this origin's rights.
        var response = Response.bytes(found.bytes, found.mediaType)
        response.headers[.contentSecurityPolicy] =
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        return response
    }
}
