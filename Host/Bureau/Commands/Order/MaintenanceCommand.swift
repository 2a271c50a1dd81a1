import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct MaintenanceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintenance", abstract: "Times in which nothing of a scope begins; what runs goes on.",
        subcommands: [List.self, Add.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the windows, and which are open.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let windows = try await HostSession.ask(store) { journal throws(JournalError) in
                try journal.maintenances()
            }
            let terminal = Terminal.standard, now = SystemClock.now()
            guard !output.json else {
                return terminal.line(
                    JSONValue.object(["windows": .array(windows.map { $0.json(at: now) })]).serialized())
            }
            var table = Table("window", "scope", "state", "next change")
            for record in windows {
                table.add(
                    record.name, record.scope.description.printable, record.window.isOpen(at: now) ? "open" : "closed",
                    record.window.nextChange(after: now)?.timestamp ?? "never")
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a window, or replaces it.",
            discussion: """
                Either --from and --to, or --at with a cron expression and --for: \
                bureau maintenance add nightly --scope department:finance --at '0 2 * * *' --for 90m. \
                A scope is \(ClaimScope.forms).
                """)

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "What does not begin then: \(ClaimScope.forms).")
        var scope: ClaimScope

        @Option(help: ArgumentHelp("A time (RFC 3339), or from now on (2h).", valueName: "when"))
        var from: String?

        @Option(help: ArgumentHelp("The same; the window's end.", valueName: "when"))
        var to: String?

        @Option(help: ArgumentHelp("When it opens, again and again.", valueName: "cron"))
        var at: String?

        @Option(name: .customLong("for"), help: ArgumentHelp("How long it is open: 90m.", valueName: "length"))
        var length: String?

        @Option(help: "Whose clock the cron expression is read by.")
        var zone = "UTC"

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let now = SystemClock.now()
            let record = MaintenanceRecord(name: name, scope: scope, window: try window(from: now), createdAt: now)
            let by = Environment.user
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.maintenanceSet(record, by: by)
            }
            let next = record.window.nextChange(after: now)?.timestamp ?? "never"
            Terminal.standard.line(
                output.json ? record.json(at: now).serialized() : "\(name): next change \(next)")
        }

        private func window(from now: Instant) throws(CommandFailure) -> MaintenanceWindow {
            switch (at, length, to) {
            case (let at?, let length?, nil):
                guard from == nil, let milliseconds = DurationText.milliseconds(length) else {
                    throw CommandFailure(.usage, "--for \(length): write a length such as 90m; --at takes no --from")
                }
                let rule: JSONValue = ["at": .string(at), "zone": .string(zone), "for_ms": .integer(milliseconds)]
                do throws(Failure) {
                    let zones = ZoneDirectory()
                    return try MaintenanceWindow(json: rule) { name throws(TimeZoneError) in try zones.rules(name) }
                } catch {
                    throw CommandFailure(.usage, error.message)
                }
            case (nil, nil, let to?):
                guard let from = Instant(when: from ?? "0s", from: now), let to = Instant(when: to, from: now),
                    from < to
                else { throw CommandFailure(.usage, "write --from before --to, as 2026-11-22T02:00:00Z or 2h") }
                return .once(from: from, to: to)
            default: throw CommandFailure(.usage, "give --to (and --from), or --at with --for")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a window.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                try journal.maintenanceRemove(name, by: by)
            }
            Terminal.standard.line("\(name) is removed")
        }
    }
}
