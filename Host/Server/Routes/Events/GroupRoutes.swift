import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Groups of consumers that share the event log. A tenant's take its events alone.
struct GroupRoutes: Sendable {
    let runtime: HostRuntime

    private static let count = Schema.count(1, Int64(EventRoutes.pageSize))
    private static let group = Operation.Parameter.path("group", "The group's name", Schema.text(80))
    private static let create = Schema.input(
        ["name": Schema.text(64)],
        optional: [
            "by": Schema.by, "filter": Schema.anyObject, "from": Schema.position,
            "maximum_deliveries": Schema.count(1, 1_000),
        ])
    private static let deliveries = Schema.named("events", Schema.delivery)

    private static func act(
        _ id: String, _ summary: String, verb: Verb = .execute, body: JSONValue, example: JSONValue,
        answer: Operation.Answer
    ) -> Operation {
        Operation(
            "events.groups.\(id)", .post, "/events/groups/{group}/\(id)", summary, tag: "Events",
            access: .needs(.events, verb), parameters: [group], body: .json(body, example: example),
            answers: [answer])
    }

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "events.groups.list", .get, "/events/groups", "Groups with how far they are", tag: "Events",
                access: .needs(.events, .read), answers: [.ok("They", Schema.named("groups", Schema.group))])
        ) { call in
            let groups = try await call.read { journal throws(JournalError) in try journal.groups() }
            return Response.json(["groups": .array(groups.map(\.json))])
        }
        api.add(
            Operation(
                "events.groups.create", .post, "/events/groups", "A new group", tag: "Events",
                access: .needs(.events, .write),
                body: .json(Self.create, example: ["name": "billing", "filter": ["topics": ["run.*"]]]),
                answers: [.created("It", Schema.group)]
            ).keyed()
        ) { try await create($0) }
        api.add(
            Operation(
                "events.groups.show", .get, "/events/groups/{group}", "One of them", tag: "Events",
                access: .needs(.events, .read), parameters: [Self.group], answers: [.ok("It", Schema.group)])
        ) { try await one($0.text("group"), $0) }
        api.add(
            Operation(
                "events.groups.remove", .delete, "/events/groups/{group}", "Takes a group away", tag: "Events",
                access: .needs(.events, .write), parameters: [Self.group], body: .by,
                answers: [.noContent("It is gone")])
        ) { call in
            let group = call.text("group"), by = call.by
            try await call.change(runtime) { journal, scoped throws(JournalError) in
                _ = try scoped.group(group)
                try journal.streamGroupRemove(group, by: by)
            }
            return Response(status: .noContent)
        }
        api.add(
            Operation(
                "events.groups.pending", .get, "/events/groups/{group}/pending",
                "What was given out and not acknowledged", tag: "Events", access: .needs(.events, .read),
                parameters: [Self.group, .after("position")],
                answers: [
                    .ok(
                        "A page of it",
                        Schema.page("pending", Schema.pendingDelivery, next: "next_after", Schema.integer))
                ])
        ) { try await pending($0) }
        addConsuming(to: api)
        addEnding(to: api)
    }

    private func addConsuming(to api: APIRouter) {
        api.add(
            Self.act(
                "read", "The consumer's next events",
                body: Schema.input(["consumer": Schema.by], optional: ["count": Self.count]),
                example: ["consumer": "worker-1"], answer: .ok("They are in its hands", Self.deliveries))
        ) { call in
            let consumer = Self.consumer(call), limit = Self.count(call)
            return try await given(call) { journal, group throws(JournalError) in
                try journal.streamRead(group, consumer: consumer, limit: limit)
            }
        }
        api.add(
            Self.act(
                "claim", "Takes over what others have had for long",
                body: Schema.input(
                    ["consumer": Schema.by, "idle_milliseconds": Schema.position], optional: ["count": Self.count]),
                example: ["consumer": "worker-2", "idle_milliseconds": 60_000],
                answer: .ok("They are in its hands", Self.deliveries))
        ) { call in
            let consumer = Self.consumer(call), limit = Self.count(call)
            let idle = call.body["idle_milliseconds"]?.integerValue ?? 0
            return try await given(call) { journal, group throws(JournalError) in
                try journal.streamClaim(group, consumer: consumer, idleMilliseconds: idle, limit: limit)
            }
        }
    }

    private func addEnding(to api: APIRouter) {
        let position: JSONValue = ["type": "integer", "minimum": 1]
        api.add(
            Self.act(
                "ack", "Ends events", body: Schema.input(["ids": Schema.list(position, 1, 1_000)]),
                example: ["ids": [17]],
                answer: .ok("How many were in the group's hands", Schema.answer(["acknowledged": Schema.integer])))
        ) { call in
            let group = call.text("group"), ids = call.body["ids"]?.arrayValue?.compactMap(\.integerValue) ?? []
            let count = try await call.change(runtime) { journal, scoped throws(JournalError) in
                _ = try scoped.group(group)
                return try journal.streamAcknowledge(group, ids)
            }
            return Response.json(["acknowledged": .integer(Int64(count))])
        }
        api.add(
            Self.act(
                "reject", "Gives an event back",
                body: Schema.input(
                    ["id": position, "reason": Schema.text(1_000)],
                    optional: ["retry_after_milliseconds": Schema.count(0, 2_592_000_000)]),
                example: ["id": 17, "reason": "the printer is out of paper"],
                answer: .ok(
                    "When it comes again, or the dead letter that it became",
                    Schema.answer([:], sometimes: ["again_at": Schema.time, "dead_letter": Schema.integer])))
        ) { try await reject($0) }
        api.add(
            Self.act(
                "reset", "Puts a group to another place in the log", verb: .write,
                body: Schema.input(["to": Schema.position], optional: ["by": Schema.by]), example: ["to": 0],
                answer: .ok("It", Schema.group))
        ) { call in
            let group = call.text("group"), to = call.body["to"]?.integerValue ?? 0, by = call.by
            try await call.change(runtime) { journal, scoped throws(JournalError) in
                _ = try scoped.group(group)
                try journal.streamGroupReset(group, to: to, by: by)
            }
            return try await one(group, call)
        }
    }

    private func create(_ call: APICall) async throws -> Response {
        let body = call.body, name = body["name"]?.stringValue ?? "", by = call.by
        guard Name.isValid(name) else {
            throw Problem(
                .unprocessableContent, "invalid_body",
                "\"\(name)\" is no name for a group: use lower-case letters, digits, '.', '_' and '-'")
        }
        let filter = try call.filter()
        let deliveries = Int(body["maximum_deliveries"]?.integerValue ?? 5), from = body["from"]?.integerValue ?? 0
        try await call.change(runtime) { journal, _ throws(JournalError) in
            try journal.streamGroupCreate(
                StreamGroup(
                    name: name, filter: filter, cursor: from, maximumDeliveries: deliveries, createdAt: journal.now),
                by: by)
        }
        var response = try await one(name, call, status: .created)
        response.headers[.location] = "/events/groups/\(name)"
        return response
    }

    private func one(
        _ name: String, _ call: APICall, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let group = try await call.read { journal throws(JournalError) in try journal.group(name) }
        return Response.json(group.json, status: status)
    }

    private func pending(_ call: APICall) async throws -> Response {
        let group = call.text("group"), after = call.number("after") ?? 0
        let rows = try await call.read { scoped throws(JournalError) in
            _ = try scoped.group(group)
            return try scoped.journal.streamPending(group, after: after, limit: EventRoutes.pageSize)
        }
        return Response.json([
            "pending": .array(rows.map(\.json)),
            "next_after": .init(rows.count == EventRoutes.pageSize ? rows.last?.position : nil),
        ])
    }

    private func given(
        _ call: APICall,
        _ body: @escaping @Sendable (any JournalTransaction, String) throws(JournalError) -> [StreamDelivery]
    ) async throws -> Response {
        let group = call.text("group")
        let given = try await call.change(runtime) { journal, scoped throws(JournalError) in
            _ = try scoped.group(group)
            return try scoped.shown(try body(journal, group))
        }
        return Response.json(["events": .array(given.map(\.json))])
    }

    private func reject(_ call: APICall) async throws -> Response {
        let group = call.text("group"), delay = call.body["retry_after_milliseconds"]?.integerValue
        let id = call.body["id"]?.integerValue ?? 0, reason = call.body["reason"]?.stringValue ?? ""
        let end = try await call.change(runtime) { journal, scoped throws(JournalError) in
            _ = try scoped.group(group)
            return try journal.streamReject(
                group, id, reason: reason, retryAt: delay.map { journal.now.advanced(byMilliseconds: $0) })
        }
        return switch end {
        case .again(let at): Response.json(["again_at": .string(at.timestamp)])
        case .deadLetter(let letter): Response.json(["dead_letter": .integer(letter)])
        }
    }

    private static func consumer(_ call: APICall) -> String { call.body["consumer"]?.stringValue ?? "" }
    private static func count(_ call: APICall) -> Int { Int(call.body["count"]?.integerValue ?? 10) }
}

extension APICall {
    /// The events that a body asks for, as far as they are the caller's.
    func filter() throws -> EventFilter {
        let filter: EventFilter
        do { filter = try EventFilter(json: body["filter"] ?? [:]) } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        return try view.narrowed(filter)
    }
}
