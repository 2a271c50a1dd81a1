import ArgumentParser
import Engine
import Identity
import Journal
import Kernel
import Server

struct UsersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "users", abstract: "People who may use this host.",
        discussion: """
            A user has an e-mail address, a tenant and roles (bureau roles list). An operator, made with --operator,
            sees all tenants. Passwords are read from standard input. While a host serves the store, use its API:
            POST /users, PATCH /users/{id}, …
            """,
        subcommands: [
            List.self, Show.self, Add.self, Disable.self, Enable.self, Unlock.self, SetRoles.self, ResetPassword.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists users and service accounts.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (accounts, locks) = try await HostSession.ask(store) { journal throws(JournalError) in
                (try journal.accounts(.all), try journal.lockouts(.all))
            }
            let now = SystemClock.now(), terminal = Terminal.standard
            let until = Dictionary(locks.filter { now < $0.until }.map { ($0.account, $0.until) }) { $1 }
            guard !output.json else {
                let list = accounts.map { $0.json(lockedUntil: until[$0.id]) }
                return terminal.line(JSONValue.object(["users": .array(list)]).serialized())
            }
            var table = Table("name", "kind", "tenant", "roles", "teams", "state")
            for account in accounts {
                let state = !account.isEnabled ? "disabled" : until[account.id] == nil ? "enabled" : "locked"
                table.add(
                    account.name, account.kind.rawValue, account.tenant ?? "(all)",
                    account.roles.joined(separator: " "), account.teams.joined(separator: " "), state)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one user, with what they may.")

        @Argument(help: "E-mail address.")
        var email: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let name = EmailAddress.normalised(email) ?? email
            let (found, roles) = try await HostSession.ask(store) { journal throws(JournalError) in
                (try journal.user(named: name, .all), try journal.roles(.all))
            }
            guard let account = found else {
                throw CommandFailure(.notFound, "there is no user \"\(email.printable)\"")
            }
            let book = RoleBook(roles.filter { $0.tenant == nil || $0.tenant == account.tenant }.map(\.role))
            let scopes = book.scopes(of: account.roles), terminal = Terminal.standard
            guard !output.json else { return terminal.line(account.json(scopes: scopes).serialized()) }
            terminal.line("\(account.name)  \(account.id)  tenant \(account.tenant ?? "(all)")")
            terminal.line("roles: \(account.roles.joined(separator: ", "))")
            if !account.teams.isEmpty { terminal.line("teams: \(account.teams.joined(separator: ", "))") }
            terminal.line("may: \(scopes.map(\.description).sorted().joined(separator: " "))")
            if !account.isEnabled { terminal.line("disabled") }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Adds a user. The password is read from standard input.")

        @Argument(help: "E-mail address.")
        var email: String

        @Option(help: "A role; may be repeated (default: user, for operators admin).")
        var role: [String] = []

        @Option(help: "A team; may be repeated.")
        var team: [String] = []

        @Option(help: "Whose user it is.")
        var tenant = "default"

        @Flag(help: "An operator, over all tenants.")
        var `operator` = false

        @Option(help: "What people call them.")
        var title = ""

        @Flag(help: "A random password that is good for one sign-in, written to the output.")
        var generate = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let typed = generate ? nil : try IdentityPlace.readPassword("password of \(email)")
            let wanted = NewAccount(
                kind: .user, tenant: `operator` ? nil : tenant, name: email, title: title,
                roles: role.isEmpty ? [`operator` ? "admin" : "user"] : role, teams: team,
                clearance: `operator` ? .restricted : .usual,
                password: typed)
            let (account, made) = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                if wanted.tenant == "default" { try await desk.ensureTenant("default", by: IdentityPlace.caller) }
                let account = try await desk.add(wanted, by: IdentityPlace.caller)
                let made =
                    try await typed == nil
                    ? desk.resetPassword(of: account.id, to: nil, by: IdentityPlace.caller) : nil
                return (account, made)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                var members = account.json().objectValue ?? [:]
                members["password"] = made.map { .string($0) }
                return terminal.line(JSONValue.object(members).serialized())
            }
            terminal.line("\(account.name)  \(account.id)")
            if let made { terminal.line("password for the first sign-in: \(made)") }
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Switches a user off: all sessions and tokens end.")
        @Argument(help: "E-mail address.") var email: String
        @OptionGroup var store: StoreOptions
        func run() async throws { try await UsersCommand.set(email, AccountWish(isEnabled: false), store) }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Switches a user on again.")
        @Argument(help: "E-mail address.") var email: String
        @OptionGroup var store: StoreOptions
        func run() async throws { try await UsersCommand.set(email, AccountWish(isEnabled: true), store) }
    }

    struct SetRoles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a user these roles and no others: all sessions and tokens end.")
        @Argument(help: "E-mail address.") var email: String
        @Argument(help: "Roles.") var roles: [String]
        @OptionGroup var store: StoreOptions
        func run() async throws { try await UsersCommand.set(email, AccountWish(roles: roles), store) }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets a user try again who failed too often.")
        @Argument(help: "E-mail address.") var email: String
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let email = email
            let was = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                let account = try await IdentityPlace.user(email, desk)
                return try await desk.unlock(account.id, by: IdentityPlace.caller)
            }
            Terminal.standard.line(was ? "unlocked" : "was not locked")
        }
    }

    struct ResetPassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-password",
            abstract: "Another password: all sessions and tokens end.",
            discussion: "Random and good for one sign-in; or, with --stdin, the one on standard input.")

        @Argument(help: "E-mail address.") var email: String
        @Flag(help: "Read the password from standard input.") var stdin = false
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let email = email, typed = stdin ? try IdentityPlace.readPassword("password of \(email)") : nil
            let password = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                let account = try await IdentityPlace.user(email, desk)
                return try await desk.resetPassword(of: account.id, to: typed, by: IdentityPlace.caller)
            }
            guard typed == nil else { return Terminal.standard.line("set") }
            Terminal.standard.line(
                output.json ? JSONValue.object(["password": .string(password)]).serialized() : password)
        }
    }

    private static func set(
        _ email: String, _ wish: AccountWish, _ store: StoreOptions
    ) async throws(CommandFailure) {
        let account = try await IdentityPlace.change(store) { desk throws(IdentityError) in
            let account = try await IdentityPlace.user(email, desk)
            return try await desk.change(account.id, wish, by: IdentityPlace.caller)
        }
        Terminal.standard.line(
            "\(account.name): \(account.isEnabled ? "enabled" : "disabled"), \(account.roles.joined(separator: " "))")
    }
}
