import Engine
import Hummingbird
import Journal
import Kernel

/// Events that a group of consumers gave up.
struct LetterRoutes: Sendable {
    let runtime: HostRuntime

    private static let letter = Operation.Parameter.path(
        "letter", "Its number", ["type": "integer", "minimum": 1])

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "events.letters.list", .get, "/events/dead-letters", "Those that are open, oldest first",
                tag: "Events", access: .needs(.events, .read),
                parameters: [.query("group", "Of this group", Schema.text(80)), .after("letter")],
                answers: [
                    .ok(
                        "A page of them",
                        Schema.page("dead_letters", Schema.deadLetter, next: "next_after", Schema.integer))
                ])
        ) { try await list($0) }
        api.add(
            Operation(
                "events.letters.show", .get, "/events/dead-letters/{letter}", "One of them", tag: "Events",
                access: .needs(.events, .read), parameters: [Self.letter], answers: [.ok("It", Schema.deadLetter)])
        ) { call in
            let number = call.number("letter") ?? 0
            let letter = try await call.read { journal throws(JournalError) in try journal.deadLetter(number) }
            return Response.json(letter.json)
        }
        api.add(
            Operation(
                "events.letters.reprocess", .post, "/events/dead-letters/{letter}/reprocess",
                "Gives it to its group once more", tag: "Events", access: .needs(.events, .write),
                parameters: [Self.letter], body: .by, answers: [.noContent("It waits for a consumer")])
        ) { call in
            let number = call.number("letter") ?? 0, by = call.by
            try await call.change(runtime) { journal, scoped throws(JournalError) in
                _ = try scoped.deadLetter(number)
                try journal.deadLetterReprocess(number, by: by)
            }
            return Response(status: .noContent)
        }
        api.add(
            Operation(
                "events.letters.remove", .delete, "/events/dead-letters/{letter}", "Drops it", tag: "Events",
                access: .needs(.events, .write), parameters: [Self.letter], body: .by,
                answers: [.noContent("It is gone")])
        ) { call in
            let number = call.number("letter") ?? 0, by = call.by
            try await call.change(runtime) { journal, scoped throws(JournalError) in
                _ = try scoped.deadLetter(number)
                try journal.deadLetterDelete(number, by: by)
            }
            return Response(status: .noContent)
        }
    }

    private func list(_ call: APICall) async throws -> Response {
        let group = call.parameters["group"]?.stringValue, after = call.number("after") ?? 0
        let letters = try await call.read { journal throws(JournalError) in
            try journal.deadLetters(group: group, after: after, limit: EventRoutes.pageSize)
        }
        return Response.json([
            "dead_letters": .array(letters.map(\.json)),
            "next_after": .init(letters.count == EventRoutes.pageSize ? letters.last?.number : nil),
        ])
    }
}
