import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keeps runs, people's data, tenants or departments from being removed.",
        discussion: """
            While a hold stands, nothing under it moves to the archive, expires or is erased, whatever retention says.
            A hold on a run keeps its whole tree.
            """,
        subcommands: [List.self, Add.self, Release.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the holds that stand.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let holds = try await HostSession.ask(store) { journal throws(JournalError) in try journal.legalHolds() }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["holds": .array(holds.map(\.json))]).serialized())
            }
            var table = Table("hold", "keeps", "since", "by", "why")
            for hold in holds {
                table.add(
                    hold.name, hold.target.description, hold.at.timestamp, hold.by.printable, hold.reason.printable)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Places a hold, when no host has the store open.")

        @Argument(help: "Its name, such as case-2026-17.")
        var name: String

        @Argument(help: "What it keeps: \(LegalHold.Target.forms).")
        var target: String

        @Option(help: "Why, for the record.")
        var reason: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            guard let target = LegalHold.Target(target) else {
                throw CommandFailure(.usage, "\"\(target)\" is none of \(LegalHold.Target.forms)")
            }
            let hold = LegalHold(
                name: name, target: target, reason: reason, by: Environment.user, at: SystemClock.now())
            try await HostSession.change(store) { journal throws(JournalError) in try journal.holdPlace(hold) }
            let text = "hold \(name) keeps \(target)"
            Terminal.standard.line(output.json ? hold.json.serialized() : text)
        }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a hold, when no host has the store open.")

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "Why, for the record.")
        var reason: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [name, reason] journal throws(JournalError) in
                try journal.holdRelease(name, by: by, because: reason)
            }
            Terminal.standard.line("hold \(name) is released")
        }
    }
}
