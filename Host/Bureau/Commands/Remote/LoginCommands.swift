import ArgumentParser
import Engine
import Glibc
import Kernel

struct LoginCommand: AsyncParsableCommand, WorksWithoutSettings {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Logs in to a host that serves, and asks it from then on.",
        discussion: """
            Status, agents, departments, runs, jobs, execute, approvals, budget, costs, schedules and events then ask
            that host instead of the store; --context local, --store or bureau contexts use local asks the store again.
            Tokens are kept in contexts.json under $XDG_CONFIG_HOME/bureau, mode 0600, and renewed by themselves.
            """)

    @Argument(help: "Where it serves, as https://bureau.example.com.")
    var url: String

    @Option(help: "E-mail address (default: asked for).")
    var email: String?

    @Flag(help: "Read the password from standard input, one line.")
    var passwordStdin = false

    @Flag(help: "Log in with an API key: asked for, or one line of standard input.")
    var apiKey = false

    @Option(help: "What the login is called (default: the address's host).")
    var name: String?

    @Option(help: ArgumentHelp("Certificates to trust instead of the system's.", valueName: "file"))
    var caFile: String?

    @Flag(help: "DANGEROUS: send the password without TLS to another machine.")
    var allowPlainHTTP = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let url = RemoteOptions.trimmed(self.url)
        var context = HostContext(url: url, certificateFile: caFile.map(FilePath.absolute))
        let probe = try HostClient(context)
        guard url.hasPrefix("https://") || HostClient.isLoopback(url) || allowPlainHTTP else {
            throw CommandFailure(
                .usage, "\(url) has no TLS: a password sent there may be read on the way; use https://")
        }
        let name = name ?? Self.name(of: url)
        guard name != RemoteOptions.local, !name.isEmpty else {
            throw CommandFailure(.usage, "a login cannot be called \"\(name)\": give it a --name")
        }
        if apiKey {
            context.key = try Prompt.secret("API key", fromInput: isatty(STDIN_FILENO) == 0)
        } else {
            try await password(&context, probe)
        }
        let me = try await Self.whoami(context)
        context.user = me?.text("email").nonEmpty ?? me?.text("name").nonEmpty ?? context.user
        try await HostContexts.change { [context] contexts in
            contexts.all[name] = context
            contexts.current = name
        }
        let terminal = Terminal.standard
        if output.json {
            let user = context.user.map { JSONValue.string($0) } ?? .null
            return terminal.line(
                JSONValue.object(["context": .string(name), "url": .string(url), "user": user]).serialized())
        }
        terminal.line("logged in to \(url) as \((context.user ?? "its caller").printable); the context is \(name)")
    }

    private func password(_ context: inout HostContext, _ client: HostClient) async throws {
        let email = try email ?? Prompt.line("E-mail")
        let password = try Prompt.secret("Password", fromInput: passwordStdin)
        let json = try await SignIn(client: client, email: email).tokens(password: password)
        context.user = email
        context.take(json, now: SystemClock.now())
    }

    /// Nil where the host knows no users.
    static func whoami(_ context: HostContext) async throws(CommandFailure) -> JSONValue? {
        do {
            return try await HostClient(context).get("/auth/me")
        } catch {
            guard error.status == .notFound else { throw error }
            return nil
        }
    }

    /// `bureau.example.com` of `https://bureau.example.com:8443/`.
    static func name(of url: String) -> String {
        let authority = url.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "/" }
        return String(authority.prefix { $0 != ":" }.filter { $0 != "[" && $0 != "]" })
    }
}

extension String {
    var nonEmpty: String? { isEmpty ? nil : self }
}

struct LogoutCommand: AsyncParsableCommand, WorksWithoutSettings {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Ends a login: the host forgets the session, this machine the tokens.")

    @Argument(help: "The login's name (default: the current one).")
    var name: String?

    func run() async throws {
        let contexts = try HostContexts.read()
        guard let name = name ?? contexts.current else { throw CommandFailure(.notFound, "nobody is logged in") }
        let context = try contexts.named(name)
        let terminal = Terminal.standard
        if context.accessToken != nil {
            do {
                _ = try await HostClient(context, named: name).send("POST", "/auth/logout", [:])
            } catch {
                // Forgotten here in any case; the session ends there by itself.
                terminal.note("bureau: \(error.lines.first ?? "the host did not answer")")
            }
        }
        try await HostContexts.change { contexts in
            contexts.all[name] = nil
            if contexts.current == name { contexts.current = nil }
        }
        terminal.line("logged out of \(context.url)")
    }
}

struct WhoAmICommand: AsyncParsableCommand, WorksWithoutSettings {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Shows whom a host takes this command for.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let host = try remote.host()
        let me = try await host.get("/auth/me")
        let terminal = Terminal.standard
        guard !output.json else { return terminal.line(me.serialized()) }
        let who = me.text("email").nonEmpty ?? me.text("name").nonEmpty ?? me.text("id")
        terminal.line("\(who.printable) at \(host.url)")
        for (name, title) in [("tenant", "tenant"), ("roles", "roles"), ("scopes", "scopes")] {
            let value = me[name]?.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? me.text(name)
            if !value.isEmpty { terminal.line("\(title)  \(value.printable)") }
        }
    }
}

struct ContextsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contexts", abstract: "Lists logins, and chooses the one that commands ask.",
        subcommands: [List.self, Use.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(abstract: "Lists them; the current one is marked.")

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let contexts = try HostContexts.read()
            let terminal = Terminal.standard
            if output.json {
                let list = contexts.all.sorted { $0.key < $1.key }.map { name, context -> JSONValue in
                    [
                        "name": .string(name), "url": .string(context.url),
                        "user": context.user.map { .string($0) } ?? .null, "current": .bool(name == contexts.current),
                        "logged_in": .bool(context.isLoggedIn),
                    ]
                }
                return terminal.line(JSONValue.object(["contexts": .array(list)]).serialized())
            }
            var table = Table("", "context", "address", "user")
            table.add(contexts.current == nil ? "*" : "", RemoteOptions.local, "the store", "")
            for (name, context) in contexts.all.sorted(by: { $0.key < $1.key }) {
                table.add(name == contexts.current ? "*" : "", name, context.url, context.user ?? "")
            }
            table.show()
        }
    }

    struct Use: AsyncParsableCommand, WorksWithoutSettings {
        static let configuration = CommandConfiguration(abstract: "Makes one the current; local for the store.")

        @Argument(help: "Its name.")
        var name: String

        func run() async throws {
            try await HostContexts.change { [name] contexts in
                if name != RemoteOptions.local { _ = try contexts.named(name) }
                contexts.current = name == RemoteOptions.local ? nil : name
            }
            Terminal.standard.line(name == RemoteOptions.local ? "commands ask the store" : "commands ask \(name)")
        }
    }
}
