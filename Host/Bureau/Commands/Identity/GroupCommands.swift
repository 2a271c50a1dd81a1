import ArgumentParser
import Engine
import Identity
import Journal
import Kernel
import Server

struct RolesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "roles", abstract: "Roles: what they give, and roles of one's own.",
        discussion: """
            Every department has NAME_reader, NAME_user and NAME_operator besides those that are listed: life_user may
            run tasks of the department life, and no others.
            """,
        subcommands: [List.self, Show.self, Add.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let own = try await HostSession.ask(store) { journal throws(JournalError) in try journal.roles(.all) }
            let terminal = Terminal.standard
            guard !output.json else {
                let list = Role.presets.map { $0.json(nil) } + own.map { $0.role.json($0) }
                return terminal.line(JSONValue.object(["roles": .array(list)]).serialized())
            }
            var table = Table("role", "tenant", "based on", "what it gives")
            for role in Role.presets {
                table.add(role.name, "", role.parents.joined(separator: " "), role.summary)
            }
            for record in own {
                table.add(
                    record.role.name, record.tenant ?? "(all)", record.role.parents.joined(separator: " "),
                    record.role.summary)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows all that a role gives.")
        @Argument(help: "Its name.") var role: String
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let own: [RoleRecord] =
                Role.preset(role) == nil
                ? try await HostSession.ask(store) { journal throws(JournalError) in try journal.roles(.all) } : []
            let record = own.first { $0.role.name == role }
            guard let found = Role.preset(role) ?? record?.role else {
                throw CommandFailure(.notFound, "there is no role \"\(role.printable)\"")
            }
            let book = RoleBook(own.filter { $0.tenant == nil || $0.tenant == record?.tenant }.map(\.role))
            let scopes = book.scopes(of: [found.name]).map(\.description).sorted()
            guard !output.json else {
                var members = found.json(record).objectValue ?? [:]
                members["gives"] = .array(scopes.map { .string($0) })
                return Terminal.standard.line(JSONValue.object(members).serialized())
            }
            Terminal.standard.line("\(found.name): \(found.summary)")
            scopes.forEach { Terminal.standard.line("  \($0)") }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a role, or changes it for all who have it.")
        @Argument(help: "Its name.") var name: String
        @Option(help: "Scopes, with commas between them.") var scopes = ""
        @Option(name: .customLong("based-on"), help: "A role whose rights it has too; may be repeated.")
        var parents: [String] = []
        @Option(help: "What it is for.") var summary = ""
        @Option(help: "Whose role it is (default: of all tenants).") var tenant: String?
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let role = Role(
                name, summary, parents: parents, scopes: try IdentityPlace.scopes(scopes).sorted())
            let tenant = tenant
            _ = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                try await desk.set(role, tenant: tenant, by: IdentityPlace.caller)
            }
            Terminal.standard.line(name)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a role that nobody has.")
        @Argument(help: "Its name.") var name: String
        @Option(help: "Whose role it is (default: of all tenants).") var tenant: String?
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (name, tenant) = (name, tenant)
            try await IdentityPlace.change(store) { desk throws(IdentityError) in
                try await desk.removeRole(name, tenant: tenant, by: IdentityPlace.caller)
            }
        }
    }
}

struct TenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants", abstract: "Companies, or parts of one, that see nothing of each other.",
        subcommands: [List.self, Add.self, Close.self, Open.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let tenants = try await HostSession.ask(store) { journal throws(JournalError) in try journal.tenants(.all) }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["tenants": .array(tenants.map(\.json))]).serialized())
            }
            var table = Table("tenant", "title", "state")
            for tenant in tenants { table.add(tenant.name, tenant.title, tenant.isOpen ? "open" : "closed") }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a tenant, or gives it another title.")
        @Argument(help: "Its name.") var name: String
        @Option(help: "What people call it.") var title = ""
        @OptionGroup var store: StoreOptions
        func run() async throws { try await TenantsCommand.set(name, title: title, isOpen: nil, store) }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Nobody of the tenant can do anything.")
        @Argument(help: "Its name.") var name: String
        @OptionGroup var store: StoreOptions
        func run() async throws { try await TenantsCommand.set(name, title: nil, isOpen: false, store) }
    }

    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The tenant's people are let in again.")
        @Argument(help: "Its name.") var name: String
        @OptionGroup var store: StoreOptions
        func run() async throws { try await TenantsCommand.set(name, title: nil, isOpen: true, store) }
    }

    /// - Parameter title: nil: of one that must be there.
    private static func set(
        _ name: String, title: String?, isOpen: Bool?, _ store: StoreOptions
    ) async throws(CommandFailure) {
        let by = Environment.user
        let record = try await HostSession.change(store) { journal throws(JournalError) -> TenantRecord in
            let known = try journal.tenants(.one(name)).first
            if known == nil, title == nil { throw JournalError(.notFound, "there is no tenant \"\(name)\"") }
            let record = TenantRecord(
                name: name, title: title ?? known?.title ?? "", isOpen: isOpen ?? known?.isOpen ?? true,
                createdAt: journal.now, createdBy: by)
            try journal.tenantSet(record, by: by)
            return record
        }
        Terminal.standard.line("\(record.name): \(record.isOpen ? "open" : "closed")")
    }
}

