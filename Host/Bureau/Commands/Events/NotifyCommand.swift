import ArgumentParser
import Engine
import Gateway
import Glibc
import Journal
import Kernel
import Server

struct NotifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notify", abstract: "Channels by which people are told, while bureau serve runs.",
        discussion: """
            By mail (smtp), to Slack and what speaks like it, or to a signed webhook: when somebody is asked to \
            decide, a run was parked, or a budget is used up. Each event is told once for each channel, tried again by \
            schedule, and then a dead letter (bureau events dlq). What a run is about is left out where its class is \
            above the \
            channel's clearance (classification.webhooks of the policy). A gateway for text messages (sms) is asked \
            for codes. Receivers without TLS or inside the network need --allow-plain-http and --allow-private-host.
            """,
        subcommands: [List.self, Set.self, Test.self, Attempts.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them, without secrets.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let channels = try await HostSession.ask(store) { journal throws(JournalError) in
                try journal.notificationChannels()
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["channels": .array(channels.map(\.json))]).serialized())
            }
            var table = Table("channel", "kind", "state", "to", "filter")
            for channel in channels {
                table.add(
                    channel.name, channel.way.kind, channel.disabledReason ?? "on", channel.receiver,
                    channel.way.kind == "sms" ? "" : channel.filter.json.serialized())
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes or changes a channel.",
            discussion: """
                A password of a mail server (with --user), and the address of Slack's kind, are read from standard \
                input, so that no shell remembers them. Of a new webhook, or another url, the secret is printed, once.
                """)

        private static let maximumBytes = 64 << 10

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "smtp, slack, webhook or sms.")
        var kind: String

        @Option(help: "Where messages go: of a webhook, or a gateway for text messages.")
        var url: String?

        @Option(help: "The mail server.")
        var host: String?

        @Option(help: "Its port (default: 587, or 465 with --security tls).")
        var port: Int?

        @Option(help: "Of mail: tls, starttls (default) or none.")
        var security: String?

        @Option(help: "Who signs in at the mail server; the password is read from standard input.")
        var user: String?

        @Option(help: "The sender's address.")
        var from: String?

        @Option(help: "An address that gets the mail; several are named one after the other.")
        var to: [String] = []

        @Option(help: "Where people find this host, for links: https://bureau.example.org")
        var baseURL: String?

        @OptionGroup var filter: FilterOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let secret = user != nil || (kind == "slack" && url == nil) ? try Self.secret() : nil
            var members: [String: JSONValue] = ["kind": .string(kind)]
            members["url"] = (kind == "slack" ? url ?? secret : url).map { .string($0) }
            members["host"] = host.map { .string($0) }
            members["port"] = port.map { .integer(Int64($0)) }
            members["security"] = security.map { .string($0) }
            members["user"] = user.map { .string($0) }
            members["from"] = from.map { .string($0) }
            if !to.isEmpty { members["to"] = .array(to.map { .string($0) }) }
            members["base_url"] = baseURL.map { .string($0) }
            let said = try filter.filter(), settings = JSONValue.object(members)
            let (channel, made) = try await NotifyCommand.desk(store) { desk throws(EngineError) in
                try await desk.set(
                    name, settings: settings, filter: said == EventFilter() ? nil : said,
                    secret: kind == "slack" ? nil : secret, by: Environment.user)
            }
            var json = channel.json.objectValue ?? [:]
            json["secret"] = made.map { .string($0) }
            Terminal.standard.line(
                output.json
                    ? JSONValue.object(json).serialized()
                    : made.map { "\(name) is set; its secret is \($0)" } ?? "\(name) is set")
        }

        private static func secret() throws -> String {
            if isatty(STDIN_FILENO) == 1 { Terminal.standard.note("type the secret, then Enter and Ctrl-D") }
            switch FilePath.read(STDIN_FILENO, name: "standard input", maximumBytes: maximumBytes) {
            case .success(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                return String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
            case .failure(let problem): throw CommandFailure(.badInput, problem.text)
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a message that no event stands behind.", discussion: "Works beside a serving host.")

        @Argument(help: "The channel.")
        var name: String

        @OptionGroup var options: HostOptions

        func run() async throws {
            let channels = try await HostSession.ask(options.storage) { journal throws(JournalError) in
                try journal.notificationChannels()
            }
            guard let channel = channels.first(where: { $0.name == name }) else {
                throw CommandFailure(.notFound, "there is no channel \"\(name)\"")
            }
            let fetcher = Fetcher(FetchSettings(plainHosts: options.plainHosts, privateHosts: options.privateHosts))
            defer { fetcher.close() }
            let post = NotificationPost(
                vault: ModelSetup.vault(storeFolder: options.storage.folder), fetcher: fetcher,
                clock: { SystemClock.now() })
            switch await post.test(channel) {
            case .success(let status) where channel.way.kind == "smtp" || (200..<300).contains(status):
                Terminal.standard.line("\(name) took it (\(status))")
            case .success(let status): throw CommandFailure(.runFailed, "\(name) answered \(status)")
            case .failure(let failure): throw CommandFailure(.runFailed, failure.message.printable)
            }
        }
    }

    struct Attempts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the newest tries, newest first.")

        @Argument(help: "The channel.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let attempts = try await HostSession.ask(store) { [name] journal throws(JournalError) in
                try journal.notificationAttempts(name, limit: NotificationAttempt.keptPerChannel)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["attempts": .array(attempts.map(\.json))]).serialized())
            }
            RecordTables.attempts(attempts.map(\.json)).show(terminal)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes one, with its secret.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            try await NotifyCommand.desk(store) { desk throws(EngineError) in
                try await desk.remove(name, by: Environment.user)
            }
            Terminal.standard.line("\(name) is removed")
        }
    }

    fileprivate static func desk<Value>(
        _ options: StoreOptions, _ body: (NotificationDesk) async throws(EngineError) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await HostSession.writing(options)
        let desk = NotificationDesk(
            journal: journal, vault: ModelSetup.vault(storeFolder: options.folder), clock: { SystemClock.now() })
        do {
            let value = try await body(desk)
            await journal.close()
            return value
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }
}

extension NotificationChannel {
    fileprivate var receiver: String {
        switch way {
        case .mail(let mail): "\(mail.to.map(\.description).joined(separator: ", ")) by \(mail.host):\(mail.port)"
        case .slack(let origin): origin
        case .webhook(let url), .sms(let url): url
        }
    }
}
