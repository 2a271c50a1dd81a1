import Engine
import Hummingbird
import Journal
import Kernel

/// Messages to agents: sent, looked at, received by programs outside, and ended. Each is of one tenant.
struct MessageRoutes: Sendable {
    let runtime: HostRuntime

    private static let number = Operation.Parameter.path(
        "message", "The message's number", ["type": "integer", "minimum": 1])
    private static let send = Schema.input(
        ["type": Schema.text(128), "body": Schema.anything],
        optional: [
            "from": ["type": "string", "pattern": "^[a-z0-9][a-z0-9._:-]{0,128}$"], "id": Schema.text(200),
        ])
    private static let receive = Schema.input(
        optional: ["limit": Schema.count(1, 100), "visibility_seconds": Schema.count(1, 43_200)])
    private static let reject = Schema.input(
        ["reason": Schema.text(1_000)],
        optional: ["retry_after_seconds": ["type": ["integer", "null"], "minimum": 0, "maximum": 2_592_000]])
    private static let states: [AgentMessage.State] = [.open, .acknowledged, .dead]

    private var finder: AgentFinder { AgentFinder(runtime: runtime) }

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "messages.send", .post, "/agents/{name}/messages", "Sends an agent a message", tag: "Messages",
                access: .needs(.agents, .execute), parameters: [AgentFinder.name],
                body: .json(Self.send, example: ["type": "order.placed", "body": ["id": 17]]),
                answers: [.accepted("The message", Schema.message)])
        ) { try await send($0) }
        api.add(
            Operation(
                "messages.list", .get, "/agents/{name}/inbox", "An agent's messages", tag: "Messages",
                access: .needs(.agents, .read),
                parameters: [
                    AgentFinder.name, .query("status", "Usually open", Schema.oneOf(Self.states.map(\.name))),
                    .limit(), .cursor,
                ],
                answers: [
                    .ok("A page of them", Schema.page("messages", Schema.message, next: "next_cursor", Schema.string))
                ])
        ) { try await list($0) }
        api.add(
            Operation(
                "messages.receive", .post, "/agents/{name}/inbox/receive", "Takes what is due", tag: "Messages",
                access: .needs(.agents, .execute), parameters: [AgentFinder.name],
                body: .json(Self.receive, missing: [:], example: ["limit": 5]),
                answers: [.ok("At least once, in order of each sender", Schema.named("messages", Schema.message))])
        ) { try await receive($0) }
        addEnding(to: api)
    }

    private func addEnding(to api: APIRouter) {
        api.add(
            Operation(
                "messages.ack", .post, "/agents/{name}/inbox/{message}/ack", "Ends a message", tag: "Messages",
                access: .needs(.agents, .execute), parameters: [AgentFinder.name, Self.number],
                answers: [.ok("False when it had ended", Schema.answer(["acknowledged": Schema.boolean]))])
        ) { call in
            let address = try await finder.address(call), number = call.number("message") ?? 0
            let ended = try await call.change(runtime) { journal, scoped throws(JournalError) in
                _ = try scoped.message(number, to: address)
                return try journal.messageAcknowledge(number, by: address)
            }
            return Response.json(["acknowledged": .bool(ended)])
        }
        api.add(
            Operation(
                "messages.reject", .post, "/agents/{name}/inbox/{message}/reject", "Gives a message back",
                tag: "Messages", access: .needs(.agents, .execute), parameters: [AgentFinder.name, Self.number],
                body: .json(Self.reject, example: ["reason": "busy", "retry_after_seconds": 60]),
                answers: [.ok("It", Schema.message)])
        ) { call in
            let address = try await finder.address(call), number = call.number("message") ?? 0
            let reason = call.body["reason"]?.stringValue ?? "", seconds = call.body["retry_after_seconds"]
            let record = try await call.change(runtime) { journal, scoped throws(JournalError) in
                _ = try scoped.message(number, to: address)
                // Null: never again.
                let wait = seconds == .null ? nil : (seconds?.integerValue ?? 0) * 1000
                return try journal.messageReject(
                    number, by: address, reason: reason,
                    retryAt: wait.map { journal.now.advanced(byMilliseconds: $0) })
            }
            return Response.json(record.json)
        }
        api.add(
            Operation(
                "messages.requeue", .post, "/agents/{name}/inbox/{message}/requeue", "A dead letter once more",
                tag: "Messages", access: .needs(.agents, .execute), parameters: [AgentFinder.name, Self.number],
                answers: [.ok("It is open again", Schema.message)])
        ) { call in
            let address = try await finder.address(call), number = call.number("message") ?? 0
            let by = call.by
            let record = try await call.change(runtime) { journal, scoped throws(JournalError) in
                guard try scoped.message(number, to: address).message.receiver == address else {
                    throw JournalError(.notFound, "agent \(address) has no message \(number)")
                }
                return try journal.messageRequeue(number, by: by)
            }
            return Response.json(record.json)
        }
    }

    /// Who sends is who asks, unless the secure mode is off or an operator speaks for an agent.
    private func send(_ call: APICall) async throws -> Response {
        let address = try await finder.address(call), body = call.body
        let named = body["from"]?.stringValue
        guard named == nil || call.view.isOperator || named == call.caller.name else {
            throw Problem(.forbidden, "forbidden", "from: you send as \(call.caller.name)")
        }
        let record = try await runtime.agentDesk.send(
            to: address, from: named ?? (call.view.isOperator ? "http" : call.caller.name),
            type: body["type"]?.stringValue ?? "", body: body["body"] ?? .null, id: body["id"]?.stringValue,
            tenant: call.tenant)
        return Response.json(record.json, status: .accepted)
    }

    private func list(_ call: APICall) async throws -> Response {
        let address = try await finder.address(call), limit = call.limit(50)
        let state = Self.states.first { $0.name == call.text("status") } ?? .open
        let after = try call.services.cursors.position(call.parameters["cursor"]?.stringValue, for: call) ?? 0
        let messages = try await call.read { journal throws(JournalError) in
            try journal.messages(address, state, after: after, limit: limit)
        }
        let last = messages.count == limit ? messages.last?.number : nil
        return Response.json([
            "messages": .array(messages.map(\.json)),
            "next_cursor": last.map { call.services.cursors.cursor(after: $0, for: call) } ?? .null,
        ])
    }

    private func receive(_ call: APICall) async throws -> Response {
        let address = try await finder.address(call)
        let limit = Int(call.body["limit"]?.integerValue ?? 10), tenant = call.caller.tenant
        let visibility =
            call.body["visibility_seconds"]?.integerValue.map { $0 * 1000 } ?? AgentMessage.visibilityMilliseconds
        let given = try await call.change(runtime) { journal, _ throws(JournalError) in
            try journal.messageReceive(address, limit: limit, visibilityMilliseconds: visibility, of: tenant)
        }
        return Response.json(["messages": .array(given.map(\.json))])
    }
}
