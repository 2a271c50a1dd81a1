import Engine
import Hummingbird
import Kernel

/// One department: how it is, what it died of, and the end of its quarantine.
struct DepartmentRoutes: Sendable {
    let runtime: HostRuntime

    func add(to router: Router<APIContext>) {
        router.get("departments/{name}") { _, context in try await show(try name(context)) }
        router.get("departments/{name}/crashes") { _, context in
            let crashes = try await runtime.crashes(of: try name(context))
            return Response.json(["crashes": .array(crashes.map(\.json))])
        }
        router.post("departments/{name}/reset") { _, context in
            let name = try name(context)
            try await runtime.resetDepartment(name, by: "HTTP")
            return try await show(name)
        }
    }

    private func name(_ context: APIContext) throws -> String { try context.parameters.require("name") }

    private func show(_ name: String) async throws -> Response {
        guard let found = await runtime.departments().first(where: { $0.name == name }) else {
            throw Problem(.notFound, "unknown_department", "no department \"\(name)\"")
        }
        return Response.json(found.json)
    }
}
