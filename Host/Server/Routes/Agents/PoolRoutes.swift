import Engine
import Hummingbird
import Journal
import Kernel

/// Pools of agents. Work is sent to a pool as to an agent: by its name.
struct PoolRoutes: Sendable {
    let runtime: HostRuntime

    private static let path: [Operation.Parameter] = [
        .path("department", "The department", Schema.text(64)), .path("name", "The pool's name", Schema.text(64)),
    ]
    private static let input = Schema.input(optional: [
        "config": Schema.anyObject, "capabilities": Schema.optional(Schema.list(Schema.text(128), nil, 256)),
        "on": Schema.anyObject, "policy": Schema.anyObject, "by": Schema.by,
    ])

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "pools.list", .get, "/pools", "All pools with their members", tag: "Agents",
                access: .needs(.agents, .read), answers: [.ok("The pools", Schema.named("pools", Schema.pool))])
        ) { call in
            let isShown = call.view.isOperator
            let pools = try await call.read { scoped throws(JournalError) in
                var list: [JSONValue] = []
                for pool in try scoped.journal.pools() {
                    list.append(
                        pool.json(try scoped.journal.poolMembers(pool.address)).withoutConfiguration(unless: isShown))
                }
                return list
            }
            return Response.json(["pools": .array(pools)])
        }
        api.add(
            Operation(
                "pools.show", .get, "/pools/{department}/{name}", "A pool with its members", tag: "Agents",
                access: .needs(.agents, .read), parameters: Self.path, answers: [.ok("It", Schema.pool)])
        ) { call in Response.json(try await show(address(call), call)) }
        api.add(
            Operation(
                "pools.set", .put, "/pools/{department}/{name}", "Makes or changes a pool", tag: "Agents",
                access: .needs(.agents, .write), parameters: Self.path,
                body: .json(Self.input, example: ["policy": ["min": 1, "max": 4]]),
                answers: [.ok("It", Schema.pool)]
            ).forOperators()
        ) { try await set($0) }
        api.add(
            Operation(
                "pools.remove", .delete, "/pools/{department}/{name}", "Takes a pool away; its members drain",
                tag: "Agents", access: .needs(.agents, .write), parameters: Self.path,
                answers: [.noContent("It is gone")]
            ).forOperators()
        ) { call in
            try await runtime.agentDesk.removePool(address(call), by: call.by)
            return Response(status: .noContent)
        }
    }

    private func set(_ call: APICall) async throws -> Response {
        let address = address(call), body = call.body
        let policy: AgentPool
        do throws(Failure) {
            policy = try AgentPool(json: body["policy"] ?? [:])
        } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        try await runtime.agentDesk.setPool(
            address, configuration: (body["config"] ?? [:]).bytes, profile: try AgentLifeRoutes.profile(body),
            policy: policy, by: call.by)
        return Response.json(try await show(address, call))
    }

    private func address(_ call: APICall) -> AgentAddress {
        AgentAddress(department: call.text("department"), name: call.text("name"))
    }

    private func show(_ address: AgentAddress, _ call: APICall) async throws -> JSONValue {
        let found = try await call.read { scoped throws(JournalError) in
            try scoped.journal.pool(address)?.json(try scoped.journal.poolMembers(address))
        }
        guard let found else { throw Problem(.notFound, "not_found", "there is no pool \(address)") }
        return found.withoutConfiguration(unless: call.view.isOperator)
    }
}
