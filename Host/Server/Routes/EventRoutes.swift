import Engine
import Hummingbird
import Journal
import Kernel

/// The event log: reading it, and groups of consumers that share it.
struct EventRoutes: Sendable {
    static let pageSize = 1_000

    let runtime: HostRuntime
    let gate: DrainGate

    private static let name: JSONValue = ["type": "string", "minLength": 1, "maxLength": 64]
    private static let by: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
    private static let count: JSONValue = ["type": "integer", "minimum": 1, "maximum": .integer(Int64(pageSize))]

    private static let groupSchema = schema(
        required: ["name", "by"],
        [
            "name": name, "by": by, "filter": ["type": "object"], "from": ["type": "integer", "minimum": 0],
            "maximum_deliveries": ["type": "integer", "minimum": 1, "maximum": 1000],
        ])
    private static let readSchema = schema(required: ["consumer"], ["consumer": by, "count": count])
    private static let claimSchema = schema(
        required: ["consumer", "idle_milliseconds"],
        ["consumer": by, "count": count, "idle_milliseconds": ["type": "integer", "minimum": 0]])
    private static let ackSchema = schema(
        required: ["ids"],
        ["ids": ["type": "array", "minItems": 1, "maxItems": 1000, "items": ["type": "integer", "minimum": 1]]])
    private static let rejectSchema = schema(
        required: ["id", "reason"],
        [
            "id": ["type": "integer", "minimum": 1], "reason": ["type": "string", "minLength": 1, "maxLength": 1000],
            "retry_after_milliseconds": ["type": "integer", "minimum": 0, "maximum": 2_592_000_000],
        ])
    private static let resetSchema = schema(
        required: ["to", "by"], ["to": ["type": "integer", "minimum": 0], "by": by])
    private static let bySchema = schema(required: ["by"], ["by": by])

    private static func schema(required: [JSONValue], _ properties: [String: JSONValue]) -> JSONValue {
        [
            "type": "object", "required": .array(required), "additionalProperties": false,
            "properties": .object(properties),
        ]
    }

    func add(to router: Router<APIContext>) {
        router.get("events") { request, _ in try await events(request) }
        router.get("events/stream") { request, _ in
            EventFeed(runtime: runtime, gate: gate, filter: try Self.filter(request), position: try Self.after(request))
                .response()
        }
        router.get("events/groups") { _, _ in
            let groups = try await runtime.journal.read { journal throws(JournalError) in try journal.streamGroups() }
            return Response.json(["groups": .array(groups.map(\.json))])
        }
        router.post("events/groups") { request, _ in try await create(try await body(request, Self.groupSchema)) }
        router.get("events/groups/{group}") { _, context in try await one(try Self.group(context)) }
        router.delete("events/groups/{group}") { request, context in
            let group = try Self.group(context), by = try await body(request, Self.bySchema)["by"]?.stringValue ?? ""
            try await runtime.change { journal throws(JournalError) in try journal.streamGroupRemove(group, by: by) }
            return Response(status: .noContent)
        }
        router.get("events/groups/{group}/pending") { request, context in
            try await pending(try Self.group(context), after: try Self.after(request))
        }
        addConsuming(to: router)
        addLetters(to: router)
    }

    private func addConsuming(to router: Router<APIContext>) {
        router.post("events/groups/{group}/read") { request, context in
            let group = try Self.group(context), body = try await body(request, Self.readSchema)
            return try await given { journal throws(JournalError) in
                try journal.streamRead(group, consumer: Self.consumer(body), limit: Self.count(body))
            }
        }
        router.post("events/groups/{group}/claim") { request, context in
            let group = try Self.group(context), body = try await body(request, Self.claimSchema)
            return try await given { journal throws(JournalError) in
                try journal.streamClaim(
                    group, consumer: Self.consumer(body),
                    idleMilliseconds: body["idle_milliseconds"]?.integerValue ?? 0, limit: Self.count(body))
            }
        }
        router.post("events/groups/{group}/ack") { request, context in
            let group = try Self.group(context), body = try await body(request, Self.ackSchema)
            let ids = body["ids"]?.arrayValue?.compactMap(\.integerValue) ?? []
            let count = try await runtime.change { journal throws(JournalError) in
                try journal.streamAcknowledge(group, ids)
            }
            return Response.json(["acknowledged": .integer(Int64(count))])
        }
        router.post("events/groups/{group}/reject") { request, context in
            try await reject(try Self.group(context), try await body(request, Self.rejectSchema))
        }
        router.post("events/groups/{group}/reset") { request, context in
            let group = try Self.group(context), body = try await body(request, Self.resetSchema)
            try await runtime.change { journal throws(JournalError) in
                try journal.streamGroupReset(
                    group, to: body["to"]?.integerValue ?? 0, by: body["by"]?.stringValue ?? "")
            }
            return try await one(group)
        }
    }

