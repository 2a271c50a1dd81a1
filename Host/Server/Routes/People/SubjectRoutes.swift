import Engine
import HTTPTypes
import Hummingbird
import Journal
import Kernel

/// Whom data is about: added, exported, erased. Each belongs to one tenant.
struct SubjectRoutes: Sendable {
    let runtime: HostRuntime

    static let subject: JSONValue = ["type": "string", "minLength": 41, "maxLength": 41]
    private static let id = Operation.Parameter.path("id", "subj:<uuid>", Schema.text(64))
    private static let alias = Schema.text(400)

    /// A subject named in a body.
    static func subject(_ name: JSONValue?) throws -> SubjectID? {
        guard let name = name?.stringValue else { return nil }
        guard let id = SubjectID(name) else {
            throw Problem(.badRequest, "invalid", "\"\(name)\" is no subject: write subj:<uuid>")
        }
        return id
    }

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "subjects.list", .get, "/subjects", "Oldest first, the erased too", tag: "Subjects",
                access: .needs(.subjects, .read),
                answers: [.ok("They", Schema.named("subjects", Schema.subject))])
        ) { call in
            let subjects = try await call.read { journal throws(JournalError) in try journal.subjects() }
            return Response.json(["subjects": .array(subjects.map(\.json))])
        }
        api.add(
            Operation(
                "subjects.create", .post, "/subjects", "Somebody whom data is about", tag: "Subjects",
                access: .needs(.subjects, .write),
                body: .json(
                    Schema.input(
                        optional: ["tenant": Schema.text(64), "alias": Self.alias, "by": Schema.by]), missing: [:],
                    example: ["alias": "customer 4711"]),
                answers: [.created("It", Schema.subject)])
        ) { call in
            let subject = try await runtime.addSubject(
                tenant: try call.tenant(call.body["tenant"]?.stringValue), alias: call.body["alias"]?.stringValue,
                by: call.by)
            var response = Response.json(subject.json, status: .created)
            response.headers[.location] = "/subjects/\(subject.id)"
            return response
        }
        // An alias in a path would stand in logs.
        api.add(
            Operation(
                "subjects.find", .post, "/subjects/find", "By what people call it", tag: "Subjects",
                access: .needs(.subjects, .read),
                body: .json(
                    Schema.input(["alias": Self.alias], optional: ["tenant": Schema.text(64)]),
                    example: ["alias": "customer 4711"]), answers: [.ok("It", Schema.subject)])
        ) { call in
            let alias = call.body["alias"]?.stringValue ?? "",
                tenant = try call.tenant(call.body["tenant"]?.stringValue)
            let found = try await call.read { scoped throws(JournalError) in
                try scoped.journal.subject(alias: alias, tenant: tenant)
            }
            guard let found else { throw Problem(.notFound, "not_found", "nobody has this alias") }
            return Response.json(found.json)
        }
        addOne(to: api)
    }

    private func addOne(to api: APIRouter) {
        api.add(
            Operation(
                "subjects.rotate", .post, "/subjects/rotate", "All keys under a new wrapping key", tag: "Subjects",
                access: .needs(.subjects, .execute),
                body: .json(
                    Schema.input(optional: ["by": Schema.by, "forget_retired": Schema.boolean]), missing: [:],
                    example: ["forget_retired": false]),
                answers: [.ok("What was done", Schema.keyRotation)]
            ).forOperators()
        ) { call in
            let rotation = try await runtime.rotateSubjectKeys()
            let gone =
                call.body["forget_retired"] == true ? try await runtime.forgetRetiredSubjectKeys() : []
            return Response.json(rotation.json(forgotten: gone))
        }
        api.add(
            Operation(
                "subjects.show", .get, "/subjects/{id}", "With what is stored about it, counted", tag: "Subjects",
                access: .needs(.subjects, .read), parameters: [Self.id],
                answers: [.ok("It", Schema.subjectDetail)])
        ) { call in
            let id = try id(call)
            return Response.json(
                try await call.read { scoped throws(JournalError) in
                    try scoped.subject(id).json(try scoped.journal.subjectExtent(id))
                })
        }
        api.add(
            Operation(
                "subjects.export", .get, "/subjects/{id}/export", "All that is stored about it, in the clear",
                tag: "Subjects", access: .needs(.subjects, .read), parameters: [Self.id],
                answers: [
                    .ok(
                        "One document",
                        Schema.answer(
                            "SubjectExport",
                            [
                                "format": Schema.string, "exported_at": Schema.time, "subject": Schema.subject,
                                "runs": Schema.list(Schema.anyObject), "messages": Schema.list(Schema.anyObject),
                                "state": Schema.list(Schema.anyObject),
                            ]))
                ])
        ) { call in
            let id = try id(call), now = runtime.now
            return Response.json(
                try await call.read { scoped throws(JournalError) in
                    _ = try scoped.subject(id)
                    return try SubjectExport.document(
                        of: id, from: scoped.journal, at: now, clearance: scoped.view.caller.clearance)
                })
        }
        api.add(
            Operation(
                "subjects.erase", .post, "/subjects/{id}/erase", "Erases all that is stored about it",
                tag: "Subjects", access: .needs(.subjects, .execute), parameters: [Self.id],
                body: .json(
                    Schema.input(
                        ["reason": Schema.text(120)], optional: ["by": Schema.by, "request_id": Schema.text(120)]),
                    example: ["reason": "GDPR Art. 17"]), answers: [.ok("What was done", Schema.erasure)]
            ).forPeople()
        ) { call in
            let id = try id(call)
            _ = try await call.read { scoped throws(JournalError) in try scoped.subject(id) }
            let report = try await runtime.eraseSubject(
                id, by: call.by, reason: call.body["reason"]?.stringValue ?? "",
                request: call.body["request_id"]?.stringValue)
            return Response.json(report.json)
        }
    }

    private func id(_ call: APICall) throws -> SubjectID {
        guard let id = SubjectID(call.text("id")) else {
            throw Problem(.notFound, "not_found", "\(call.text("id")) is no subject: write subj:<uuid>")
        }
        return id
    }
}
