import ArgumentParser
import Engine
import Glibc
import HostConfiguration
import Identity
import Journal
import Kernel

/// Accounts, from the command line: whoever can write the store's folder may do everything with it.
enum IdentityPlace {
    static let caller = Principal.local(name: Environment.user)

    /// A desk over the store, without a host.
    static func change<Value: Sendable>(
        _ store: StoreOptions, _ body: (IdentityDesk) async throws(IdentityError) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await HostSession.writing(store)
        do throws(IdentityError) {
            let desk = try await open(journal, store)
            let value = try await body(desk)
            await desk.close()
            await journal.close()
            return value
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }

    static func open(_ journal: any JournalStore, _ store: StoreOptions) async throws(IdentityError) -> IdentityDesk {
        try await IdentityDesk.open(
            journal: journal, files: IdentityFiles(storeFolder: store.folder), settings: try settings(),
            clock: { SystemClock.now() }, by: Environment.user)
    }

    /// What the environment says of how people are let in, under the names that operators know.
    static func settings() throws(IdentityError) -> IdentitySettings {
        var settings = IdentitySettings()
        settings.sharedSecret = Environment.value("JWT_SECRET").map { Array($0.utf8) }
        settings.previousSecret = Environment.value("JWT_SECRET_PREVIOUS").map { Array($0.utf8) }
        settings.modes.requiresKey = try flag("API_KEY_REQUIRED") ?? false
        settings.modes.takesTokens = try flag("JWT_AUTH_ENABLED") ?? true
        if let minutes = Environment.value("ACCESS_TOKEN_EXPIRE_MINUTES") {
            guard let number = Int64(minutes), (1...1_440).contains(number) else {
                throw IdentityError(.invalid, "ACCESS_TOKEN_EXPIRE_MINUTES is a number from 1 to 1440")
            }
            settings.accessSeconds = number * 60
        }
        return settings
    }

    private static func flag(_ name: String) throws(IdentityError) -> Bool? {
        guard let text = Environment.value(name)?.lowercased() else { return nil }
        guard let value = SettingKind.flags[text] else {
            throw IdentityError(.invalid, "\(name) is true or false, not \"\(text)\"")
        }
        return value
    }

    /// From standard input, so that neither a shell nor a list of processes shows it; not shown while it is typed.
    static func readPassword(_ prompt: String) throws(CommandFailure) -> String {
        try Prompt.secret(prompt, fromInput: isatty(STDIN_FILENO) == 0)
    }

    static func scopes(_ words: String) throws(CommandFailure) -> Set<Scope> {
        var scopes: Set<Scope> = []
        for word in words.split(separator: ",") {
            guard let scope = Scope(String(word)) else {
                throw CommandFailure(
                    .badInput, "\"\(String(word).printable)\" is no scope: write runs.read or read:runs")
            }
            scopes.insert(scope)
        }
        return scopes
    }

    private static let maximumSeconds: Int64 = 1_000_000 * 86_400

    /// `90s`, `15m`, `1h`, `30d`.
    static func seconds(_ text: String) throws(CommandFailure) -> Int64 {
        guard let seconds = DurationText.milliseconds(text).map({ $0 / 1_000 }), seconds > 0, seconds < maximumSeconds
        else { throw CommandFailure(.usage, "\"\(text.printable)\" is no time: write 90s, 15m, 1h or 30d") }
        return seconds
    }

    static func user(
        _ email: String, _ desk: IdentityDesk
    ) async throws(IdentityError) -> AccountRecord { try await desk.user(named: email, seenBy: caller) }

    /// A user's e-mail, or a service's name with its tenant.
    static func account(
        _ name: String, tenant: String, _ desk: IdentityDesk
    ) async throws(IdentityError) -> AccountRecord {
        if name.contains("@") { return try await user(name, desk) }
        let found = try await desk.read { journal throws(JournalError) in
            try journal.service(named: name, tenant: tenant)
        }
        guard let found else { throw IdentityError(.notFound, "there is no service \"\(name)\" in tenant \(tenant)") }
        return found
    }
}

extension CommandFailure {
    init(_ error: IdentityError) {
        let status: ExitStatus =
            switch error.code {
            case .notFound: .notFound
            case .invalid, .mustChangePassword: .badInput
            case .conflict, .forbidden, .unauthenticated, .locked: .usage
            case .busy, .storage, .full: .storeUnavailable
            }
        self.init(status, error.message)
    }
}

struct SecretCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Makes secrets.", subcommands: [Generate.self])

    struct Generate: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "gen", abstract: "256 random bits in hexadecimal, as JWT_SECRET wants them.")

        func run() {
            Terminal.standard.line(Hex.encode(SystemClock.randomBytes(count: 32)))
        }
    }
}
