import Engine
import Hummingbird
import Journal
import Kernel

/// Runs that the clock starts.
struct ScheduleRoutes: Sendable {
    let runtime: HostRuntime

    private static let previewCount: Int64 = 5
    private static let time: JSONValue = ["type": "string", "minLength": 20, "maxLength": 40]
    private static let when: JSONValue = ["type": "string", "maxLength": 256]
    private static let word = Schema.text(64)
    private static let count = Schema.count(1, Int64(Recurrence.maximumPreview))
    private static let required: [String: JSONValue] = ["task": Schema.taskName, "when": when]
    private static let options: [String: JSONValue] = [
        "zone": word, "gap": word, "fold": word, "misfire": word, "overlap": word,
        "tolerance_seconds": ["type": "integer", "minimum": 0],
        "start_deadline_seconds": ["type": ["integer", "null"], "minimum": 0], "input": Schema.anything,
        "tenant": word, "agent": word, "user": Schema.optional(Schema.text(254)), "priority": Schema.count(0, 4),
        "by": Schema.by,
    ]
    private static let example: JSONValue = ["task": "life/health.wellness_daily", "when": "0 7 * * *"]

    private static let name = Operation.Parameter.path("name", "The schedule's name", Schema.text(64))

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "schedules.list", .get, "/schedules", "Schedules with what is next", tag: "Schedules",
                access: .needs(.schedules, .read),
                answers: [.ok("All of them", Schema.named("schedules", Schema.schedule))])
        ) { call in
            let outlooks = try await call.read { journal throws(JournalError) in try journal.schedules() }
            return Response.json(["schedules": .array(outlooks.map(\.json))])
        }
        api.add(
            Operation(
                "schedules.create", .post, "/schedules", "A new schedule", tag: "Schedules",
                access: .needs(.schedules, .write),
                body: .json(
                    Schema.input(Self.required.merging(["name": Schema.text(64)]) { $1 }, optional: Self.options),
                    example: ["name": "morning", "task": "life/health.wellness_daily", "when": "0 7 * * *"]),
                answers: [.created("It, with its next fires", Schema.schedule)]
            ).keyed()
        ) { call in
            let name = call.body["name"]?.stringValue ?? ""
            try await set(name, call, expected: 0)
            var response = try await show(name, call, status: .created)
            response.headers[.location] = "/schedules/\(name)"
            return response
        }
        addPreview(to: api)
        api.add(
            Operation(
                "schedules.show", .get, "/schedules/{name}", "One with its next fires", tag: "Schedules",
                access: .needs(.schedules, .read), parameters: [Self.name],
                answers: [.ok("It", Schema.schedule)])
        ) { try await show($0.text("name"), $0) }
        addChanging(to: api)
        addFires(to: api)
    }

    private func addChanging(to api: APIRouter) {
        api.add(
            Operation(
                "schedules.set", .put, "/schedules/{name}", "Makes or changes one", tag: "Schedules",
                access: .needs(.schedules, .write), parameters: [Self.name],
                body: .json(
                    Schema.input(
                        Self.required,
                        optional: Self.options.merging(["revision": ["type": "integer", "minimum": 0]]) { $1 }),
                    example: Self.example),
                answers: [.ok("It, with its next fires", Schema.schedule)])
        ) { call in
            let name = call.text("name")
            let expected = try EntityTag.expected(call) ?? call.body["revision"]?.integerValue
            do { try await set(name, call, expected: expected) } catch { throw EntityTag.mismatch(error, call) }
            return try await show(name, call)
        }
        api.add(
            Operation(
                "schedules.remove", .delete, "/schedules/{name}", "Takes one away", tag: "Schedules",
                access: .needs(.schedules, .write), parameters: [Self.name], body: .by,
                answers: [.noContent("It is gone; its fires stay")])
        ) { call in
            let known = try await known(call)
            try await runtime.removeSchedule(known.name, by: call.by)
            return Response(status: .noContent)
        }
        for (act, summary) in [("pause", "Lets its times pass"), ("resume", "Fires again")] {
            api.add(
                Operation(
                    "schedules.\(act)", .post, "/schedules/{name}/\(act)", summary, tag: "Schedules",
                    access: .needs(.schedules, .write), parameters: [Self.name], body: .by,
                    answers: [.ok("It, with its next fires", Schema.schedule)])
            ) { call in
                let name = try await known(call).name
                if act == "pause" {
                    _ = try await runtime.pauseSchedule(name, by: call.by)
                } else {
                    _ = try await runtime.resumeSchedule(name, by: call.by)
                }
                return try await show(name, call)
            }
        }
    }

    private func addPreview(to api: APIRouter) {
        api.add(
            Operation(
                "schedules.preview", .post, "/schedules/preview", "When an expression would fire", tag: "Schedules",
                access: .needs(.schedules, .read),
                body: .json(
                    Schema.input(
                        ["when": Self.when],
                        optional: [
                            "zone": Self.word, "gap": Self.word, "fold": Self.word, "after": Self.time,
                            "count": Self.count,
                        ]), example: ["when": "0 9 * * 1-5", "zone": "Europe/Berlin"]),
                answers: [.ok("The next fires, and the days on which the clock is set", Schema.schedulePreview)])
        ) { call in
            var members = call.body.objectValue ?? [:]
            let after = try members.removeValue(forKey: "after").map { try instant($0.stringValue) }
            let count = members.removeValue(forKey: "count")?.integerValue ?? Self.previewCount
            // Any task: only the times matter.
            members["task"] = "preview/preview"
            return try await preview(try definition(members), anchor: nil, after: after, count: count, call)
        }
        api.add(
            Operation(
                "schedules.next", .get, "/schedules/{name}/preview", "When a schedule fires", tag: "Schedules",
                access: .needs(.schedules, .read),
                parameters: [
                    Self.name, .query("after", "Those after this time", Self.time),
                    .query("count", "How many", Self.count),
                ],
                answers: [.ok("The next fires, and the days on which the clock is set", Schema.schedulePreview)])
        ) { call in
            let record = try await known(call)
            let after = try call.parameters["after"].map { try instant($0.stringValue) }
            return try await preview(
                record.definition, anchor: record.anchor, after: after,
                count: call.number("count") ?? Self.previewCount, call)
        }
    }

    private func addFires(to api: APIRouter) {
        api.add(
            Operation(
                "schedules.backfill", .post, "/schedules/{name}/backfill", "Starts what has not fired",
                tag: "Schedules", access: .needs(.schedules, .execute), parameters: [Self.name],
                body: .json(
                    Schema.input(
                        ["from": Self.time, "to": Self.time],
                        optional: ["limit": Schema.count(1, Int64(ScheduleState.maximumBackfill))]),
                    example: ["from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z"]),
                answers: [.accepted("The runs", Schema.named("job_ids", Schema.runID))]
            ).keyed()
        ) { call in
            let schedule = try await known(call), name = schedule.name
            try call.requireMayRun(schedule.definition.task.department)
            let runs = try await runtime.backfillSchedule(
                name, from: try instant(call.body["from"]?.stringValue),
                through: try instant(call.body["to"]?.stringValue),
                limit: call.body["limit"]?.integerValue.map { Int($0) } ?? ScheduleState.maximumBackfill)
            return Response.json(
                ["job_ids": .array(runs.map { .string($0.id.description) })], status: .accepted)
        }
        api.add(
            Operation(
                "schedules.fires", .get, "/schedules/{name}/fires", "What was started, the newest first",
                tag: "Schedules", access: .needs(.schedules, .read),
                parameters: [Self.name, .query("before", "Those before this time", Self.time), .limit(1_000)],
                answers: [.ok("The fires", Schema.named("fires", Schema.scheduleFire))])
        ) { call in
            let name = try await known(call).name, limit = call.limit(100)
            let before = try call.parameters["before"].map { try instant($0.stringValue) }
            let fires = try await call.read { scoped throws(JournalError) in
                try scoped.journal.scheduleFires(name, before: before, limit: limit)
            }
            return Response.json(["fires": .array(fires.map(\.json))])
        }
    }

    /// What is another's is refused as if its name were free for nobody.
    private func set(_ name: String, _ call: APICall, expected: Int64?) async throws {
        var members = call.body.objectValue ?? [:]
        for other in ["name", "revision", "by"] { members[other] = nil }
        let tenant = try call.tenant(members["tenant"]?.stringValue)
        if tenant != CallOrigin.defaultTenant || members["tenant"] != nil { members["tenant"] = .string(tenant) }
        if let user = try call.user(members["user"]?.stringValue) { members["user"] = .string(user) }
        let wanted = try definition(members)
        try call.requireMayRun(wanted.task.department)
        let isTaken = try await call.read { scoped throws(JournalError) -> Bool in
            try scoped.requireOwn(schedule: name)
            return try scoped.journal.schedule(name) != nil
        }
        if isTaken, expected == 0 {
            throw Problem(.conflict, "conflict", "there is a schedule \"\(name)\" already")
        }
        // Once more in the transaction: another tenant may take the name meanwhile.
        _ = try await runtime.setSchedule(
            name, wanted, expected: expected, by: call.by,
            if: call.check { scoped throws(JournalError) in try scoped.requireOwn(schedule: name) })
    }

    private func show(
        _ name: String, _ call: APICall, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let now = runtime.now
        let (document, revision) = try await call.read { scoped throws(JournalError) -> (JSONValue, Int64) in
            let record = try scoped.schedule(name)
            guard let outlook = try scoped.journal.scheduleOutlook(name) else {
                throw JournalError(.notFound, "there is no schedule \"\(name)\"")
            }
            guard outlook.problem == nil else { return (outlook.json, record.revision) }
            let times = try scoped.journal.scheduleTimes(record.definition, anchor: record.anchor)
            let preview = times.recurrence.preview(
                after: max(record.state.highWater, now), count: Int(Self.previewCount), zone: times.zone)
            return (outlook.json(preview: preview), record.revision)
        }
        return EntityTag.answer(document, revision: revision, to: call, status: status)
    }

    private func preview(
        _ definition: ScheduleDefinition, anchor: Instant?, after: Instant?, count: Int64, _ call: APICall
    ) async throws -> Response {
        let after = after ?? runtime.now
        do {
            return Response.json(
                try await call.read { scoped throws(JournalError) in
                    let times = try scoped.journal.scheduleTimes(definition, anchor: anchor ?? after)
                    let preview = times.recurrence.preview(after: after, count: Int(count), zone: times.zone)
                    return preview.json(words: times.recurrence.words)
                })
        } catch let error as JournalError where error.code == .invalid {
            throw Problem(.unprocessableContent, "invalid_schedule", error.message)
        }
    }

    private func definition(_ members: [String: JSONValue]) throws -> ScheduleDefinition {
        do {
            return try ScheduleDefinition(json: .object(members))
        } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
    }

    private func known(_ call: APICall) async throws -> ScheduleRecord {
        let name = call.text("name")
        return try await call.read { journal throws(JournalError) in try journal.schedule(name) }
    }

    private func instant(_ text: String?) throws -> Instant {
        guard let text, let instant = Instant(timestamp: text) else {
            throw Problem(
                .unprocessableContent, "invalid_time",
                "\"\(text ?? "")\" is no time; write it as 2026-03-29T09:00:00Z")
        }
        return instant
    }
}
