import Engine
import Hummingbird
import Kernel

/// Replaces a department's plugin while the host works.
struct ReloadRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "departments.reload", .post, "/departments/{name}/reload", "Replaces its plugin while it works",
                tag: "Departments", access: .needs(.departments, .write), parameters: [DepartmentRoutes.name],
                body: .json(
                    Schema.input(optional: [
                        "path": Schema.text(4_096), "force": Schema.boolean, "drain_seconds": Schema.count(0, 3_600),
                    ]), missing: [:], example: ["drain_seconds": 30]),
                answers: [.ok("Once the new generation serves", Schema.reload)]
            ).forOperators()
        ) { call in
            // 409 with the step that failed leaves all as it was.
            try gate.requireOpen()
            let report = try await runtime.reload(
                call.text("name"), from: call.body["path"]?.stringValue, force: call.body["force"]?.boolValue ?? false,
                drainSeconds: Int(call.body["drain_seconds"]?.integerValue ?? 30))
            return Response.json(report.json)
        }
    }
}
