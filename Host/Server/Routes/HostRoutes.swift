import Engine
import Hummingbird
import Kernel

/// The host itself: is it alive, does it take work, what is in it.
struct HostRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    func add(to router: Router<BasicRequestContext>) {
        router.get("health") { _, _ in Response.json(["status": "ok"]) }
        router.get("readyz") { _, _ in try ready() }
        router.get("status") { _, _ in Response.json(try await runtime.status().json) }
        router.get("departments") { _, _ in
            Response.json(["departments": .array(await runtime.departments().map(\.json))])
        }
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
