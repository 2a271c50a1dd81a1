import Engine
import Hummingbird
import Journal
import Kernel

/// `POST /v1/runs/{id}/fork` and `POST /jobs/{id}/fork`: a new run that takes over another's first steps.
struct ForkRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    private static let bodySchema: JSONValue = [
        "type": "object",
        "required": ["step"],
        "additionalProperties": false,
        "properties": [
            "step": ["type": "integer", "minimum": 0, "maximum": 10_000],
            "input": ["type": "object"],
            "budget": ["type": "string", "pattern": "^\\$?[0-9]{1,9}(\\.[0-9]{1,9})?$"],
        ],
    ]

    func add(to router: Router<APIContext>) {
        router.post("v1/runs/{id}/fork") { request, context in try await fork(request, context) }
        router.post("jobs/{id}/fork") { request, context in try await fork(request, context) }
    }

    private func fork(_ request: Request, _ context: APIContext) async throws -> Response {
        guard gate.isOpen else {
            throw Problem(.serviceUnavailable, "draining", "the host is ending", retryAfterSeconds: 5)
        }
        let text = try context.parameters.require("id")
        guard let id = RunID(text) else { throw Problem(.notFound, "not_found", "\(text) is not a run's id") }
        let schema: JSONSchema
        do { schema = try JSONSchema(Self.bodySchema) } catch {
            throw Problem(.internalServerError, "internal", "the host's own schema is broken: \(error.description)")
        }
        let body = try await BodyReader(schema: schema).read(request)
        let run = try await runtime.fork(
            id, at: Int(body["step"]?.integerValue ?? 0), input: body["input"]?.bytes,
            budget: body["budget"]?.stringValue.flatMap { Nanodollars(dollars: $0) })
        var response = Response.json(.object(run.summary), status: .accepted)
        response.headers[.location] = "/jobs/\(run.id)"
        return response
    }
}