    private func addLetters(to router: Router<APIContext>) {
        router.get("events/dead-letters") { request, _ in
            let group = request.uri.queryParameters["group"].map(String.init), after = try Self.after(request)
            let letters = try await runtime.journal.read { journal throws(JournalError) in
                try journal.deadLetters(group: group, after: after, limit: Self.pageSize)
            }
            return Response.json([
                "dead_letters": .array(letters.map(\.json)),
                "next_after": .init(letters.count == Self.pageSize ? letters.last?.number : nil),
            ])
        }
        router.get("events/dead-letters/{letter}") { _, context in
            let number = try Self.letter(context)
            let letter = try await runtime.journal.read { journal throws(JournalError) in
                try journal.deadLetter(number)
            }
            guard let letter else { throw Problem(.notFound, "not_found", "there is no dead letter \(number)") }
            return Response.json(letter.json)
        }
        router.post("events/dead-letters/{letter}/reprocess") { request, context in
            let number = try Self.letter(context), by = try await body(request, Self.bySchema)["by"]?.stringValue ?? ""
            try await runtime.change { journal throws(JournalError) in
                try journal.deadLetterReprocess(number, by: by)
            }
            return Response(status: .noContent)
        }
        router.delete("events/dead-letters/{letter}") { request, context in
            let number = try Self.letter(context), by = try await body(request, Self.bySchema)["by"]?.stringValue ?? ""
            try await runtime.change { journal throws(JournalError) in try journal.deadLetterDelete(number, by: by) }
            return Response(status: .noContent)
        }
    }

    // MARK: Answers

    private func events(_ request: Request) async throws -> Response {
        let filter = try Self.filter(request), after = try Self.after(request)
        let seen = try await runtime.journal.read { journal throws(JournalError) in
            try journal.eventsAndOrigins(after: after, limit: Self.pageSize)
        }
        return Response.json([
            "events": .array(seen.filter { filter.matches($0) }.map { CloudEvent($0.event, $0.origin).json }),
            "next_after": .init(seen.count == Self.pageSize ? seen.last?.event.position : nil),
        ])
    }

    private func create(_ body: JSONValue) async throws -> Response {
        let name = body["name"]?.stringValue ?? ""
        guard Name.isValid(name) else {
            throw Problem(
                .unprocessableContent, "invalid_body",
                "\"\(name)\" is no name for a group: use lower-case letters, digits, '.', '_' and '-'")
        }
        let filter: EventFilter
        do { filter = try EventFilter(json: body["filter"] ?? [:]) } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
        let deliveries = Int(body["maximum_deliveries"]?.integerValue ?? 5)
        try await runtime.change { journal throws(JournalError) in
            try journal.streamGroupCreate(
                StreamGroup(
                    name: name, filter: filter, cursor: body["from"]?.integerValue ?? 0,
                    maximumDeliveries: deliveries, createdAt: journal.now),
                by: body["by"]?.stringValue ?? "")
        }
        return try await one(name, status: .created)
    }

    private func one(_ name: String, status: HTTPResponse.Status = .ok) async throws -> Response {
        let groups = try await runtime.journal.read { journal throws(JournalError) in try journal.streamGroups() }
        guard let group = groups.first(where: { $0.group.name == name }) else {
            throw Problem(.notFound, "not_found", "there is no group of consumers \"\(name)\"")
        }
        return Response.json(group.json, status: status)
    }

    private func pending(_ group: String, after: Int64) async throws -> Response {
        let rows = try await runtime.journal.read { journal throws(JournalError) in
            try journal.streamPending(group, after: after, limit: Self.pageSize)
        }
        return Response.json([
            "pending": .array(rows.map(\.json)),
            "next_after": .init(rows.count == Self.pageSize ? rows.last?.position : nil),
        ])
    }

    private func given(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> [StreamDelivery]
    ) async throws -> Response {
        Response.json(["events": .array(try await runtime.change(body).map(\.json))])
    }

    private func reject(_ group: String, _ body: JSONValue) async throws -> Response {
        let delay = body["retry_after_milliseconds"]?.integerValue
        let end = try await runtime.change { journal throws(JournalError) in
            try journal.streamReject(
                group, body["id"]?.integerValue ?? 0, reason: body["reason"]?.stringValue ?? "",
                retryAt: delay.map { journal.now.advanced(byMilliseconds: $0) })
        }
        return switch end {
        case .again(let at): Response.json(["again_at": .string(at.timestamp)])
        case .deadLetter(let letter): Response.json(["dead_letter": .integer(letter)])
        }
    }

    // MARK: Parameters

    private static func group(_ context: APIContext) throws -> String {
        try context.parameters.require("group")
    }

    private static func letter(_ context: APIContext) throws -> Int64 {
        let text = try context.parameters.require("letter")
        guard let number = Int64(text) else {
            throw Problem(.badRequest, "invalid", "\"\(text)\" is no dead letter's number")
        }
        return number
    }

    private static func after(_ request: Request) throws -> Int64 {
        let text = request.uri.queryParameters["after"].map(String.init) ?? request.headers[.lastEventID] ?? "0"
        guard let position = Int64(text), position >= 0 else {
            throw Problem(.badRequest, "invalid", "\"\(text)\" is no position in the event log")
        }
        return position
    }

    private static func filter(_ request: Request) throws -> EventFilter {
        let query = request.uri.queryParameters
        func values(_ name: String) -> [JSONValue] { query.getAll(name).map { .string($0) } }
        do {
            return try EventFilter(json: [
                "topics": .array(values("topic")), "tenants": .array(values("tenant")),
                "departments": .array(values("department")),
            ])
        } catch {
            throw Problem(.badRequest, "invalid", error.message)
        }
    }

    private static func consumer(_ body: JSONValue) -> String { body["consumer"]?.stringValue ?? "" }
    private static func count(_ body: JSONValue) -> Int { Int(body["count"]?.integerValue ?? 10) }

    private func body(_ request: Request, _ schema: JSONValue) async throws -> JSONValue {
        try await BodyReader(own: schema).read(request)
    }
}
