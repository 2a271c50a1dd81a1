import Engine
import Hummingbird
import Journal
import Kernel

/// Departments: what can be run, how they are, what they died of, and the end of a quarantine.
struct DepartmentRoutes: Sendable {
    let runtime: HostRuntime

    static let name = Operation.Parameter.path("name", "The department's name", Schema.text(64))

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "departments.list", .get, "/departments", "What can be run, with tasks and their schemas",
                tag: "Departments", access: .needs(.departments, .read),
                answers: [.ok("The departments", Schema.named("departments", Schema.department))])
        ) { call in
            let isOperator = call.view.isOperator
            return Response.json([
                "departments": .array(await runtime.departments().map { Self.json(of: $0, isOperator) })
            ])
        }
        api.add(
            Operation(
                "departments.show", .get, "/departments/{name}", "A department with its health and load",
                tag: "Departments", access: .needs(.departments, .read), parameters: [Self.name],
                answers: [.ok("It", Schema.department)])
        ) { try await show($0) }
        api.add(
            Operation(
                "departments.crashes", .get, "/departments/{name}/crashes", "What its plugin died of",
                tag: "Departments", access: .needs(.departments, .read), parameters: [Self.name],
                answers: [.ok("The newest first", Schema.named("crashes", Schema.crash))]
            ).forOperators()
        ) { call in
            Response.json(["crashes": .array(try await runtime.crashes(of: call.text("name")).map(\.json))])
        }
        api.add(
            Operation(
                "departments.reset", .post, "/departments/{name}/reset", "Ends its quarantine", tag: "Departments",
                access: .needs(.departments, .write), parameters: [Self.name],
                answers: [.ok("It", Schema.department)]
            ).forOperators()
        ) { call in
            try await runtime.resetDepartment(call.text("name"), by: call.by)
            return try await show(call)
        }
    }

    private func show(_ call: APICall) async throws -> Response {
        let name = call.text("name")
        guard let found = await runtime.departments().first(where: { $0.name == name }) else {
            throw Problem(.notFound, "unknown_department", "no department \"\(name)\"")
        }
        let load = try await call.read { journal throws(JournalError) in try journal.load(of: name) }
        var members = Self.json(of: found, call.view.isOperator).objectValue ?? [:]
        members["health"] = .string(Self.health(of: found))
        members["load"] = .object(load)
        return Response.json(.object(members))
    }

    /// In one word.
    private static func health(of department: DepartmentStatus) -> String {
        department.state == "ready" ? "healthy" : department.state
    }

    /// Where files lie and which process it is are the operators'.
    private static func json(of department: DepartmentStatus, _ isOperator: Bool) -> JSONValue {
        guard !isOperator, var members = department.json.objectValue else { return department.json }
        members["path"] = nil
        for name in ["statistics", "last_reload", "quarantine"] { members[name] = .null }
        return .object(members)
    }
}
