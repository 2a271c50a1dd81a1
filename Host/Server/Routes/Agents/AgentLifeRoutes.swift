import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Agents as operators make and change them. They work for all tenants, so they are the whole host's.
struct AgentLifeRoutes: Sendable {
    let runtime: HostRuntime

    private static let capabilities = Schema.optional(
        Schema.list(["type": "string", "maxLength": 128], nil, Int64(AgentProfile.maximumCapabilities)))
    private static let names = Schema.list(
        ["type": "string", "maxLength": 128], nil, Int64(AgentProfile.maximumCapabilities))
    private static let profile: [String: JSONValue] = [
        "config": Schema.anyObject, "capabilities": capabilities, "on": Schema.anyObject, "by": Schema.by,
    ]

    private var finder: AgentFinder { AgentFinder(runtime: runtime) }

    private static func operation(
        _ id: String, _ summary: String, body: Operation.Body, path: String? = nil
    ) -> Operation {
        Operation(
            "agents.\(id)", .post, "/agents/{name}/\(path ?? id)", summary, tag: "Agents",
            access: .needs(.agents, .write), parameters: [AgentFinder.name], body: body,
            answers: [.ok("The agent", Schema.agent)]
        ).forOperators()
    }

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "agents.create", .post, "/agents/create", "A new agent of a department", tag: "Agents",
                access: .needs(.agents, .write),
                body: .json(
                    Schema.input(
                        ["type": Schema.text(64)],
                        optional: Self.profile.merging(["name": Schema.text(64), "start": Schema.boolean]) { $1 }),
                    example: ["type": "research", "config": [:]]),
                answers: [.created("The agent", Schema.agent)]
            ).forOperators().keyed()
        ) { try await create($0) }
        api.add(
            Self.operation(
                "configure", "A new version of what an agent is",
                body: .json(
                    Schema.input(
                        optional: Self.profile.merging([
                            "expected_version": ["type": "integer", "minimum": 1], "note": Schema.text(200),
                        ]) { $1 }, least: 1), example: ["config": [:]]))
        ) { try await configure($0) }
        api.add(
            Self.operation(
                "rollback", "An older version again",
                body: .json(
                    Schema.input(
                        ["version": ["type": "integer", "minimum": 1, "maximum": 2_147_483_647]],
                        optional: ["by": Schema.by]), example: ["version": 1]))
        ) { call in
            let agent = try await finder.agent(call)
            let version = Int(call.body["version"]?.integerValue ?? 0)
            return Response.json(try await runtime.agentDesk.goBack(agent.address, to: version, by: call.by).json)
        }
        api.add(
            Self.operation(
                "capabilities", "Gives an agent tasks, and takes them",
                body: .json(
                    Schema.input(optional: ["add": Self.names, "remove": Self.names, "by": Schema.by]),
                    example: ["add": ["summarise"]]))
        ) { call in
            let agent = try await finder.agent(call)
            let changed = try await runtime.agentDesk.changeCapabilities(
                agent.address, add: Self.names(call.body["add"]), remove: Self.names(call.body["remove"]), by: call.by)
            return Response.json(changed.json)
        }
        for transition in AgentTransition.allCases {
            api.add(Self.operation(transition.rawValue, "An agent's life: \(transition.rawValue)", body: .by)) { call in
                let agent = try await finder.agent(call)
                return Response.json(
                    try await runtime.agentDesk.apply(transition, to: agent.address, by: call.by).json)
            }
        }
        addReading(to: api)
    }

    private func addReading(to api: APIRouter) {
        api.add(
            Operation(
                "agents.versions", .get, "/agents/{name}/versions", "What an agent was, oldest first", tag: "Agents",
                access: .needs(.agents, .read), parameters: [AgentFinder.name],
                answers: [.ok("Its versions", Schema.named("versions", Schema.agentVersion))]
            ).forOperators()
        ) { call in
            let agent = try await finder.agent(call)
            let versions = try await call.read { scoped throws(JournalError) in
                try scoped.journal.agentVersions(agent.address)
            }
            return Response.json(["versions": .array(versions.map(\.json))])
        }
        api.add(
            Operation(
                "agents.stats", .get, "/agents/{name}/stats", "What became of an agent's runs", tag: "Agents",
                access: .needs(.agents, .read), parameters: [AgentFinder.name],
                answers: [.ok("Of the caller's tenant", Schema.agentStatistics)])
        ) { call in
            let agent = try await finder.agent(call)
            return Response.json(
                try await call.read { scoped throws(JournalError) in try scoped.statistics(agent.address).json })
        }
    }

    private func create(_ call: APICall) async throws -> Response {
        let body = call.body
        let department = body["type"]?.stringValue ?? ""
        // A run's id is unique and sorts by time: its end makes a name.
        let name = body["name"]?.stringValue ?? "\(department.prefix(40))-\(runtime.newRunID().description.suffix(12))"
        let agent = try await runtime.agentDesk.create(
            AgentAddress(department: department, name: name), configuration: (body["config"] ?? [:]).bytes,
            profile: try Self.profile(body), state: body["start"] == false ? .created : .active, by: call.by)
        var response = Response.json(agent.json, status: .created)
        response.headers[.location] = "/agents/\(agent.address)"
        return response
    }

    private func configure(_ call: APICall) async throws -> Response {
        let agent = try await finder.agent(call), body = call.body
        var members = agent.profile.json.objectValue ?? [:]
        for key in ["capabilities", "on"] { if let value = body[key] { members[key] = value } }
        let profile = try Self.profile(.object(members))
        let expected = try EntityTag.expected(call) ?? body["expected_version"]?.integerValue
        do {
            let changed = try await runtime.agentDesk.configure(
                agent.address, configuration: body["config"]?.bytes, profile: profile,
                expected: expected.map { Int(clamping: $0) }, by: call.by,
                note: body["note"]?.stringValue ?? "configured")
            return EntityTag.answer(changed.json, revision: Int64(changed.version), to: call)
        } catch {
            throw EntityTag.mismatch(error, call)
        }
    }

    static func profile(_ body: JSONValue) throws -> AgentProfile {
        let members = (body.objectValue ?? [:]).filter { $0.key == "capabilities" || $0.key == "on" }
        do {
            return try AgentProfile(json: .object(members))
        } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
    }

    private static func names(_ list: JSONValue?) -> [String] { list?.arrayValue?.compactMap(\.stringValue) ?? [] }
}

extension JSONValue {
    /// Of an agent or a pool: how it is set up is the operators'.
    func withoutConfiguration(unless isShown: Bool) -> JSONValue {
        guard !isShown, var members = objectValue else { return self }
        members["configuration"] = nil
        return .object(members)
    }
}
