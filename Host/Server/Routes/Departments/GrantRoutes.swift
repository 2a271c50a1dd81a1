import Engine
import Hummingbird
import Journal
import Kernel

/// What departments ask for and what the operator decided.
struct GrantRoutes: Sendable {
    let runtime: HostRuntime

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "departments.grants", .get, "/departments/{name}/grants", "The operator's decisions about it",
                tag: "Departments", access: .needs(.departments, .read), parameters: [DepartmentRoutes.name],
                answers: [.ok("Oldest first", Schema.named("grants", Schema.grant))]
            ).forOperators()
        ) { call in
            let name = call.text("name")
            let records = try await call.read { scoped throws(JournalError) in
                try scoped.journal.grants(department: name)
            }
            return Response.json(["grants": .array(records.map(\.json))])
        }
        api.add(
            Operation(
                "departments.enable", .post, "/departments/{name}/enable", "Grants what it asks for",
                tag: "Departments", access: .needs(.departments, .write), parameters: [DepartmentRoutes.name],
                body: .json(
                    Schema.input(
                        ["wishes": Schema.digest],
                        optional: [
                            "granted": Schema.anyObject, "allow_any_host": Schema.boolean, "by": Schema.by,
                        ]), example: ["wishes": .string(String(repeating: "0", count: 64))]),
                answers: [.ok("The grant", Schema.grant)]
            ).forOperators()
        ) { try await enable($0) }
        api.add(
            Operation(
                "departments.disable", .post, "/departments/{name}/disable", "It takes no new work",
                tag: "Departments", access: .needs(.departments, .write), parameters: [DepartmentRoutes.name],
                body: .json(
                    Schema.input(optional: ["revoke": Schema.boolean, "by": Schema.by]), missing: [:],
                    example: ["revoke": false]),
                answers: [
                    .ok(
                        "So; with revoke the grant that was taken back",
                        [
                            "anyOf": [
                                Schema.grant,
                                Schema.answer(["name": Schema.string, "enabled": Schema.boolean]),
                            ]
                        ])
                ]
            ).forOperators()
        ) { try await disable($0) }
    }

    /// `wishes` is what the operator saw: a plugin that asks for something else by now is not granted it.
    private func enable(_ call: APICall) async throws -> Response {
        let granted: Manifest.Wants?
        do throws(ManifestError) {
            granted = try call.body["granted"].map { wants throws(ManifestError) in try Manifest.Wants(json: wants) }
        } catch {
            throw Problem(.unprocessableContent, "invalid_input", "granted: \(error.description)")
        }
        let record = try await runtime.grant(
            call.text("name"), wishes: call.body["wishes"]?.stringValue.flatMap(Digest.init(hex:)), granted: granted,
            allowsAnyHost: call.body["allow_any_host"]?.boolValue ?? false, by: call.by)
        return Response.json(record.json)
    }

    private func disable(_ call: APICall) async throws -> Response {
        let name = call.text("name")
        if call.body["revoke"]?.boolValue == true {
            return Response.json(try await runtime.revoke(name, by: call.by).json)
        }
        try await runtime.setDepartment(name, enabled: false)
        return Response.json(["name": .string(name), "enabled": false])
    }
}
