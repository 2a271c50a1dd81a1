import Engine
import Hummingbird
import Journal
import Kernel

/// Pools of agents. Work is sent to a pool as to an agent: by its name.
struct PoolRoutes: Sendable {
    let runtime: HostRuntime

    private static let schema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "config": ["type": "object"], "capabilities": ["type": ["array", "null"]], "on": ["type": "object"],
            "policy": ["type": "object"], "by": ["type": "string", "minLength": 1, "maxLength": 200],
        ],
    ]

    func add(to router: Router<APIContext>) {
        router.get("pools") { _, _ in
            let pools = try await runtime.journal.read { journal throws(JournalError) in
                var list: [JSONValue] = []
                for pool in try journal.pools() { list.append(pool.json(try journal.poolMembers(pool.address))) }
                return list
            }
            return Response.json(["pools": .array(pools)])
        }
        router.get("pools/{department}/{name}") { _, context in Response.json(try await show(try address(context))) }
        router.put("pools/{department}/{name}") { request, context in
            let address = try address(context)
            let body = try await BodyReader(own: Self.schema).read(request)
            let policy: AgentPool
            do throws(Failure) {
                policy = try AgentPool(json: body["policy"] ?? [:])
            } catch {
                throw Problem(.unprocessableContent, "invalid_body", error.message)
            }
            try await runtime.agentDesk.setPool(
                address, configuration: (body["config"] ?? [:]).bytes, profile: try AgentLifeRoutes.profile(body),
                policy: policy, by: AgentLifeRoutes.by(body))
            return Response.json(try await show(address))
        }
        router.delete("pools/{department}/{name}") { _, context in
            try await runtime.agentDesk.removePool(try address(context), by: "http")
            return Response(status: .noContent)
        }
    }

    private func address(_ context: APIContext) throws -> AgentAddress {
        AgentAddress(
            department: try context.parameters.require("department"), name: try context.parameters.require("name"))
    }

    private func show(_ address: AgentAddress) async throws -> JSONValue {
        let found = try await runtime.journal.read { journal throws(JournalError) in
            try journal.pool(address)?.json(try journal.poolMembers(address))
        }
        guard let found else { throw Problem(.notFound, "not_found", "there is no pool \(address)") }
        return found
    }
}
