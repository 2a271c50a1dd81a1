import Engine
import Hummingbird
import Journal
import Kernel

/// Whom data is about: added, exported, erased.
struct SubjectRoutes: Sendable {
    let runtime: HostRuntime

    static let subject: JSONValue = ["type": "string", "minLength": 41, "maxLength": 41]
    private static let by: JSONValue = ["type": "string", "minLength": 1, "maxLength": 200]
    private static let addSchema: JSONValue = [
        "type": "object", "required": ["by"], "additionalProperties": false,
        "properties": [
            "tenant": ["type": "string", "minLength": 1, "maxLength": 64],
            "alias": ["type": "string", "minLength": 1, "maxLength": 400], "by": by,
        ],
    ]
    private static let eraseSchema: JSONValue = [
        "type": "object", "required": ["by", "reason"], "additionalProperties": false,
        "properties": [
            "by": by, "reason": ["type": "string", "minLength": 1, "maxLength": 120],
            "request_id": ["type": "string", "minLength": 1, "maxLength": 120],
        ],
    ]
    private static let findSchema: JSONValue = [
        "type": "object", "required": ["alias"], "additionalProperties": false,
        "properties": [
            "tenant": ["type": "string", "minLength": 1, "maxLength": 64],
            "alias": ["type": "string", "minLength": 1, "maxLength": 400],
        ],
    ]
    private static let rotateSchema: JSONValue = [
        "type": "object", "required": ["by"], "additionalProperties": false,
        "properties": ["by": by, "forget_retired": ["type": "boolean"]],
    ]

    /// A subject named in a body.
    static func subject(_ name: JSONValue?) throws -> SubjectID? {
        guard let name = name?.stringValue else { return nil }
        guard let id = SubjectID(name) else {
            throw Problem(.badRequest, "invalid", "\"\(name)\" is no subject: write subj:<uuid>")
        }
        return id
    }

    func add(to router: Router<APIContext>) {
        router.get("subjects") { _, _ in
            let subjects = try await runtime.journal.read { journal throws(JournalError) in try journal.subjects() }
            return Response.json(["subjects": .array(subjects.map(\.json))])
        }
        router.post("subjects") { request, _ in
            let body = try await BodyReader(own: Self.addSchema).read(request)
            let subject = try await runtime.addSubject(
                tenant: body["tenant"]?.stringValue ?? "default", alias: body["alias"]?.stringValue,
                by: body["by"]?.stringValue ?? "")
            var response = Response.json(subject.json, status: .created)
            response.headers[.location] = "/subjects/\(subject.id)"
            return response
        }
        // An alias in a path would stand in logs.
        router.post("subjects/find") { request, _ in
            let body = try await BodyReader(own: Self.findSchema).read(request)
            let alias = body["alias"]?.stringValue ?? "", tenant = body["tenant"]?.stringValue ?? "default"
            let found = try await runtime.journal.read { journal throws(JournalError) in
                try journal.subject(alias: alias, tenant: tenant)
            }
            guard let found else { throw Problem(.notFound, "not_found", "nobody has this alias") }
            return Response.json(found.json)
        }
        router.post("subjects/rotate") { request, _ in
            let body = try await BodyReader(own: Self.rotateSchema).read(request)
            let rotation = try await runtime.rotateSubjectKeys()
            let gone = body["forget_retired"] == true ? try await runtime.forgetRetiredSubjectKeys() : []
            return Response.json(rotation.json(forgotten: gone))
        }
        router.get("subjects/{id}") { _, context in
            let id = try id(context)
            let (subject, extent) = try await known(id)
            return Response.json(subject.json(extent))
        }
        router.get("subjects/{id}/export") { _, context in
            let id = try id(context)
            _ = try await known(id)
            let now = runtime.now
            return Response.json(
                try await runtime.journal.read { journal throws(JournalError) in
                    try SubjectExport.document(of: id, from: journal, at: now)
                })
        }
        router.post("subjects/{id}/erase") { request, context in
            let id = try id(context)
            let body = try await BodyReader(own: Self.eraseSchema).read(request)
            let report = try await runtime.eraseSubject(
                id, by: body["by"]?.stringValue ?? "", reason: body["reason"]?.stringValue ?? "",
                request: body["request_id"]?.stringValue)
            return Response.json(report.json)
        }
    }

    private func id(_ context: APIContext) throws -> SubjectID {
        let text = try context.parameters.require("id")
        guard let id = SubjectID(text) else {
            throw Problem(.notFound, "not_found", "\(text) is no subject: write subj:<uuid>")
        }
        return id
    }

    private func known(_ id: SubjectID) async throws -> (SubjectRecord, SubjectExtent) {
        let found = try await runtime.journal.read { journal throws(JournalError) in
            (try journal.subject(id), try journal.subjectExtent(id))
        }
        guard let subject = found.0 else { throw Problem(.notFound, "not_found", "there is no subject \(id)") }
        return (subject, found.1)
    }
}
