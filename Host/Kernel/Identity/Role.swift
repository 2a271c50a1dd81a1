/// A bundle of rights with a name. It has its own scopes and those of all roles that it is based on.
package struct Role: Hashable, Sendable {
    package static let maximumParents = 16
    package static let maximumScopes = 256

    package var name: String
    package var summary: String
    /// Roles whose rights it has too.
    package var parents: [String]
    package var scopes: [Scope]

    package init(_ name: String, _ summary: String, parents: [String] = [], scopes: [Scope]) {
        self.name = name
        self.summary = summary
        self.parents = parents
        self.scopes = scopes
    }

    /// - Precondition: the scopes stand in this program.
    private init(_ name: String, _ summary: String, parents: [String] = [], _ scopes: String) {
        self.init(name, summary, parents: parents, scopes: Self.scopes(scopes))
    }

    private static func scopes(_ words: String) -> [Scope] {
        words.split(separator: " ").map { word in
            guard let scope = Scope(String(word)) else { preconditionFailure("\(word) is no scope") }
            return scope
        }
    }

    /// The roles that come with the program, by name. Nobody changes them: a role of one's own can be based on them.
    package static let presets: [Role] = [
        Role(
            "admin", "Everything in the tenant, users and their rights too: read:*, write:*, execute:* and the rest.",
            "*.*"),
        Role("analyst", "Reads decisions and analytics.", "read:decisions read:analytics"),
        Role("auditor", "Reads decisions and the audit log.", "read:decisions read:audit_logs"),
        Role(
            "decision_maker", "Asks for decisions, and makes them.",
            "read:decisions write:decisions execute:decisions"),
        Role(
            "developer", "Executes agents, and sees what became of it.", parents: ["user"],
            "agents.execute departments.execute plans.execute models.execute events.read_own"),
        Role(
            "executive", "Sees how the company does: costs, measures and decisions, never the content of a run.",
            "costs.read analytics.read metrics.read decisions.read"),
        Role(
            "manager", "Approves content, and leads teams: sees and stops what their people started.",
            parents: ["developer"],
            """
            approvals.read approvals.approve runs.read_team runs.write_team teams.read teams.write_team \
            users.read_team costs.read budgets.read schedules.read events.read_team
            """),
        Role(
            "user", "Sees what there is, and their own runs.",
            """
            departments.read agents.read runs.read_own runs.write_own artifacts.read_own approvals.read_own \
            life.read
            """),
    ]

    private static let presetsByName = Dictionary(
        presets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    package static func preset(_ name: String) -> Role? { presetsByName[name] ?? ofDepartment(name) }

    /// `life_reader`, `life_user` and `life_operator`, for every department by its name: what a department is called
    /// is known only where it is.
    private static func ofDepartment(_ name: String) -> Role? {
        for (suffix, summary, parents, verbs) in departmentRoles where name.hasSuffix(suffix) {
            let department = String(name.dropLast(suffix.utf8.count))
            // A department that is called like a resource of the host would give rights over the host.
            guard Resource.isDepartment(department), department != Scope.any else { return nil }
            let scopes = verbs.compactMap { Scope("\(department).\($0)") }
            guard scopes.count == verbs.count else { return nil }
            return Role(
                name, "\(summary) the department \(department).", parents: parents.map { department + $0 },
                scopes: scopes + Role.scopes("departments.read agents.read runs.read_own runs.write_own"))
        }
        return nil
    }

    private static let departmentRoles: [(String, String, [String], [String])] = [
        ("_reader", "Sees", [], ["read"]), ("_user", "Runs tasks of", ["_reader"], ["read", "execute"]),
        ("_operator", "Runs and changes", ["_user"], ["read", "execute", "write"]),
    ]
}

extension Principal {
    /// Whether the caller may run tasks of a department: of all, or of this one.
    package func mayRun(department: String) -> Bool {
        if may(.agents, .execute) { return true }
        guard Resource.isDepartment(department) else { return false }
        return Permission("\(department).\(Verb.execute.rawValue)").map(may) ?? false
    }

    /// Whether there can be a department whose tasks the caller may run.
    package var mayRunSome: Bool {
        may(.agents, .execute)
            || scopes.contains {
                [Verb.execute.rawValue, Scope.any].contains($0.verb) && Resource.isDepartment($0.resource)
            }
    }
}
