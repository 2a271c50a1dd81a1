import Kernel
import TestSupport
import Testing

@Suite("Roles and scopes")
struct RoleTests {
    /// Exactly what each role that comes with the program gives.
    private static let table: [String: String] = [
        "admin": "*.*",
        "analyst": "analytics.read decisions.read",
        "auditor": "audit.read decisions.read",
        "decision_maker": "decisions.execute decisions.read decisions.write",
        "developer": """
        agents.execute agents.read approvals.read_own artifacts.read_own departments.execute departments.read \
        events.read_own life.read models.execute plans.execute runs.read_own runs.write_own
        """,
        "executive": "analytics.read costs.read decisions.read metrics.read",
        "manager": """
        agents.execute agents.read approvals.approve approvals.read approvals.read_own artifacts.read_own \
        budgets.read costs.read departments.execute departments.read events.read_own events.read_team life.read \
        models.execute plans.execute runs.read_own runs.read_team runs.write_own runs.write_team schedules.read \
        teams.read teams.write_team users.read_team
        """,
        "user": """
        agents.read approvals.read_own artifacts.read_own departments.read life.read runs.read_own runs.write_own
        """,
        "life_reader": "agents.read departments.read life.read runs.read_own runs.write_own",
        "life_user": "agents.read departments.read life.execute life.read runs.read_own runs.write_own",
        "finance_operator": """
        agents.read departments.read finance.execute finance.read finance.write runs.read_own runs.write_own
        """,
    ]

    private func principal(_ roles: [String], book: RoleBook = RoleBook()) -> Principal {
        Principal(kind: .user, id: "1", name: "ada", tenant: "acme", roles: roles, scopes: book.scopes(of: roles))
    }

    @Test("each role gives exactly what its table says", arguments: table.keys.sorted())
    func presets(name: String) throws {
        let scopes = RoleBook().scopes(of: [name]).map(\.description).sorted().joined(separator: " ")
        #expect(scopes == Self.table[name])
        #expect(Role.presets.allSatisfy { Self.table[$0.name] != nil })
    }

    @Test("who may what: the seeds' own sentences")
    func sentences() {
        let developer = principal(["developer"]), executive = principal(["executive"]), user = principal(["life_user"])
        #expect(developer.may(.agents, .execute) && developer.reach(.runs) == .own)
        #expect(principal(["manager"]).reach(.runs) == .team && principal(["manager"]).may(.approvals, .approve))
        #expect(executive.reach(.runs) == .none && executive.may(.costs, .read))
        #expect(!executive.may(.artifacts, .read) && !executive.may(.agents, .execute))
        #expect(user.mayRun(department: "life") && !user.mayRun(department: "finance"))
        #expect(developer.mayRun(department: "finance") && !principal(["user"]).mayRun(department: "life"))
        let admin = principal(["admin"])
        for resource in Resource.allCases {
            for verb in Verb.allCases { #expect(admin.may(resource, verb)) }
        }
        #expect(!principal(["auditor"]).may(.runs, .read) && principal(["auditor"]).may(.audit, .read))
    }

    @Test("both spellings of both role tables are one scope")
    func spellings() throws {
        #expect(Scope("read:audit_logs") == Scope("audit.read"))
        #expect(Scope("read:*").map { $0.covers(Permission(.decisions, .read)) } == true)
        #expect(Scope("read") == nil && Scope("runs.") == nil && Scope("runs.read.x") == nil && Scope("*.*") != nil)
    }

    @Test(
        "a role that is called like a resource of the host gives nothing over it",
        arguments: [
            "keys_operator", "users_user", "audit_reader", "*_operator", "runs_operator", "x.y_user", "_user",
        ])
    func reserved(name: String) { #expect(Role.preset(name) == nil) }

    @Test("a child has its parents' rights; a cycle, an unknown parent, a preset's name are refused")
    func inheritance() throws {
        let read = try #require(Scope("reports.read")), write = try #require(Scope("reports.write"))
        let base = Role("writer", "", parents: ["analyst"], scopes: [write])
        let child = Role("chief", "", parents: ["writer"], scopes: [read])
        let book = RoleBook([base, child])
        #expect(book.scopes(of: ["chief"]).isSuperset(of: [read, write, try #require(Scope("decisions.read"))]))
        #expect(book.problem(with: child) == nil)
        #expect(book.problem(with: Role("writer", "", parents: ["chief"], scopes: [])) != nil)
        #expect(book.problem(with: Role("self", "", parents: ["self"], scopes: [])) != nil)
        #expect(book.problem(with: Role("x", "", parents: ["nobody"], scopes: [])) != nil)
        for name in ["admin", "life_user", "A", "a b", "a.b", ""] {
            #expect(book.problem(with: Role(name, "", scopes: [])) != nil, "\(name)")
        }
        // Even a store that somebody altered: it ends, and gives what it can.
        let loop = RoleBook([
            Role("a", "", parents: ["b"], scopes: [read]), Role("b", "", parents: ["a"], scopes: [write]),
        ])
        #expect(loop.scopes(of: ["a"]) == [read, write])
        var deep = RoleBook()
        var refused = false
        for number in 0..<20 {
            let role = Role("r\(number)", "", parents: number == 0 ? [] : ["r\(number - 1)"], scopes: [])
            if deep.problem(with: role) != nil { refused = true }
            deep = RoleBook((0...number).map { Role("r\($0)", "", parents: $0 == 0 ? [] : ["r\($0 - 1)"], scopes: []) })
        }
        #expect(refused)
    }

    @Test("what two sets of scopes both cover is what their meeting covers")
    func meeting() throws {
        var random = SplitMix64(seed: TestSeed.next())
        let words = ["a", "b", "*"], verbs = ["read", "write", "*"]
        func some() throws -> Set<Scope> {
            var scopes: Set<Scope> = []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let resource = words.randomElement(using: &random) ?? "a",
                    verb = verbs.randomElement(using: &random) ?? "*"
                scopes.insert(try #require(Scope("\(resource).\(verb)")))
            }
            return scopes
        }
        for _ in 0..<500 {
            let left = try some(), right = try some(), both = left.meet(right)
            for resource in ["a", "b", "c"] {
                for verb in ["read", "write", "go"] {
                    let permission = try #require(Permission("\(resource).\(verb)"))
                    let expected = left.contains { $0.covers(permission) } && right.contains { $0.covers(permission) }
                    #expect(both.contains { $0.covers(permission) } == expected)
                }
            }
        }
    }
}
