import Engine
import Hummingbird
import Journal
import Kernel

/// What departments ask for and what the operator decided.
struct GrantRoutes: Sendable {
    let runtime: HostRuntime

    private static let enableSchema: JSONValue = [
        "type": "object",
        "required": ["wishes", "by"],
        "additionalProperties": false,
        "properties": [
            "wishes": ["type": "string", "pattern": "^[0-9a-f]{64}$"],
            "granted": ["type": "object"],
            "allow_any_host": ["type": "boolean"],
            "by": ["type": "string", "minLength": 1, "maxLength": 200],
        ],
    ]

    private static let disableSchema: JSONValue = [
        "type": "object",
        "additionalProperties": false,
        "properties": [
            "revoke": ["type": "boolean"],
            "by": ["type": "string", "minLength": 1, "maxLength": 200],
        ],
    ]

    func add(to router: Router<APIContext>) {
        router.get("departments/{name}/grants") { _, context in
            try await history(try context.parameters.require("name"))
        }
        router.post("departments/{name}/enable") { request, context in
            try await enable(try context.parameters.require("name"), try await body(request, Self.enableSchema))
        }
        router.post("departments/{name}/disable") { request, context in
            try await disable(try context.parameters.require("name"), try await body(request, Self.disableSchema))
        }
    }

    private func history(_ name: String) async throws -> Response {
        let records = try await runtime.journal.read { journal throws(JournalError) in
            try journal.grants(department: name)
        }
        return Response.json(["grants": .array(records.map(\.json))])
    }

    /// `wishes` is what the operator saw: a plugin that asks for something else by now is not granted it.
    private func enable(_ name: String, _ body: JSONValue) async throws -> Response {
        let granted: Manifest.Wants?
        do throws(ManifestError) {
            granted = try body["granted"].map { wants throws(ManifestError) in try Manifest.Wants(json: wants) }
        } catch {
            throw Problem(.unprocessableContent, "invalid_input", "granted: \(error.description)")
        }
        let record = try await runtime.grant(
            name, wishes: body["wishes"]?.stringValue.flatMap(Digest.init(hex:)), granted: granted,
            allowsAnyHost: body["allow_any_host"]?.boolValue ?? false, by: body["by"]?.stringValue ?? "")
        return Response.json(record.json)
    }

    private func disable(_ name: String, _ body: JSONValue) async throws -> Response {
        if body["revoke"]?.boolValue == true {
            return Response.json(try await runtime.revoke(name, by: body["by"]?.stringValue ?? "operator").json)
        }
        try await runtime.setDepartment(name, enabled: false)
        return Response.json(["name": .string(name), "enabled": false])
    }

    private func body(_ request: Request, _ schema: JSONValue) async throws -> JSONValue {
        try await BodyReader(own: schema).read(request)
    }
}
