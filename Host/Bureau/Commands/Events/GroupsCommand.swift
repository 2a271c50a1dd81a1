import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct GroupsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "Groups of consumers: each event that fits goes to one of a group.",
        subcommands: [List.self, Create.self, Reset.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the groups with cursor, lag, what is pending, consumers and dead letters.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let groups = try await HostSession.ask(store) { journal throws(JournalError) in try journal.streamGroups() }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["groups": .array(groups.map(\.json))]).serialized())
            }
            var table = Table([
                ("group", .left), ("cursor", .right), ("lag", .right), ("pending", .right), ("dead", .right),
                ("consumers", .left), ("filter", .left),
            ])
            for status in groups {
                table.add(
                    status.group.name, String(status.group.cursor), String(status.lag), String(status.pending),
                    String(status.deadLetters),
                    status.consumers.map { "\($0.name) (\($0.pending))" }.joined(separator: ", "),
                    status.group.filter.json.serialized())
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a group.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var filter: FilterOptions

        @Option(help: "Where it begins: start, end, or a position.")
        var from = "end"

        @Option(help: "After so many deliveries an event becomes a dead letter.")
        var maximumDeliveries = 5

        @OptionGroup var store: StoreOptions

        func run() async throws {
            guard Name.isValid(name) else {
                throw CommandFailure(
                    .usage, "\"\(name)\" is no name for a group: use lower-case letters, digits, '.', '_' and '-'")
            }
            let filter = try filter.filter(), by = Environment.user
            guard let from = Place(argument: from) else {
                throw CommandFailure(.usage, "--from \(from): write start, end or a position")
            }
            try await HostSession.change(store) { [name, maximumDeliveries] journal throws(JournalError) in
                try journal.streamGroupCreate(
                    StreamGroup(
                        name: name, filter: filter, cursor: try from.position(in: journal),
                        maximumDeliveries: maximumDeliveries, createdAt: journal.now),
                    by: by)
            }
            Terminal.standard.line("\(name) is made")
        }
    }

    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sends a group back, or on; what it has in its hands is let go. Asks for --yes.")

        @Argument(help: "The group.")
        var name: String

        @Option(help: "start, end, or the position after which it goes on.")
        var to: String

        @Flag(help: "Yes: events may be given out again, or passed over.")
        var yes = false

        @OptionGroup var store: StoreOptions

        func run() async throws {
            guard let place = Place(argument: to) else {
                throw CommandFailure(.usage, "--to \(to): write start, end or a position")
            }
            guard yes else {
                throw CommandFailure(
                    .usage, "a reset gives events out again, or passes over some: say --yes if that is meant")
            }
            let by = Environment.user
            let position = try await HostSession.change(store) { [name] journal throws(JournalError) in
                let position = try place.position(in: journal)
                try journal.streamGroupReset(name, to: position, by: by)
                return position
            }
            Terminal.standard.line("\(name) goes on after position \(position)")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a group and its cursor. Asks for --yes.")

        @Argument(help: "The group.")
        var name: String

        @Flag(help: "Yes: what it has not handled is nobody's.")
        var yes = false

        @OptionGroup var store: StoreOptions

        func run() async throws {
            guard yes else {
                throw CommandFailure(.usage, "the group's cursor would be lost: say --yes if that is meant")
            }
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                try journal.streamGroupRemove(name, by: by)
            }
            Terminal.standard.line("\(name) is removed")
        }
    }

    /// A place in the log, as one writes it.
    enum Place: Sendable {
        case start, end, position(Int64)

        init?(argument: String) {
            switch argument {
            case "start": self = .start
            case "end": self = .end
            default:
                guard let number = Int64(argument), number >= 0 else { return nil }
                self = .position(number)
            }
        }

        func position(in journal: any JournalReading) throws(JournalError) -> Int64 {
            switch self {
            case .start: 0
            case .end: try journal.lastEventPosition()
            case .position(let number): number
            }
        }
    }
}

struct DeadLettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dlq", abstract: "Dead letters: events that a group gave up.",
        subcommands: [List.self, Length.self, Show.self, Reprocess.self, Delete.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists those that are open, with their reasons.")

        @Option(help: "Of one group.")
        var group: String?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let letters = try await HostSession.ask(store) { [group] journal throws(JournalError) in
                try journal.deadLetters(group: group, after: 0, limit: 1_000)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["dead_letters": .array(letters.map(\.json))]).serialized())
            }
            var table = Table([
                ("letter", .right), ("at", .left), ("group", .left), ("topic", .left), ("deliveries", .right),
                ("reason", .left),
            ])
            for letter in letters {
                table.add(
                    String(letter.number), letter.at.timestamp, letter.group, letter.event.event.topic,
                    String(letter.deliveries), letter.reason)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Length: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints how many are open.")

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let groups = try await HostSession.ask(store) { journal throws(JournalError) in
                try journal.deadLetters(group: nil, after: 0, limit: .max).count
            }
            Terminal.standard.line(String(groups))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one, with its event, as JSON.")

        @Argument(help: "Its number.")
        var letter: Int64

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let found = try await HostSession.ask(store) { [letter] journal throws(JournalError) in
                try journal.deadLetter(letter)
            }
            guard let found else { throw CommandFailure(.notFound, "there is no dead letter \(letter)") }
            Terminal.standard.line(found.json.serialized())
        }
    }

    struct Reprocess: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Gives events to their groups once more, as if for the first time.")

        @Argument(help: "Numbers of letters.")
        var letters: [Int64]

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [letters] journal throws(JournalError) in
                for letter in letters { try journal.deadLetterReprocess(letter, by: by) }
            }
            Terminal.standard.line("\(letters.count) given out again")
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Gives letters up for good. Asks for --yes.")

        @Argument(help: "Numbers of letters.")
        var letters: [Int64]

        @Flag(help: "Yes: their events are never handled.")
        var yes = false

        @OptionGroup var store: StoreOptions

        func run() async throws {
            guard yes else { throw CommandFailure(.usage, "they would never be handled: say --yes if that is meant") }
            let by = Environment.user
            try await HostSession.change(store) { [letters] journal throws(JournalError) in
                for letter in letters { try journal.deadLetterDelete(letter, by: by) }
            }
            Terminal.standard.line("\(letters.count) deleted")
        }
    }
}
