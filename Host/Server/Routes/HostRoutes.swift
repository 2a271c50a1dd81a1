import Engine
import Hummingbird
import Kernel

/// The host itself: is it alive, does it take work, what is in it.
struct HostRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate
    /// Whether anybody is asked who they are.
    var isSecure = true

    private static let stateSchema: JSONValue = [
        "type": "object", "required": ["status"], "properties": ["status": ["type": "string"]],
    ]

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "host.health", .get, "/health", "Whether the process lives", tag: "Host", access: .open,
                answers: [.ok("It lives", Self.stateSchema)])
        ) { _ in Response.json(["status": "ok"]) }
        api.add(
            Operation(
                "host.ready", .get, "/readyz", "Whether the host takes work", tag: "Host", access: .open,
                answers: [.ok("It does; 503 while it starts or drains", Self.stateSchema)])
        ) { _ in try ready() }
        api.add(
            Operation(
                "host.status", .get, "/status", "Counts, departments with their processes, providers", tag: "Host",
                access: .needs(.system, .read), answers: [.ok("The state of the host", ["type": "object"])])
        ) { _ in
            var members = try await runtime.status().json.objectValue ?? [:]
            members["secure_mode"] = .string(isSecure ? "on" : "off")
            return Response.json(.object(members))
        }
        api.add(
            Operation(
                "departments.list", .get, "/departments", "What can be run, with tasks and their schemas",
                tag: "Departments", access: .needs(.departments, .read),
                answers: [.ok("The departments", ["type": "object", "required": ["departments"]])])
        ) { _ in Response.json(["departments": .array(await runtime.departments().map(\.json))]) }
    }

    private func ready() throws -> Response {
        guard gate.isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
        guard runtime.isReady else {
            throw Problem(.serviceUnavailable, "not_ready", "the host is starting", retryAfterSeconds: 1)
        }
        return Response.json(["status": "ready"])
    }
}
