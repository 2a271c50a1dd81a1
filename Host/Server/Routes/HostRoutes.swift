import Engine
import Hummingbird
import Kernel

/// The host itself: is it alive, does it take work, what is in it.
struct HostRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate
    /// Whether anybody is asked who they are.
    var isSecure = true

    private static let state = Schema.answer(["status": Schema.string])
    private static let status = Schema.answer(
        "HostStatus",
        [
            "version": Schema.string, "secure_mode": Schema.oneOf(["on", "off"]), "started_at": Schema.time,
            "ready": Schema.boolean, "draining": Schema.boolean,
            "active_runs": Schema.integer, "waiting_runs": Schema.integer, "runs": Schema.map(Schema.integer),
            "departments": Schema.list(Schema.department), "providers": Schema.list(Schema.string),
            "models": Schema.anything, "storage": Schema.anyObject, "archive": Schema.optional(Schema.anyObject),
            "audit": Schema.anyObject, "minimum_isolation": Schema.string,
            "isolation": Schema.optional(Schema.anyObject),
        ])

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "host.health", .get, "/health", "Whether the process lives", tag: "Host", access: .open,
                answers: [.ok("It lives", Self.state)])
        ) { _ in Response.json(["status": "ok"]) }
        api.add(
            Operation(
                "host.ready", .get, "/readyz", "Whether the host takes work", tag: "Host", access: .open,
                answers: [.ok("It does; 503 while it starts or drains", Self.state)])
        ) { _ in try ready() }
        for (id, path, access) in [
            ("host.status", "/status", Operation.Access.needs(.system, .read)),
            ("admin.status", "/admin/status", .needs(.admin, .read)),
        ] {
            api.add(
                Operation(
                    id, .get, path, "Counts, departments with their processes, providers", tag: "Host",
                    access: access, answers: [.ok("The state of the host", Self.status)]
                ).forOperators()
            ) { _ in
                var members = try await runtime.status().json.objectValue ?? [:]
                members["secure_mode"] = .string(isSecure ? "on" : "off")
                return Response.json(.object(members))
            }
        }
    }

    private func ready() throws -> Response {
        try gate.requireOpen()
        guard runtime.isReady else {
            throw Problem(.serviceUnavailable, "not_ready", "the host is starting", retryAfterSeconds: 1)
        }
        return Response.json(["status": "ready"])
    }
}
