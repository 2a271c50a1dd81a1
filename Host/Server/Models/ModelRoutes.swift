import Engine
import Hummingbird
import Kernel

/// The endpoints that existing clients of models speak to: their calls get budgets, records and the audit log by
/// another base URL.
struct ModelRoutes: Sendable {
    let runtime: HostRuntime
    let gate: DrainGate

    /// What a protocol of others fixes: its path, and how it says refusals.
    private static func fixed<Dialect: ModelDialect>(
        _ id: String, _ path: String, _ summary: String, as dialect: Dialect.Type, example: JSONValue
    ) -> Operation {
        let schema: JSONValue = [
            "type": "object", "required": ["model", "messages"],
            "properties": [
                "model": Schema.string, "messages": Schema.list(Schema.anyObject, 1), "stream": Schema.boolean,
            ],
        ]
        var operation = Operation(
            id, .post, path, summary, tag: "Models", access: .needs(.models, .execute),
            body: .init(schema: schema, isRead: false, example: example),
            answers: [
                Operation.Answer(
                    status: 200, summary: "The answer, or a stream of it", schema: Schema.anyObject,
                    otherMediaTypes: ["text/event-stream"])
            ])
        operation.isVersioned = false
        operation.refusal = { ModelEndpoint<Dialect>.response(to: CallProblem($0)) }
        return operation
    }

    func add(to api: APIRouter) {
        let chat = ModelEndpoint<ChatCompletions>(calls: runtime.calls, gate: gate)
        let messages = ModelEndpoint<Messages>(calls: runtime.calls, gate: gate)
        let hello: JSONValue = [["role": "user", "content": "Hello"]]
        api.add(
            Self.fixed(
                "models.chat", "/v1/chat/completions", "OpenAI's chat completions", as: ChatCompletions.self,
                example: ["model": "offline/echo", "messages": hello])
        ) { try await chat.respond(to: $0) }
        api.add(
            Self.fixed(
                "models.messages", "/v1/messages", "Anthropic's messages", as: Messages.self,
                example: ["model": "offline/echo", "max_tokens": 64, "messages": hello])
        ) { try await messages.respond(to: $0) }
        api.add(
            Operation(
                "models.status", .get, "/models/status", "Routing, circuits, limits and cache", tag: "Models",
                access: .needs(.models, .read), answers: [.ok("How it stands", Schema.anyObject)]
            ).forOperators()
        ) { _ in Response.json(runtime.modelStatus) }
        addList(to: api)
    }

    private func addList(to api: APIRouter) {
        var list = Operation(
            "models.list", .get, "/v1/models", "What may be asked for", tag: "Models", access: .needs(.models, .read),
            answers: [
                .ok(
                    "Models, classes and routes, in both protocols' members",
                    Schema.answer([
                        "object": Schema.string, "data": Schema.list(Schema.model), "has_more": Schema.boolean,
                        "first_id": Schema.optional(Schema.string), "last_id": Schema.optional(Schema.string),
                    ]))
            ])
        // Names of models hold slashes.
        var one = Operation(
            "models.show", .get, "/v1/models/**", "One of them", tag: "Models", access: .needs(.models, .read),
            answers: [.ok("It", Schema.model)]
        ).taking(rest: "model", "provider/model, a class or a route", Schema.text(300))
        (list.isVersioned, one.isVersioned) = (false, false)
        list.refusal = { ModelEndpoint<ChatCompletions>.response(to: CallProblem($0)) }
        one.refusal = list.refusal
        api.add(list) { _ in try await self.list() }
        api.add(one) { try await model($0.text("model")) }
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
        if let model = try await runtime.offeredModels().first(where: { $0.name == name }) {
            return Response.json(model.json)
        }
        return ModelEndpoint<ChatCompletions>.response(
            to: CallProblem(.notFound, "model_not_found", "no model \"\(name)\"", parameter: "model"))
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
