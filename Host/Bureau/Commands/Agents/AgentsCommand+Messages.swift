import ArgumentParser
import Engine
import Journal
import Kernel
import Server

extension AgentsCommand {
    struct Message: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends an agent a message.",
            discussion: """
                It is delivered at least once and in order, and is a dead letter after 5 deliveries that nobody \
                acknowledged. What the agent is told to do on its type (bureau agents configure --on) starts while \
                bureau serve runs.
                """)

        @OptionGroup var agent: AgentArgument

        @Option(help: "Its type, such as order.placed.")
        var type: String

        @Option(help: "Its body: inline JSON, a .json file, or -.")
        var body: String?

        @Option(help: "Who sends it.")
        var from: String?

        @Option(help: "The sender's name for it: the same again is the same message.")
        var id: String?

        @OptionGroup var output: OutputOptions

        func run() async throws {
            // Not only an object, as the input of a run.
            let inline = body.flatMap { (try? JSONParser.parse($0)) == nil ? nil : Array($0.utf8) }
            let body = try inline ?? InputReader().read(body)
            guard (try? JSONParser.parse(body)) != nil else {
                throw CommandFailure(.badInput, "the body of a message must be JSON")
            }
            let sender = from ?? Environment.user, type = type
            let name = id ?? "\(SystemClock.now().unixMilliseconds)-\(UInt64.random(in: .min ... .max))"
            let sent = try await agent.change { journal, address throws(JournalError) in
                try journal.messageSend(
                    NewMessage(
                        tenant: "default", receiver: address, sender: sender, type: type, payload: body,
                        key: "mail:\(sender)/\(name)"))
            }
            Terminal.standard.line(
                output.json ? sent.json.serialized() : "message \(sent.number) is sent to \(sent.message.receiver)")
        }
    }

    struct Inbox: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "inbox", abstract: "An agent's messages.",
            subcommands: [
                ListMessages.self, Receive.self, Acknowledge.self, Reject.self, Requeue.self,
            ], defaultSubcommand: ListMessages.self)
    }

    struct ListMessages: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists them.")

        @OptionGroup var agent: AgentArgument

        @Flag(help: "Those that were given up.")
        var dead = false

        @Flag(help: "Those that were acknowledged.")
        var acknowledged = false

        @Option(help: "At most so many.")
        var limit = 100

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let state: AgentMessage.State = dead ? .dead : acknowledged ? .acknowledged : .open
            let messages = try await agent.ask { [limit] journal, address throws(JournalError) in
                try journal.messages(address, state, after: 0, limit: limit)
            }
            AgentWords.show(messages, output)
        }
    }

    struct Receive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes what is due, one from each sender; it comes again unless it is acknowledged.")

        @OptionGroup var agent: AgentArgument

        @Option(help: "At most so many.")
        var limit = 10

        @Option(help: "After so long it comes again.")
        var visibilitySeconds = AgentMessage.visibilityMilliseconds / 1000

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...AgentMessage.maximumVisibilityMilliseconds / 1000).contains(visibilitySeconds) else {
                throw ValidationError("--visibility-seconds is from 1 second to 12 hours")
            }
        }

        func run() async throws {
            let given = try await agent.change { [limit, visibilitySeconds] journal, address throws(JournalError) in
                try journal.messageReceive(
                    address, limit: limit, visibilityMilliseconds: visibilitySeconds * 1000)
            }
            AgentWords.show(given, output)
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "ack", abstract: "Ends one that was received.")

        @OptionGroup var agent: AgentArgument

        @Argument(help: "The message's number.")
        var message: Int64

        func run() async throws {
            let ended = try await agent.change { [message] journal, address throws(JournalError) in
                try journal.messageAcknowledge(message, by: address)
            }
            Terminal.standard.line("message \(message) \(ended ? "is acknowledged" : "had ended already")")
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Gives one back, or gives it up.")

        @OptionGroup var agent: AgentArgument

        @Argument(help: "The message's number.")
        var message: Int64

        @Option(help: "Why.")
        var reason: String

        @Option(help: "It comes again after so long.")
        var retryAfterSeconds: Int64 = 0

        @Flag(help: "It never comes again: it is a dead letter.")
        var never = false

        func run() async throws {
            let record = try await agent.change {
                [message, reason, retryAfterSeconds, never] journal, address throws(JournalError) in
                try journal.messageReject(
                    message, by: address, reason: reason,
                    retryAt: never ? nil : journal.now.advanced(byMilliseconds: retryAfterSeconds * 1000))
            }
            Terminal.standard.line("message \(message) is \(record.state.name)")
        }
    }

    struct Requeue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Opens a dead letter again.")

        @Argument(help: "The message's number.")
        var message: Int64

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user
            let record = try await HostSession.change(store) { [message] journal throws(JournalError) in
                try journal.messageRequeue(message, by: by)
            }
            Terminal.standard.line("message \(message) is \(record.state.name) again")
        }
    }
}

extension AgentWords {
    fileprivate static func show(_ messages: [MessageRecord], _ output: OutputOptions) {
        let terminal = Terminal.standard
        guard !output.json else {
            return terminal.line(JSONValue.object(["messages": .array(messages.map(\.json))]).serialized())
        }
        var table = Table("message", "at", "from", "type", "state", "deliveries", "body")
        for record in messages {
            table.add(
                String(record.number), record.at.timestamp, record.message.sender ?? "", record.message.type,
                record.state.name, String(record.deliveries),
                JSONValue.document(record.message.payload).serialized())
        }
        table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }
}
