import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct WebhooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "Addresses outside that are told of events, while bureau serve runs.",
        discussion: """
            Messages are signed as Standard Webhooks says, and tried ten times over about three days; then they are \
            dead letters (bureau events dlq). A receiver that answers 410 is told no more. Receivers without TLS or \
            inside the network need --allow-plain-http and --allow-private-host of bureau serve.
            """,
        subcommands: [List.self, Set.self, Rotate.self, Attempts.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let webhooks = try await HostSession.ask(store) { journal throws(JournalError) in try journal.webhooks() }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["webhooks": .array(webhooks.map(\.json))]).serialized())
            }
            var table = Table("webhook", "state", "url", "filter")
            for webhook in webhooks {
                table.add(
                    webhook.name, webhook.disabledReason ?? "on", webhook.url, webhook.filter.json.serialized())
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a webhook and prints its secret, once; or changes one, which is then on again.")

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "Where messages go.")
        var url: String

        @OptionGroup var filter: FilterOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let filter = try filter.filter()
            let (webhook, secret) = try await WebhooksCommand.desk(store) { desk throws(EngineError) in
                try await desk.set(name, url: url, filter: filter, by: Environment.user)
            }
            Terminal.standard.line(
                output.json
                    ? webhook.json(secret: secret).serialized()
                    : secret.map { "\(name) is made; its secret is \($0)" } ?? "\(name) is changed")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives a webhook a new secret and prints it; for a while, messages carry both signatures.")

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "How long the old secret signs too.")
        var overlapSeconds = WebhookDesk.overlapSeconds

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (webhook, secret) = try await WebhooksCommand.desk(store) { desk throws(EngineError) in
                try await desk.rotate(name, overlapSeconds: overlapSeconds, by: Environment.user)
            }
            Terminal.standard.line(
                output.json
                    ? webhook.json(secret: secret).serialized()
                    : "the secret of \(name) is \(secret); the old one signs too until "
                        + "\(webhook.overlapUntil?.timestamp ?? "")")
        }
    }

    struct Attempts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows the newest tries, newest first.")

        @Argument(help: "The webhook.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let attempts = try await HostSession.ask(store) { [name] journal throws(JournalError) in
                try journal.webhookAttempts(name, limit: WebhookAttempt.keptPerWebhook)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["attempts": .array(attempts.map(\.json))]).serialized())
            }
            RecordTables.attempts(attempts.map(\.json)).show(terminal)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes one, with its secrets.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            try await WebhooksCommand.desk(store) { desk throws(EngineError) in
                try await desk.remove(name, by: Environment.user)
            }
            Terminal.standard.line("\(name) is removed")
        }
    }

    fileprivate static func desk<Value>(
        _ options: StoreOptions, _ body: (WebhookDesk) async throws(EngineError) -> Value
    ) async throws(CommandFailure) -> Value {
        let journal = try await HostSession.writing(options)
        let desk = WebhookDesk(
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
