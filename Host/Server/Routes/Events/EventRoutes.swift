import Engine
import Hummingbird
import Journal
import Kernel

/// The event log: reading it from a position on, at once or for as long as one stays.
struct EventRoutes: Sendable {
    static let pageSize = 1_000

    let runtime: HostRuntime
    let gate: DrainGate

    private static let names = Schema.list(Schema.text(200), nil, Int64(EventFilter.maximumTerms))
    private static let filter: [Operation.Parameter] = [
        .after("position"), .query("topic", "Of these topics; * at the end of one", names),
        .query("tenant", "Of these tenants", names), .query("department", "Of these departments", names),
    ]

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "events.list", .get, "/events", "Events in order, as CloudEvents", tag: "Events",
                access: .needs(.events, .read), parameters: Self.filter,
                answers: [
                    .ok(
                        "Those of a look at so many; next_after goes on",
                        Schema.page("events", Schema.event, next: "next_after", Schema.integer))
                ])
        ) { try await events($0) }
        api.add(
            Operation(
                "events.stream", .get, "/events/stream", "Events as they happen", tag: "Events",
                access: .needs(.events, .read),
                parameters: Self.filter + [
                    .header("Last-Event-ID", "Where the reader was", ["type": "string", "pattern": "^[0-9]{1,18}$"])
                ],
                answers: [.content("Server-sent events, for as long as the reader stays", "text/event-stream")])
        ) { call in
            let resumed = call.parameters["Last-Event-ID"]?.stringValue.flatMap { Int64($0) }
            return EventFeed(
                runtime: runtime, gate: gate, call: call, filter: try Self.filter(call),
                position: resumed ?? call.number("after") ?? 0
            ).response()
        }
        GroupRoutes(runtime: runtime).add(to: api)
        LetterRoutes(runtime: runtime).add(to: api)
    }

    private func events(_ call: APICall) async throws -> Response {
        let filter = try Self.filter(call), after = call.number("after") ?? 0
        let seen = try await call.read { journal throws(JournalError) in
            try journal.events(after: after, limit: Self.pageSize)
        }
        return Response.json([
            "events": .array(seen.filter { filter.matches($0) }.map { CloudEvent($0.event, $0.origin).json }),
            "next_after": .init(seen.count == Self.pageSize ? seen.last?.event.position : nil),
        ])
    }

    private static func filter(_ call: APICall) throws -> EventFilter {
        func values(_ name: String) -> JSONValue { call.parameters[name] ?? [] }
        do {
            return try EventFilter(json: [
                "topics": values("topic"), "tenants": values("tenant"), "departments": values("department"),
            ])
        } catch {
            throw Problem(.badRequest, "invalid", error.message)
        }
    }
}
