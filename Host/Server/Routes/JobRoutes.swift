import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Runs, under the name that the API gives them: jobs.
struct JobRoutes: Sendable {
    static let maximumPage = 200

    let runtime: HostRuntime
    let gate: DrainGate

    func add(to router: Router<APIContext>) {
        router.get("jobs") { request, _ in try await list(request) }
        router.get("jobs/{id}") { _, context in try await show(try id(context)) }
        router.post("jobs/{id}/cancel") { _, context in
            let run = try id(context)
            try await runtime.cancel(run, reason: "cancelled over HTTP")
            return Response.json(["job_id": .string(run.description), "cancel_requested": true], status: .accepted)
        }
        router.post("jobs/{id}/retry") { _, context in
            Response.json(.object(try await runtime.retry(try id(context)).summary), status: .accepted)
        }
        ForkRoutes(runtime: runtime, gate: gate).add(to: router)
        router.get("jobs/{id}/events") { request, context in
            let run = try id(context)
            let position = try resumePosition(request)
            let record = try await existing(run)
            try await runtime.noteAccess(to: record, "watch", by: nil)
            return JobEvents(runtime: runtime, gate: gate, root: record.root, position: position).response()
        }
        router.get("jobs/{id}/artifacts/{name}") { _, context in
            try await artifact(try context.parameters.require("name"), of: try id(context))
        }
    }

    private func id(_ context: APIContext) throws -> RunID {
        let text = try context.parameters.require("id")
        guard let id = RunID(text) else { throw Problem(.notFound, "not_found", "\(text) is not a job's id") }
        return id
    }

    private func existing(_ id: RunID) async throws -> RunRecord {
        let found = try await runtime.journal.read { journal throws(JournalError) in try journal.run(id) }
        guard let found else { throw Problem(.notFound, "not_found", "there is no job \(id)") }
        return found
    }

    private func list(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        var filter = RunFilter(department: query["department"].map(String.init))
        if let name = query["status"].map(String.init) {
            guard let state = RunState(name: name) else {
                let names = RunState.allCases.map(\.name).joined(separator: ", ")
                throw Problem(.badRequest, "invalid", "status must be one of \(names)")
            }
            filter.states = [state]
        }
        let limit = try number(query["limit"], "limit", in: 1...Int64(Self.maximumPage)) ?? 50
        let cursor = try number(query["cursor"], "cursor", in: 1...Int64.max)
        let runs = try await runtime.journal.read { [filter] journal throws(JournalError) in
            try journal.runs(filter, before: cursor, limit: Int(limit))
        }
        return Response.json([
            "jobs": .array(runs.map { .object($0.summary) }),
            "next_cursor": runs.count < limit ? .null : .init(runs.last.map { String($0.number) }),
        ])
    }

    private func number(
        _ text: Substring?, _ name: String, in range: ClosedRange<Int64>
    ) throws -> Int64? {
        guard let text else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            throw Problem(.badRequest, "invalid", "\(name) must be a number from \(range.lowerBound)")
        }
        return value
    }

    private func show(_ id: RunID) async throws -> Response {
        let run = try await existing(id)
        try await runtime.noteAccess(to: run, "read", by: nil)
        let members = try await runtime.journal.read { journal throws(JournalError) in
            var members = run.detail
            members["held_by"] = .init(run.heldBy(try journal.quarantines()))
            members["steps"] = .array(try journal.steps(of: id).map(\.json))
            members["children"] = .array(try journal.children(of: id).map { .object($0.summary) })
            members["artifacts"] = .array(try journal.artifacts(of: id).map { .object($0.members) })
            if run.root == id { members["costs"] = .array(try journal.costs(root: id).map(\.json)) }
            return members
        }
        return Response.json(.object(members))
    }

    private func artifact(_ name: String, of run: RunID) async throws -> Response {
        try await runtime.noteAccess(to: try await existing(run), "read artifact", by: nil)
        let found = try await runtime.journal.read { journal throws(JournalError) -> ArtifactContent? in
            guard let record = try journal.artifacts(of: run).first(where: { $0.name == name }) else { return nil }
            return try journal.artifact(record.digest)
        }
        guard let found else { throw Problem(.notFound, "not_found", "job \(run) has no artifact \(name)") }
        // A plugin wrote this: the browser shows it without scripts and without this origin's rights.
        return Response(
            status: .ok,
            headers: [
                .contentType: found.mediaType, .contentLength: String(found.bytes.count),
                .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
            ],
            body: .init(byteBuffer: ByteBuffer(bytes: found.bytes)))
    }

    /// `Last-Event-ID`, or `?after=`: where the reader has been.
    private func resumePosition(_ request: Request) throws -> Int64 {
        let text = request.headers[.lastEventID] ?? request.uri.queryParameters["after"].map(String.init)
        return try number(text.map { $0[...] }, "the last event's id", in: 0...Int64.max) ?? 0
    }
}

extension HTTPField.Name {
    /// WHATWG HTML, server-sent events.
    static var lastEventID: HTTPField.Name {
        guard let name = HTTPField.Name("Last-Event-ID") else { preconditionFailure("a valid field name") }
        return name
    }
}
