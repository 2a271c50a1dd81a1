import Engine
import Hummingbird
import Kernel

/// Replaces a department's plugin while the host works.
struct ReloadRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    private static let bodySchema: JSONValue = [
        "type": "object",
        "additionalProperties": false,
        "properties": [
            "path": ["type": "string", "minLength": 1, "maxLength": 4096],
            "force": ["type": "boolean"],
            "drain_seconds": ["type": "integer", "minimum": 0, "maximum": 3600],
        ],
    ]

    func add(to router: Router<APIContext>) {
        router.post("departments/{name}/reload") { request, context in
            try await reload(try context.parameters.require("name"), request)
        }
    }

    /// Answers once the new generation serves; 409 with the step that failed leaves all as it was.
    private func reload(_ name: String, _ request: Request) async throws -> Response {
        guard gate.isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
        let schema: JSONSchema
        do { schema = try JSONSchema(Self.bodySchema) } catch {
            throw Problem(.internalServerError, "internal", "the host's own schema is broken: \(error.description)")
        }
        let body = try await BodyReader(schema: schema, missing: [:]).read(request)
        let report = try await runtime.reload(
            name, from: body["path"]?.stringValue, force: body["force"]?.boolValue ?? false,
            drainSeconds: Int(body["drain_seconds"]?.integerValue ?? 30))
        return Response.json(report.json)
    }
}
