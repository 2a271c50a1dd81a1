import Engine
import Hummingbird
import Journal
import Kernel

/// Runs that the clock starts.
struct ScheduleRoutes: Sendable {
    let runtime: HostRuntime

    private static let by: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
    private static let time: JSONValue = ["type": "string", "minLength": 20, "maxLength": 40]
    private static let definition: [String: JSONValue] = [
        "task": ["type": "string", "maxLength": 130], "when": ["type": "string", "maxLength": 256],
        "zone": ["type": "string", "maxLength": 64], "gap": ["type": "string"], "fold": ["type": "string"],
        "misfire": ["type": "string"], "overlap": ["type": "string"],
        "tolerance_seconds": ["type": "integer", "minimum": 0],
        "start_deadline_seconds": ["type": ["integer", "null"], "minimum": 0], "input": [:],
        "tenant": ["type": "string"], "agent": ["type": "string"], "user": ["type": ["string", "null"]],
        "priority": ["type": "integer", "minimum": 0, "maximum": 4], "by": by,
    ]
    private static let newSchema: JSONValue = [
        "type": "object", "required": ["name", "task", "when", "by"], "additionalProperties": false,
        "properties": .object(definition.merging(["name": ["type": "string", "maxLength": 64]]) { $1 }),
    ]
    private static let setSchema: JSONValue = [
        "type": "object", "required": ["task", "when", "by"], "additionalProperties": false,
        "properties": .object(definition.merging(["revision": ["type": "integer", "minimum": 0]]) { $1 }),
    ]
    private static let bySchema: JSONValue = [
        "type": "object", "required": ["by"], "additionalProperties": false, "properties": ["by": by],
    ]
    private static let previewSchema: JSONValue = [
        "type": "object", "required": ["when"], "additionalProperties": false,
        "properties": [
            "when": ["type": "string", "maxLength": 256], "zone": ["type": "string"], "gap": ["type": "string"],
            "fold": ["type": "string"], "after": time,
            "count": ["type": "integer", "minimum": 1, "maximum": .integer(Int64(Recurrence.maximumPreview))],
        ],
    ]
    private static let backfillSchema: JSONValue = [
        "type": "object", "required": ["from", "to"], "additionalProperties": false,
        "properties": [
            "from": time, "to": time,
            "limit": ["type": "integer", "minimum": 1, "maximum": .integer(Int64(ScheduleState.maximumBackfill))],
        ],
    ]

    func add(to router: Router<APIContext>) {
        router.get("schedules") { _, _ in
            let outlooks = try await runtime.journal.read { journal throws(JournalError) in
                try journal.scheduleOutlooks()
            }
            return Response.json(["schedules": .array(outlooks.map(\.json))])
        }
        router.post("schedules") { request, _ in
            let body = try await body(request, Self.newSchema)
            let name = body["name"]?.stringValue ?? ""
            _ = try await set(name, body, expected: 0)
            var response = try await show(name, status: .created)
            response.headers[.location] = "/schedules/\(name)"
            return response
        }
        router.post("schedules/preview") { request, _ in
            let body = try await body(request, Self.previewSchema)
            var members = body.objectValue ?? [:]
            let after = try members.removeValue(forKey: "after").map { try instant($0) }
            let count = members.removeValue(forKey: "count")?.integerValue ?? Self.previewCount
            // Any task: only the times matter.
            members["task"] = "preview/preview"
            return try await preview(try definition(members), anchor: nil, after: after, count: count)
        }
        router.get("schedules/{name}") { _, context in try await show(try name(context)) }
        router.put("schedules/{name}") { request, context in
            let body = try await body(request, Self.setSchema)
            let name = try name(context)
            _ = try await set(name, body, expected: body["revision"]?.integerValue)
            return try await show(name)
        }
        router.delete("schedules/{name}") { request, context in
            try await runtime.removeSchedule(try name(context), by: try await by(request))
            return Response(status: .noContent)
        }
        addActs(to: router)
    }

