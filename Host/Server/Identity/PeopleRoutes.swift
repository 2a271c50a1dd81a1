import Hummingbird
import Identity
import Journal
import Kernel

/// Tenants, teams and roles.
struct PeopleRoutes: Sendable {
    let desk: IdentityDesk

    private static let name: JSONValue = ["type": "string", "minLength": 1, "maxLength": 64]
    private static let title: JSONValue = ["type": "string", "maxLength": 200]
    private static let tenantSchema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": ["title": title, "open": ["type": "boolean"]],
    ]
    private static let teamSchema: JSONValue = [
        "type": "object", "additionalProperties": false, "properties": ["title": title],
    ]
    private static let roleSchema: JSONValue = [
        "type": "object", "required": ["scopes"], "additionalProperties": false,
        "properties": [
            "summary": title,
            "parents": ["type": "array", "maxItems": 16, "items": name],
            "scopes": ["type": "array", "maxItems": 256, "items": name],
        ],
    ]
    private static let object: JSONValue = ["type": "object", "required": ["name"]]

    func add(to api: APIRouter) {
        addTenants(to: api)
        addTeams(to: api)
        addRoles(to: api)
    }

    private func addTenants(to api: APIRouter) {
        api.add(
            Operation(
                "tenants.list", .get, "/tenants", "The tenants that the caller sees", tag: "Identity",
                access: .needs(.tenants, .read), answers: [.ok("By name", ["type": "object", "required": ["tenants"]])])
        ) { call in
            let view = TenantView(call.caller.tenant)
            let tenants = try await ask { journal throws(JournalError) in try journal.tenants(view) }
            return Response.json(["tenants": .array(tenants.map(\.json))])
        }
        api.add(
            Operation(
                "tenants.set", .put, "/tenants/{name}", "Makes a tenant, or changes it: for operators", tag: "Identity",
                access: .needs(.tenants, .write), parameters: [.path("name", "Its name", Self.name)],
                body: .init(schema: Self.tenantSchema, missing: [:]), answers: [.ok("The tenant", Self.object)])
        ) { call in
            guard call.caller.tenant == nil else {
                throw Problem(.notFound, "not_found", "there is no tenant \(call.text("name"))")
            }
            let name = call.text("name"), by = call.by, now = desk.now
            let title = call.body["title"]?.stringValue, isOpen = call.body["open"]?.boolValue
            let tenant = try await desk.changeShared { journal throws(JournalError) -> TenantRecord in
                let known = try journal.tenants(.one(name)).first
                let record = TenantRecord(
                    name: name, title: title ?? known?.title ?? "", isOpen: isOpen ?? known?.isOpen ?? true,
                    createdAt: known?.createdAt ?? now, createdBy: known?.createdBy ?? by)
                try journal.tenantSet(record, by: by)
                return record
            }
            return Response.json(tenant.json)
        }
    }

    private func addTeams(to api: APIRouter) {
        api.add(
            Operation(
                "teams.list", .get, "/teams", "Teams with their people", tag: "Identity", access: .needs(.teams, .read),
                answers: [.ok("By name", ["type": "object", "required": ["teams"]])])
        ) { call in
            let view = TenantView(call.caller.tenant)
            let (teams, accounts) = try await ask { journal throws(JournalError) in
                (try journal.teams(view), try journal.accounts(view))
            }
            let isWide = call.caller.reach(.teams, .read) == .tenant
            let seen = teams.filter { isWide || call.caller.teams.contains($0.name) }
            return Response.json([
                "teams": .array(
                    seen.map { team in
                        team.json(
                            members: accounts.filter { $0.tenant == team.tenant && $0.teams.contains(team.name) }
                                .map(\.name))
                    })
            ])
        }
        api.add(
            Operation(
                "teams.set", .put, "/teams/{name}", "Makes a team, or gives it another title", tag: "Identity",
                access: .needs(.teams, .write), parameters: [.path("name", "Its name", Self.name)],
                body: .init(schema: Self.teamSchema, missing: [:]), answers: [.ok("The team", Self.object)])
        ) { call in
            let name = call.text("name")
            try requireTeam(name, call)
            let team = TeamRecord(
                tenant: call.tenant, name: name, title: call.body["title"]?.stringValue ?? "", createdAt: desk.now,
                createdBy: call.by)
            let by = call.by
            try await desk.changeShared { journal throws(JournalError) in try journal.teamSet(team, by: by) }
            return Response.json(team.json(members: []))
        }
        api.add(
            Operation(
                "teams.remove", .delete, "/teams/{name}", "Removes a team; its people stay", tag: "Identity",
                access: .needs(.teams, .write), parameters: [.path("name", "Its name", Self.name)],
                answers: [.noContent("It is gone")])
        ) { call in
            let name = call.text("name"), tenant = call.tenant, by = call.by
            try requireTeam(name, call)
            try await desk.changeShared { journal throws(JournalError) in
                try journal.teamRemove(name, tenant: tenant, by: by)
            }
            return Response(status: .noContent)
        }
    }

    /// Who may change their teams alone has these, and no others.
    private func requireTeam(_ name: String, _ call: APICall) throws {
        guard call.caller.reach(.teams, .write) == .tenant || call.caller.teams.contains(name) else {
            throw Problem(.notFound, "not_found", "there is no team \(name)")
        }
    }

    private func addRoles(to api: APIRouter) {
        api.add(
            Operation(
                "roles.list", .get, "/roles", "The roles that there are, those that come with the host first",
                tag: "Identity", access: .needs(.roles, .read),
                answers: [.ok("The roles", ["type": "object", "required": ["roles"]])])
        ) { call in
            let view = TenantView(call.caller.tenant)
            let own = try await ask { journal throws(JournalError) in try journal.roles(view) }
            return Response.json([
                "roles": .array(Role.presets.map { $0.json(nil) } + own.map { $0.role.json($0) })
            ])
        }
        api.add(
            Operation(
                "roles.set", .put, "/roles/{name}", "Makes a role, or changes it for all who have it", tag: "Identity",
                access: .needs(.roles, .write), parameters: [.path("name", "Its name", Self.name)],
                body: .init(schema: Self.roleSchema), answers: [.ok("The role", Self.object)]
            ).proved(orService: true)
        ) { call in
            let words = call.body["scopes"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let scopes = words.compactMap { Scope($0) }
            guard scopes.count == words.count else {
                throw Problem(.unprocessableContent, "invalid", "a scope is written resource.verb, such as runs.read")
            }
            let role = Role(
                call.text("name"), call.body["summary"]?.stringValue ?? "",
                parents: call.body["parents"]?.arrayValue?.compactMap(\.stringValue) ?? [], scopes: scopes)
            let record = try await desk.set(role, tenant: roleTenant(call), by: call.caller)
            return Response.json(record.role.json(record))
        }
        api.add(
            Operation(
                "roles.remove", .delete, "/roles/{name}", "Removes a role that nobody has", tag: "Identity",
                access: .needs(.roles, .write), parameters: [.path("name", "Its name", Self.name)],
                answers: [.noContent("It is gone")])
        ) { call in
            try await desk.removeRole(call.text("name"), tenant: roleTenant(call), by: call.caller)
            return Response(status: .noContent)
        }
    }

    /// Operators make roles for all tenants, unless they name one.
    private func roleTenant(_ call: APICall) -> String? {
        call.caller.tenant ?? call.request.headers[.bureauTenant]
    }

    private func ask<Value: Sendable>(
        _ question: @escaping @Sendable (any JournalReading) throws(JournalError) -> Value
    ) async throws -> Value { try await desk.read(question) }
}
