import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct SchedulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schedules", abstract: "Runs that the clock starts, while bureau serve runs.",
        discussion: """
            While a host serves the store, change them over its API: POST /schedules, PUT /schedules/{name}, …
            A time fires once, ever: over restarts, clocks that are set back, and schedules that are made again.
            """,
        subcommands: [
            List.self, Show.self, Add.self, Edit.self, Remove.self, Pause.self, Resume.self, Preview.self,
            Backfill.self, Fires.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them.")

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let host = try remote.host(beside: store) {
                let answer = try await host.get("/schedules")
                guard !output.json else { return Terminal.standard.line(answer.serialized()) }
                return RecordTables.schedules(answer["schedules"]?.arrayValue ?? []).show()
            }
            let outlooks = try await HostSession.ask(store) { journal throws(JournalError) in
                try journal.scheduleOutlooks()
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["schedules": .array(outlooks.map(\.json))]).serialized())
            }
            RecordTables.schedules(outlooks.map(\.json)).show()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one, with its next fires.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws { try await ScheduleView(isJSON: output.json).show(name, store, count: 5) }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a schedule; it owes nothing to the past.",
            discussion: """
                When: five fields of cron, or six with the second first ("30 8 * * MON-FRI", "0 9 L * *", \
                "0 9 * * MON#1"), @hourly, @daily, @weekly, @monthly, @yearly, or "every 15m" (days, hours, minutes, \
                seconds, as 1h30m). Times are read by the clock of --zone.
                """)

        @Argument(help: "Its name.")
        var name: String

        @Argument(help: "What to start: department/task.")
        var task: String

        @Argument(help: "When, such as \"0 9 * * MON-FRI\" or \"every 15m\".")
        var when: String

        @OptionGroup var options: ScheduleOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let definition = try ScheduleView.definition(
                try options.members(over: ["task": .string(task), "when": .string(when)]))
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                guard try journal.schedule(name) == nil else {
                    throw JournalError(
                        .conflict(current: 1), "there is a schedule \(name) already; bureau schedules edit changes it")
                }
                _ = try journal.scheduleSet(name, definition, expected: 0, by: by)
            }
            try await ScheduleView(isJSON: output.json).show(name, store)
        }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes what is named; the rest stays.",
            discussion: "With other times, what was due by the old ones and has not fired is given up.")

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "What to start: department/task.")
        var task: String?

        @Option(help: "When; see bureau schedules add --help.")
        var when: String?

        @OptionGroup var options: ScheduleOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let found = try await HostSession.ask(store) { [name] journal throws(JournalError) in
                try journal.schedule(name)
            }
            guard let record = found else { throw CommandFailure(.notFound, "there is no schedule \"\(name)\"") }
            var members = try options.members(over: record.definition.json.objectValue ?? [:])
            members["task"] = task.map { .string($0) } ?? members["task"]
            members["when"] = when.map { .string($0) } ?? members["when"]
            let definition = try ScheduleView.definition(members)
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                _ = try journal.scheduleSet(name, definition, expected: record.revision, by: by)
            }
            try await ScheduleView(isJSON: output.json).show(name, store)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes one; its open runs go on, and what has fired stays known.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                try journal.scheduleRemove(name, by: by)
            }
            Terminal.standard.line("\(name) is removed")
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lets its times pass until it is resumed.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                _ = try journal.schedulePause(name, by: by)
            }
            try await ScheduleView(isJSON: output.json).show(name, store)
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Goes on; what passed in the meantime can be backfilled.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                _ = try journal.scheduleResume(name, by: by)
            }
            try await ScheduleView(isJSON: output.json).show(name, store)
        }
    }
}
