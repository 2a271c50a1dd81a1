import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Shows the event log, and manages who consumes it.",
        discussion: """
            Changes are made on a store that no host holds; on a running host, use its API under /events.
            """,
        subcommands: [
            List.self, GroupsCommand.self, ReadCommand.self, PendingCommand.self, AckCommand.self, ClaimCommand.self,
            DeadLettersCommand.self,
        ],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists events in order; with --follow, goes on as they come.")

        private static let batch = 1_000

        @OptionGroup var filter: FilterOptions

        @Option(help: "Events after this position.")
        var after: Int64 = 0

        @Option(help: "At most so many.")
        var limit = 100

        @Flag(help: "Go on until Ctrl-C.")
        var follow = false

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let filter = try filter.filter()
            if let host = try remote.host(beside: store) { return try await ask(host) }
            let journal = try await HostSession.reading(store)
            var position = after, left = follow ? Int.max : limit
            while left > 0 {
                let seen = try await journal.read { [position] journal throws(JournalError) in
                    try journal.eventsAndOrigins(after: position, limit: Self.batch)
                }
                for delivery in seen where left > 0 {
                    position = delivery.event.position
                    guard filter.matches(delivery) else { continue }
                    left -= 1
                    show(CloudEvent(delivery.event, delivery.origin).json)
                }
                if seen.count < Self.batch {
                    guard follow else { break }
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            await journal.close()
        }

        private func ask(_ host: HostClient) async throws(CommandFailure) {
            guard filter.condition.isEmpty else {
                throw CommandFailure(
                    .usage, "--where looks into a store; a host filters by topic, tenant and department")
            }
            var position = after, left = follow ? Int.max : limit
            while left > 0 {
                let answer = try await host.get("/events", filter.query + [("after", "\(position)")])
                let events = answer["events"]?.arrayValue ?? []
                for event in events.prefix(left) { show(event) }
                left -= min(left, events.count)
                if let next = answer["next_after"]?.integerValue {
                    position = next
                    continue
                }
                position = events.last.flatMap { Int64($0.text("id")) } ?? position
                guard follow else { return }
                do {
                    try await Task.sleep(for: .milliseconds(500))
                } catch {
                    return
                }
            }
        }

        private func show(_ event: JSONValue) {
            let terminal = Terminal.standard
            terminal.line(output.json ? event.serialized() : RecordTables.event(event, style: terminal.outputStyle))
        }
    }
}

/// Which events are meant.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only of this topic; run.* stands for all that begin so.", valueName: "topic"))
    var topic: [String] = []

    @Option(help: ArgumentHelp("Only of this tenant.", valueName: "tenant"))
    var tenant: [String] = []

    @Option(help: ArgumentHelp("Only of this department.", valueName: "name"))
    var department: [String] = []

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "Only where this holds of the event's body, as {\"pointer\":\"/status\",\"is\":\"deadline\"}.",
            valueName: "json"))
    var condition: [String] = []

    /// For a host, which filters by these alone.
    var query: [(String, String?)] {
        topic.map { ("topic", $0) } + tenant.map { ("tenant", $0) } + department.map { ("department", $0) }
    }

    func filter() throws(CommandFailure) -> EventFilter {
        var conditions: [JSONValue] = []
        for text in condition {
            do throws(JSONError) {
                conditions.append(try JSONParser.parse(text))
            } catch {
                throw CommandFailure(.usage, "--where \(text): \(error.description)")
            }
        }
        func names(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        do throws(Failure) {
            return try EventFilter(json: [
                "topics": names(topic), "tenants": names(tenant), "departments": names(department),
                "where": .array(conditions),
            ])
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }
}

extension EventsCommand {
    /// Deliveries as a table, or as JSON.
    static func show(_ deliveries: [StreamDelivery], json: Bool) {
        let terminal = Terminal.standard
        guard !json else {
            return terminal.line(JSONValue.object(["events": .array(deliveries.map(\.json))]).serialized())
        }
        var table = Table([
            ("position", .right), ("at", .left), ("topic", .left), ("run", .left), ("deliveries", .right),
        ])
        for delivery in deliveries {
            let event = CloudEvent(delivery.event, delivery.origin)
            table.add(
                String(event.position), event.time, event.type, event.subject ?? "", String(delivery.deliveries))
        }
        table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }

    struct ReadCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "read", abstract: "Gives a consumer of a group its next events, to be acknowledged.")

        @Argument(help: "The group.")
        var group: String

        @Option(help: "Who takes them.")
        var consumer: String

        @Option(help: "At most so many.")
        var count = 10

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let given = try await HostSession.change(store) { [group, consumer, count] journal throws(JournalError) in
                try journal.streamRead(group, consumer: consumer, limit: count)
            }
            EventsCommand.show(given, json: output.json)
        }
    }

    struct PendingCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pending", abstract: "Lists what a group has given out and not seen acknowledged.")

        @Argument(help: "The group.")
        var group: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let rows = try await HostSession.ask(store) { [group] journal throws(JournalError) in
                try journal.streamPending(group, after: 0, limit: 1_000)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["pending": .array(rows.map(\.json))]).serialized())
            }
            var table = Table([
                ("position", .right), ("consumer", .left), ("deliveries", .right), ("since", .left),
                ("again at", .left),
            ])
            for row in rows {
                table.add(
                    String(row.position), row.consumer ?? "", String(row.deliveries), row.deliveredAt.timestamp,
                    row.dueAt?.timestamp ?? "")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct AckCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ack", abstract: "Acknowledges events: the group has handled them.")

        @Argument(help: "The group.")
        var group: String

        @Argument(help: "The events' positions.")
        var positions: [Int64]

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let count = try await HostSession.change(store) { [group, positions] journal throws(JournalError) in
                try journal.streamAcknowledge(group, positions)
            }
            Terminal.standard.line("\(count) acknowledged")
        }
    }

    struct ClaimCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "claim", abstract: "Takes over what consumers that are gone had.",
            discussion: "What was given out too often becomes a dead letter instead.")

        @Argument(help: "The group.")
        var group: String

        @Option(help: "Who takes them over.")
        var consumer: String

        @Option(help: "What others have had for so long.")
        var idleSeconds: Int64 = 300

        @Option(help: "At most so many.")
        var count = 100

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let taken = try await HostSession.change(store) {
                [group, consumer, idleSeconds, count] journal throws(JournalError) in
                try journal.streamClaim(
                    group, consumer: consumer, idleMilliseconds: max(0, idleSeconds) * 1000, limit: count)
            }
            EventsCommand.show(taken, json: output.json)
        }
    }
}
