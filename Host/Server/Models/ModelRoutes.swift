import Engine
import Hummingbird
import Kernel

/// The endpoints that existing clients of models speak to: their calls get budgets, records and the audit log by
/// another base URL.
struct ModelRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    func add(to router: Router<APIContext>) {
        let chat = ModelEndpoint<ChatCompletions>(calls: runtime.calls, gate: gate)
        let messages = ModelEndpoint<Messages>(calls: runtime.calls, gate: gate)
        router.post("v1/chat/completions") { request, _ in try await chat.respond(to: request) }
        router.post("v1/messages") { request, _ in try await messages.respond(to: request) }
        router.get("models/status") { _, _ in Response.json(runtime.modelStatus) }
        router.get("v1/models") { _, _ in try await list() }
        // Names of models hold slashes.
        router.get("v1/models/**") { _, context in
            try await model(context.parameters.getCatchAll().joined(separator: "/"))
        }
    }

    private func list() async throws -> Response {
        let models = try await runtime.offeredModels()
        return Response.json([
            "object": "list", "data": .array(models.map(\.json)), "has_more": false,
            "first_id": models.first.map { .string($0.name) } ?? .null,
            "last_id": models.last.map { .string($0.name) } ?? .null,
        ])
    }

    private func model(_ name: String) async throws -> Response {
        let name = Self.decoded(name)
        if let model = try await runtime.offeredModels().first(where: { $0.name == name }) {
            return Response.json(model.json)
        }
        return ModelEndpoint<ChatCompletions>.response(
            to: CallProblem(.notFound, "model_not_found", "no model \"\(name)\"", parameter: "model"))
    }

    /// Clients differ in whether they encode the slash. What is no encoding stays as it is, and names no model.
    private static func decoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let next = rest.utf8.first {
            let digits = String(rest.dropFirst().prefix(2))
            if next == UInt8(ascii: "%"), let byte = Hex.decode(digits.lowercased()), byte.count == 1 {
                bytes += byte
                rest = rest.dropFirst(3)
            } else {
                bytes.append(next)
                rest = Substring(rest.utf8.dropFirst())
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension OfferedModel {
    /// One object with the members of both protocols. When a model was made is not known here.
    fileprivate var json: JSONValue {
        [
            "id": .string(name), "object": "model", "created": 0, "owned_by": .string(owner), "type": "model",
            "display_name": .string(name), "created_at": "1970-01-01T00:00:00Z",
            "bureau": ["kind": .string(kind.rawValue)],
        ]
    }
}
