import Engine
import Hummingbird
import Journal
import Kernel

/// Messages to agents: sent, looked at, received by programs outside, and ended.
struct MessageRoutes: Sendable {
    private static let page: Int64 = 200

    let runtime: HostRuntime

    private static let sendSchema: JSONValue = [
        "type": "object", "required": ["type", "body"], "additionalProperties": false,
        "properties": [
            "type": ["type": "string", "minLength": 1, "maxLength": 128], "body": [:],
            "from": ["type": "string", "pattern": "^[a-z0-9][a-z0-9._:-]{0,128}$"],
            "id": ["type": "string", "minLength": 1, "maxLength": 200],
        ],
    ]
    private static let receiveSchema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "limit": ["type": "integer", "minimum": 1, "maximum": 100],
            "visibility_seconds": ["type": "integer", "minimum": 1, "maximum": 43_200],
        ],
    ]
    private static let rejectSchema: JSONValue = [
        "type": "object", "required": ["reason"], "additionalProperties": false,
        "properties": [
            "reason": ["type": "string", "minLength": 1, "maxLength": 1000],
            "retry_after_seconds": ["type": ["integer", "null"], "minimum": 0, "maximum": 2_592_000],
        ],
    ]

    private var finder: AgentFinder { AgentFinder(runtime: runtime) }

    func add(to router: Router<APIContext>) {
        router.post("agents/{name}/messages") { request, context in try await send(request, context) }
        router.get("agents/{name}/inbox") { request, context in try await list(request, context) }
        router.post("agents/{name}/inbox/receive") { request, context in try await receive(request, context) }
        router.post("agents/{name}/inbox/{message}/ack") { _, context in
            let address = try await finder.address(context), number = try number(context)
            let ended = try await runtime.change { journal throws(JournalError) in
                try journal.messageAcknowledge(number, by: address)
            }
            return Response.json(["acknowledged": .bool(ended)])
        }
        router.post("agents/{name}/inbox/{message}/reject") { request, context in
            let address = try await finder.address(context), number = try number(context)
            let body = try await BodyReader(own: Self.rejectSchema).read(request)
            let reason = body["reason"]?.stringValue ?? "", seconds = body["retry_after_seconds"]
            let record = try await runtime.change { journal throws(JournalError) in
                // Null: never again.
                let wait = seconds == .null ? nil : (seconds?.integerValue ?? 0) * 1000
                return try journal.messageReject(
                    number, by: address, reason: reason,
                    retryAt: wait.map { journal.now.advanced(byMilliseconds: $0) })
            }
            return Response.json(record.json)
        }
        router.post("agents/{name}/inbox/{message}/requeue") { _, context in
            let address = try await finder.address(context), number = try number(context)
            let record = try await runtime.change { journal throws(JournalError) in
                guard try journal.message(number)?.message.receiver == address else {
                    throw JournalError(.notFound, "agent \(address) has no message \(number)")
                }
                return try journal.messageRequeue(number, by: "http")
            }
            return Response.json(record.json)
        }
    }

    private func send(_ request: Request, _ context: APIContext) async throws -> Response {
        let address = try await finder.address(context)
        let body = try await BodyReader(own: Self.sendSchema).read(request)
        let record = try await runtime.agentDesk.send(
            to: address, from: body["from"]?.stringValue ?? "http", type: body["type"]?.stringValue ?? "",
            body: body["body"] ?? .null, id: body["id"]?.stringValue)
        return Response.json(record.json, status: .accepted)
    }

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let address = try await finder.address(context)
        let query = request.uri.queryParameters
        let states: [AgentMessage.State] = [.open, .acknowledged, .dead]
        let wanted = query["status"].map(String.init) ?? "open"
        guard let state = states.first(where: { $0.name == wanted }) else {
            throw Problem(.badRequest, "invalid", "status must be open, acknowledged or dead")
        }
        let cursor = query["cursor"].flatMap { Int64($0) } ?? 0
        let limit = min(max(query["limit"].flatMap { Int64($0) } ?? 50, 1), Self.page)
        let messages = try await runtime.journal.read { journal throws(JournalError) in
            try journal.messages(address, state, after: cursor, limit: Int(limit))
        }
        let next: JSONValue = messages.count == Int(limit) ? .init(messages.last?.number) : .null
        return Response.json(["messages": .array(messages.map(\.json)), "next_cursor": next])
    }

    private func receive(_ request: Request, _ context: APIContext) async throws -> Response {
        let address = try await finder.address(context)
        let body = try await BodyReader(own: Self.receiveSchema, missing: [:]).read(request)
        let limit = Int(body["limit"]?.integerValue ?? 10)
        let visibility =
            body["visibility_seconds"]?.integerValue.map { $0 * 1000 } ?? AgentMessage.visibilityMilliseconds
        let given = try await runtime.change { journal throws(JournalError) -> [MessageRecord] in
            try journal.messageReceive(address, limit: limit, visibilityMilliseconds: visibility)
        }
        return Response.json(["messages": .array(given.map(\.json))])
    }

    private func number(_ context: APIContext) throws -> Int64 {
        let text = try context.parameters.require("message")
        guard let number = Int64(text), number > 0 else {
            throw Problem(.notFound, "not_found", "\(text) is not a message's number")
        }
        return number
    }
}