struct TeamsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teams", abstract: "Teams: whose runs a manager sees.",
        subcommands: [List.self, Add.self, Remove.self, SetMembers.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists teams with their people.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (teams, accounts) = try await HostSession.ask(store) { journal throws(JournalError) in
                (try journal.teams(.all), try journal.accounts(.all))
            }
            let people = { (team: TeamRecord) in
                accounts.filter { $0.tenant == team.tenant && $0.teams.contains(team.name) }.map(\.name)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                let list = teams.map { $0.json(members: people($0)) }
                return terminal.line(JSONValue.object(["teams": .array(list)]).serialized())
            }
            var table = Table("team", "tenant", "title", "people")
            for team in teams {
                table.add(team.name, team.tenant, team.title, people(team).joined(separator: " "))
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a team, or gives it another title.")
        @Argument(help: "Its name.") var name: String
        @Option(help: "What people call it.") var title = ""
        @Option(help: "Whose team it is.") var tenant = "default"
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user, (name, title, tenant) = (name, title, tenant)
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.teamSet(
                    TeamRecord(tenant: tenant, name: name, title: title, createdAt: journal.now, createdBy: by), by: by)
            }
            Terminal.standard.line(name)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a team; its people stay.")
        @Argument(help: "Its name.") var name: String
        @Option(help: "Whose team it is.") var tenant = "default"
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user, (name, tenant) = (name, tenant)
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.teamRemove(name, tenant: tenant, by: by)
            }
        }
    }

    struct SetMembers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "assign", abstract: "Puts a user into these teams and no others.")
        @Argument(help: "E-mail address.") var email: String
        @Argument(help: "Teams.") var teams: [String] = []
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (email, teams) = (email, teams)
            _ = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                let account = try await IdentityPlace.user(email, desk)
                return try await desk.change(account.id, AccountWish(teams: teams), by: IdentityPlace.caller)
            }
        }
    }
}

struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "Who is signed in.", subcommands: [List.self, Revoke.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists open sessions.")
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (sessions, accounts) = try await HostSession.ask(store) { journal throws(JournalError) in
                (try journal.sessions(.all, open: true), try journal.accounts(.all))
            }
            let names = Dictionary(accounts.map { ($0.id, $0.name) }) { $1 }, terminal = Terminal.standard
            let rule = SessionRule.usual, now = SystemClock.now()
            let open = sessions.filter { rule.isAlive(began: $0.createdAt, used: $0.refreshedAt, at: now) }
            guard !output.json else {
                let list = open.map { session in
                    session.json(
                        owner: names[session.account], isCurrent: false,
                        until: rule.end(began: session.createdAt, used: session.refreshedAt))
                }
                return terminal.line(JSONValue.object(["sessions": .array(list)]).serialized())
            }
            var table = Table("session", "user", "since", "refreshed", "network", "client")
            for session in open {
                table.add(
                    session.id.description, names[session.account] ?? "?", session.createdAt.timestamp,
                    session.refreshedAt.timestamp, session.client.network, session.agent)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a session: its tokens are good no more.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var store: StoreOptions

        func run() async throws {
            guard let session = RunID(id) else {
                throw CommandFailure(.notFound, "there is no session \(id.printable)")
            }
            try await IdentityPlace.change(store) { desk throws(IdentityError) in
                try await desk.end(session: session, because: "revoked", by: IdentityPlace.caller)
            }
            Terminal.standard.line("revoked")
        }
    }
}