    private func addActs(to router: Router<APIContext>) {
        router.post("schedules/{name}/pause") { request, context in
            let name = try name(context)
            _ = try await runtime.pauseSchedule(name, by: try await by(request))
            return try await show(name)
        }
        router.post("schedules/{name}/resume") { request, context in
            let name = try name(context)
            _ = try await runtime.resumeSchedule(name, by: try await by(request))
            return try await show(name)
        }
        router.get("schedules/{name}/preview") { request, context in
            let record = try await known(try name(context))
            let query = request.uri.queryParameters
            let after = try query["after"].map { try instant(.string(String($0))) }
            let count = try number(query["count"], "count", Recurrence.maximumPreview) ?? Int(Self.previewCount)
            return try await preview(record.definition, anchor: record.anchor, after: after, count: Int64(count))
        }
        router.post("schedules/{name}/backfill") { request, context in
            let name = try name(context), body = try await body(request, Self.backfillSchema)
            let runs = try await runtime.backfillSchedule(
                name, from: try instant(body["from"]), through: try instant(body["to"]),
                limit: body["limit"]?.integerValue.map { Int($0) } ?? ScheduleState.maximumBackfill)
            return Response.json(
                ["job_ids": .array(runs.map { .string($0.id.description) })], status: .accepted)
        }
        router.get("schedules/{name}/fires") { request, context in
            let name = try name(context), query = request.uri.queryParameters
            let before = try query["before"].map { try instant(.string(String($0))) }
            let limit = try number(query["limit"], "limit", 1_000) ?? 100
            let fires = try await runtime.journal.read { journal throws(JournalError) in
                try journal.scheduleFires(name, before: before, limit: limit)
            }
            return Response.json(["fires": .array(fires.map(\.json))])
        }
    }

    private static let previewCount: Int64 = 5

    private func set(_ name: String, _ body: JSONValue, expected: Int64?) async throws -> ScheduleRecord {
        var members = body.objectValue ?? [:]
        for other in ["name", "revision"] { members[other] = nil }
        let by = members.removeValue(forKey: "by")?.stringValue ?? ""
        return try await runtime.setSchedule(name, try definition(members), expected: expected, by: by)
    }

    private func show(_ name: String, status: HTTPResponse.Status = .ok) async throws -> Response {
        let now = runtime.now
        let found = try await runtime.journal.read { journal throws(JournalError) -> JSONValue? in
            guard let outlook = try journal.scheduleOutlook(name) else { return nil }
            let record = outlook.record
            guard outlook.problem == nil else { return outlook.json }
            let times = try journal.scheduleTimes(record.definition, anchor: record.anchor)
            return outlook.json(
                preview: times.recurrence.preview(
                    after: max(record.state.highWater, now), count: Int(Self.previewCount), zone: times.zone))
        }
        guard let found else { throw unknown(name) }
        return Response.json(found, status: status)
    }

    private func preview(
        _ definition: ScheduleDefinition, anchor: Instant?, after: Instant?, count: Int64
    ) async throws -> Response {
        let after = after ?? runtime.now
        let answer: JSONValue
        do throws(JournalError) {
            answer = try await runtime.journal.read { journal throws(JournalError) in
                let times = try journal.scheduleTimes(definition, anchor: anchor ?? after)
                let preview = times.recurrence.preview(after: after, count: Int(count), zone: times.zone)
                return preview.json(words: times.recurrence.words)
            }
        } catch {
            guard error.code == .invalid else { throw error }
            throw Problem(.unprocessableContent, "invalid_schedule", error.message)
        }
        return Response.json(answer)
    }

    private func definition(_ members: [String: JSONValue]) throws -> ScheduleDefinition {
        do {
            return try ScheduleDefinition(json: .object(members))
        } catch {
            throw Problem(.unprocessableContent, "invalid_body", error.message)
        }
    }

    private func known(_ name: String) async throws -> ScheduleRecord {
        let found = try await runtime.journal.read { journal throws(JournalError) in try journal.schedule(name) }
        guard let found else { throw unknown(name) }
        return found
    }

    private func unknown(_ name: String) -> Problem {
        Problem(.notFound, "not_found", "there is no schedule \"\(name)\"")
    }

    private func name(_ context: APIContext) throws -> String { try context.parameters.require("name") }

    private func instant(_ value: JSONValue?) throws -> Instant {
        let text = value?.stringValue ?? ""
        guard let instant = Instant(timestamp: text) else {
            throw Problem(
                .unprocessableContent, "invalid_time", "\"\(text)\" is no time; write it as 2026-03-29T09:00:00Z")
        }
        return instant
    }

    private func number(_ text: Substring?, _ name: String, _ limit: Int) throws -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), (1...limit).contains(number) else {
            throw Problem(.badRequest, "invalid", "\(name) must be a number from 1 to \(limit)")
        }
        return number
    }

    private func by(_ request: Request) async throws -> String {
        try await body(request, Self.bySchema)["by"]?.stringValue ?? ""
    }

    private func body(_ request: Request, _ schema: JSONValue) async throws -> JSONValue {
        try await BodyReader(own: schema).read(request)
    }
}
