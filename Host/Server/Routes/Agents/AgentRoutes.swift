import Engine
import Hummingbird
import Journal
import Kernel
import Placement

/// Agents as they are: each department's default one, by the department's name, the named ones, and pools of them.
struct AgentRoutes: Sendable {
    let runtime: HostRuntime

    private static let states = AgentState.allCases.map(\.name)

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "agents.list", .get, "/agents", "Each department's own agent, and the named ones", tag: "Agents",
                access: .needs(.agents, .read),
                parameters: [
                    .query("department", "Of this department", Schema.text(64)),
                    .query("state", "In this state", Schema.oneOf(Self.states)),
                ],
                answers: [
                    .ok(
                        "All of them",
                        Schema.named("agents", ["anyOf": [Schema.agent, Schema.departmentAgent]]))
                ])
        ) { try await list($0) }
        api.add(
            Operation(
                "agents.show", .get, "/agents/{name}", "An agent with its statistics, or a pool", tag: "Agents",
                access: .needs(.agents, .read), parameters: [AgentFinder.name],
                answers: [
                    .ok("It", ["anyOf": [Schema.agentDetail, Schema.departmentAgent, Schema.pool]])
                ])
        ) { try await show($0) }
    }

    private func list(_ call: APICall) async throws -> Response {
        let department = call.parameters["department"]?.stringValue
        let state = AgentState(name: call.text("state"))
        let isShown = call.view.isOperator
        let named = try await call.read { scoped throws(JournalError) in
            try scoped.journal.agents(department: department).filter { agent in
                if let state { agent.state == state } else { agent.state != .retired }
            }
        }
        let defaults = await runtime.departments().filter {
            $0.descriptor != nil && (department ?? $0.name) == $0.name && (state ?? .active) == .active
        }
        return Response.json([
            "agents": .array(
                defaults.map { Self.json(of: $0) } + named.map { $0.json.withoutConfiguration(unless: isShown) })
        ])
    }

    private static func json(of department: DepartmentStatus) -> JSONValue {
        [
            "id": .string(department.name), "name": .string(department.name), "department": .string(department.name),
            "enabled": .bool(department.enabled),
            "tasks": .array(department.descriptor?.manifest.tasks.map { .string($0.name) } ?? []),
        ]
    }

    private func show(_ call: APICall) async throws -> Response {
        let address = try await AgentFinder(runtime: runtime).address(call)
        if address.name == AgentAddress.defaultName {
            let department = await runtime.departments().first { $0.name == address.department }
            guard let department else { throw Problem(.notFound, "unknown_agent", "there is no agent \(address)") }
            return Response.json(Self.json(of: department))
        }
        let isShown = call.view.isOperator
        let found = try await call.read { scoped throws(JournalError) -> (JSONValue, Int?)? in
            if let agent = try scoped.journal.agent(address) {
                var members = agent.json.withoutConfiguration(unless: isShown).objectValue ?? [:]
                members["statistics"] = try scoped.statistics(address).json
                return (.object(members), agent.version)
            }
            let pool = try scoped.journal.pool(address)?.json(try scoped.journal.poolMembers(address))
            return pool.map { ($0.withoutConfiguration(unless: isShown), nil) }
        }
        guard let (document, version) = found else {
            throw Problem(.notFound, "unknown_agent", "there is no agent \(address)")
        }
        guard let version else { return Response.json(document) }
        return EntityTag.answer(document, revision: Int64(version), to: call)
    }
}
