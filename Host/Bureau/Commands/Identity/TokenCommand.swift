import ArgumentParser
import Engine
import Identity
import Journal
import Kernel
import Server

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Tokens for scripts, and the keys that sign them.",
        subcommands: [Mint.self, Keys.self])

    struct Mint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes an access token for a user, with these scopes and no more.",
            discussion: "bureau token mint admin@example.com --scopes admin.*,life.read,runs.write --expires 1h")

        @Argument(help: "E-mail address, or a service's name.") var account: String
        @Option(help: "Scopes, with commas between them.") var scopes: String
        @Option(help: "How long it is good: 90s, 15m, 1h, 30d.") var expires = "1h"
        @Option(help: "The tenant of a service.") var tenant = "default"
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let scopes = try IdentityPlace.scopes(scopes), seconds = try IdentityPlace.seconds(expires)
            let (name, tenant) = (account, tenant)
            let made = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                let owner = try await IdentityPlace.account(name, tenant: tenant, desk)
                return try await desk.mint(
                    for: owner.id, scopes: scopes, seconds: seconds, by: IdentityPlace.caller)
            }
            Terminal.standard.line(
                output.json ? made.claims.json(token: made.token).serialized() : made.token)
        }
    }

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The keys that sign tokens.", subcommands: [List.self, Rotate.self], defaultSubcommand: List.self)

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Lists them, with their age.")

            @OptionGroup var store: StoreOptions
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let keys = try await HostSession.ask(store) { journal throws(JournalError) in
                    try journal.signingKeys()
                }
                let now = SystemClock.now(), terminal = Terminal.standard
                guard !output.json else {
                    let list = keys.map { $0.json(at: now) }
                    return terminal.line(JSONValue.object(["keys": .array(list)]).serialized())
                }
                var table = Table("kid", "algorithm", "state", "active from", "age in days")
                for key in keys {
                    let days = (now.unixMilliseconds - key.madeAt.unixMilliseconds) / 86_400_000
                    table.add(
                        key.id, key.algorithm, key.state(at: now), key.activeAt.timestamp, String(days))
                }
                table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            }
        }

        struct Rotate: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "A new key that signs; tokens of the others stay good until they expire.",
                discussion: "With --immediate nothing that was signed before is good: everybody signs in again.")

            @Flag(help: "For an emergency: withdraw all others at once.") var immediate = false
            @OptionGroup var store: StoreOptions
            @OptionGroup var output: OutputOptions

            func run() async throws {
                let immediate = immediate
                let record = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                    try await desk.ring.rotate(isImmediate: immediate, at: desk.now, by: Environment.user)
                }
                Terminal.standard.line(
                    output.json ? record.json(at: SystemClock.now()).serialized() : record.id)
            }
        }
    }
}

struct APIKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys", abstract: "Keys by which programs use this host's API.",
        subcommands: [List.self, Create.self, Revoke.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them, never the keys themselves.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (keys, accounts) = try await HostSession.ask(store) { journal throws(JournalError) in
                (try journal.apiKeys(.all), try journal.accounts(.all))
            }
            let names = Dictionary(accounts.map { ($0.id, $0.name) }) { $1 }, terminal = Terminal.standard
            guard !output.json else {
                let list = keys.map { $0.json(owner: names[$0.account]) }
                return terminal.line(JSONValue.object(["keys": .array(list)]).serialized())
            }
            var table = Table("id", "owner", "title", "scopes", "last used", "state")
            for key in keys {
                let state = key.isValid(at: SystemClock.now()) ? "valid" : key.revokedAt == nil ? "expired" : "revoked"
                table.add(
                    key.id, names[key.account] ?? "?", key.title,
                    key.scopes?.map(\.description).joined(separator: " ") ?? "(all of its owner)",
                    key.usedAt?.timestamp ?? "never", state)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a key, and writes it, this once.")

        @Argument(help: "E-mail address, or a service's name; a service that is not there is made.")
        var account: String
        @Option(help: "Scopes, with commas between them (default: all that the account may).") var scopes: String?
        @Option(help: "How long it is good: 90s, 15m, 1h, 30d (default: until it is revoked).") var expires: String?
        @Option(help: "What it is for.") var title = ""
        @Option(help: "The tenant of a service.") var tenant = "default"
        @Option(help: "A role of a service that is made; may be repeated.") var role: [String] = []
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let scopes = try scopes.map(IdentityPlace.scopes), seconds = try expires.map(IdentityPlace.seconds)
            let (name, tenant, title, role) = (account, tenant, title, role)
            let made = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                let caller = IdentityPlace.caller
                if !name.contains("@"), !role.isEmpty {
                    if tenant == "default" { try await desk.ensureTenant(tenant, by: caller) }
                    _ = try await desk.add(
                        NewAccount(kind: .service, tenant: tenant, name: name, roles: role), by: caller)
                }
                let owner = try await IdentityPlace.account(name, tenant: tenant, desk)
                return try await desk.addKey(
                    of: owner.id, title: title, scopes: scopes,
                    expiresAt: seconds.map { desk.now.advanced(byMilliseconds: $0 * 1_000) }, by: caller)
            }
            guard output.json else { return Terminal.standard.line(made.key) }
            var members = made.record.json(owner: name).objectValue ?? [:]
            members["key"] = .string(made.key)
            Terminal.standard.line(JSONValue.object(members).serialized())
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revokes a key.")
        @Argument(help: "Its id: what stands in it between its underscores.") var id: String
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let id = id
            _ = try await IdentityPlace.change(store) { desk throws(IdentityError) in
                try await desk.revokeKey(id, by: IdentityPlace.caller)
            }
            Terminal.standard.line("revoked")
        }
    }
}
