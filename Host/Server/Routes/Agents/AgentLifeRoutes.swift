import Engine
import Hummingbird
import Journal
import Kernel

/// Agents as operators make and change them.
struct AgentLifeRoutes: Sendable {
    let runtime: HostRuntime

    private static let by: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
    private static let capabilities: JSONValue = [
        "type": ["array", "null"], "maxItems": .integer(Int64(AgentProfile.maximumCapabilities)),
        "items": ["type": "string", "maxLength": 128],
    ]
    private static let createSchema: JSONValue = [
        "type": "object", "required": ["type"], "additionalProperties": false,
        "properties": [
            "type": ["type": "string", "minLength": 1, "maxLength": 64],
            "name": ["type": "string", "minLength": 1, "maxLength": 64], "config": ["type": "object"],
            "capabilities": capabilities, "on": ["type": "object"], "start": ["type": "boolean"], "by": by,
        ],
    ]
    private static let configureSchema: JSONValue = [
        "type": "object", "additionalProperties": false, "minProperties": 1,
        "properties": [
            "config": ["type": "object"], "capabilities": capabilities, "on": ["type": "object"],
            "expected_version": ["type": "integer", "minimum": 1], "note": ["type": "string", "maxLength": 200],
            "by": by,
        ],
    ]
    private static let capabilitySchema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": ["add": capabilities, "remove": capabilities, "by": by],
    ]
    private static let backSchema: JSONValue = [
        "type": "object", "required": ["version"], "additionalProperties": false,
        "properties": ["version": ["type": "integer", "minimum": 1], "by": by],
    ]
    private static let bySchema: JSONValue = [
        "type": "object", "additionalProperties": false, "properties": ["by": by],
    ]

    private var finder: AgentFinder { AgentFinder(runtime: runtime) }

    func add(to router: Router<APIContext>) {
        router.post("agents/create") { request, _ in try await create(request) }
        router.post("agents/{name}/configure") { request, context in try await configure(request, context) }
        router.post("agents/{name}/rollback") { request, context in
            let agent = try await finder.agent(context)
            let body = try await BodyReader(own: Self.backSchema).read(request)
            let version = Int(body["version"]?.integerValue ?? 0)
            let back = try await runtime.agentDesk.goBack(agent.address, to: version, by: Self.by(body))
            return Response.json(back.json)
        }
        router.post("agents/{name}/capabilities") { request, context in
            let agent = try await finder.agent(context)
            let body = try await BodyReader(own: Self.capabilitySchema).read(request)
            let changed = try await runtime.agentDesk.changeCapabilities(
                agent.address, add: Self.names(body["add"]), remove: Self.names(body["remove"]), by: Self.by(body))
            return Response.json(changed.json)
        }
        router.get("agents/{name}/versions") { _, context in
            let agent = try await finder.agent(context)
            let versions = try await runtime.journal.read { journal throws(JournalError) in
                try journal.agentVersions(agent.address)
            }
            return Response.json(["versions": .array(versions.map(\.json))])
        }
        router.get("agents/{name}/stats") { _, context in
            let agent = try await finder.agent(context)
            let statistics = try await runtime.journal.read { journal throws(JournalError) in
                try journal.agentStatistics(agent.address)
            }
            return Response.json(statistics.json)
        }
        for transition in AgentTransition.allCases {
            router.post("agents/{name}/\(transition.rawValue)") { request, context in
                let agent = try await finder.agent(context)
                let body = try await BodyReader(own: Self.bySchema, missing: [:]).read(request)
                let changed = try await runtime.agentDesk.apply(transition, to: agent.address, by: Self.by(body))
                return Response.json(changed.json)
            }
        }
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await BodyReader(own: Self.createSchema).read(request)
        let department = body["type"]?.stringValue ?? ""
        // A run's id is unique and sorts by time: its end makes a name.
        let name = body["name"]?.stringValue ?? "\(department.prefix(40))-\(runtime.newRunID().description.suffix(12))"
        let agent = try await runtime.agentDesk.create(
            AgentAddress(department: department, name: name), configuration: (body["config"] ?? [:]).bytes,
            profile: try Self.profile(body), state: body["start"] == false ? .created : .active, by: Self.by(body))
        var response = Response.json(agent.json, status: .created)
        response.headers[.location] = "/agents/\(agent.address)"
        return response
    }

    private func configure(_ request: Request, _ context: APIContext) async throws -> Response {
        let agent = try await finder.agent(context)
        let body = try await BodyReader(own: Self.configureSchema).read(request)
        var members = agent.profile.json.objectValue ?? [:]
        for key in ["capabilities", "on"] { if let value = body[key] { members[key] = value } }
        let profile = try Self.profile(.object(members))
        let changed = try await runtime.agentDesk.configure(
            agent.address, configuration: body["config"]?.bytes, profile: profile,
            expected: body["expected_version"]?.integerValue.map { Int(clamping: $0) }, by: Self.by(body),
            note: body["note"]?.stringValue ?? "configured")
        return Response.json(changed.json)
    }

    static func profile(_ body: JSONValue) throws -> AgentProfile {
        let members = (body.objectValue ?? [:]).filter { $0.key == "capabilities" || $0.key == "on" }
        do {
            return try AgentProfile(json: .object(members))
        } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
    }

    /// Who asks is not known yet, unless they say it.
    static func by(_ body: JSONValue) -> String { body["by"]?.stringValue ?? "http" }

    private static func names(_ list: JSONValue?) -> [String] { list?.arrayValue?.compactMap(\.stringValue) ?? [] }
}
