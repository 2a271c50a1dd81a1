import ArgumentParser
import Engine
import Journal
import Kernel
import Server

extension SchedulesCommand {
    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says when an expression, or a stored schedule, fires next.",
            discussion: "Days on which the zone's clock is set are marked, with how often the schedule fires on them.")

        @Argument(help: "An expression such as \"0 9 * * 1-5\", or the name of a schedule.")
        var when: String

        @OptionGroup var clock: ClockOptions

        @Option(help: "How many.")
        var count = 10

        @Option(help: "From then on (default: now), as 2026-03-28T00:00:00Z.")
        var after: String?

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...Recurrence.maximumPreview).contains(count) else {
                throw ValidationError("--count is a number from 1 to \(Recurrence.maximumPreview)")
            }
        }

        func run() async throws {
            let first = try after.map { try ScheduleTime.instant($0) } ?? SystemClock.now()
            let (recurrence, zone) = try await times(from: first)
            let preview = recurrence.preview(after: first, count: count, zone: zone)
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(preview.json(words: recurrence.words).serialized()) }
            terminal.line(recurrence.words)
            ScheduleView(isJSON: false).lines(preview).forEach { terminal.line($0) }
        }

        /// A plain word is no expression but a schedule's name.
        private func times(from first: Instant) async throws -> (Recurrence, TimeZoneRules) {
            var members: [String: JSONValue] = ["task": "preview/preview", "when": .string(when)]
            var anchor = first
            if Name.isValid(when) {
                let found = try await HostSession.ask(store) { [when] journal throws(JournalError) in
                    try journal.schedule(when)
                }
                guard let record = found else { throw CommandFailure(.notFound, "there is no schedule \"\(when)\"") }
                members = record.definition.json.objectValue ?? [:]
                anchor = record.anchor
            }
            let definition = try ScheduleView.definition(clock.members(over: members))
            do {
                let zone = try ZoneDirectory().rules(definition.zone)
                return (try definition.recurrence(zone, anchor: anchor), zone)
            } catch {
                throw CommandFailure(.usage, "\(error)")
            }
        }
    }

    struct Backfill: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Starts runs for past times that have not fired, beside the schedule's own.",
            discussion: "Asked again, it starts only what has not fired by then.")

        @Argument(help: "The schedule.")
        var name: String

        @Option(help: "The first time: 2026-03-28T00:00:00Z, or a day of the schedule's zone.")
        var from: String

        @Option(help: "The last time; a day is meant to its end.")
        var to: String

        @Option(help: "Refuse a range with more times than this.")
        var limit = 100

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...ScheduleState.maximumBackfill).contains(limit) else {
                throw ValidationError("--limit is a number from 1 to \(ScheduleState.maximumBackfill)")
            }
        }

        func run() async throws {
            let zone = try await HostSession.ask(store) { [name] journal throws(JournalError) -> TimeZoneRules? in
                guard let record = try journal.schedule(name) else { return nil }
                return try journal.scheduleTimes(record.definition, anchor: record.anchor).zone
            }
            guard let zone else { throw CommandFailure(.notFound, "there is no schedule \"\(name)\"") }
            let first = try ScheduleTime.instant(from, zone, isEnd: false)
            let last = try ScheduleTime.instant(to, zone, isEnd: true)
            let runs = try await HostSession.change(store) { [name, limit] journal throws(JournalError) in
                try journal.scheduleBackfill(
                    name, from: first, through: last, limit: limit, run: ScheduleRuns.withoutHost)
            }
            let json: JSONValue = ["job_ids": .array(runs.map { .string($0.id.description) })]
            let words =
                runs.isEmpty ? "nothing in that range that has not fired" : "\(runs.count) run(s) wait for a host"
            Terminal.standard.line(output.json ? json.serialized() : "\(name): \(words)")
        }
    }

    struct Fires: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists what it has started, newest first.")

        @Argument(help: "The schedule; one that was removed, too.")
        var name: String

        @Option(help: "At most so many.")
        var limit = 20

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let fires = try await HostSession.ask(store) { [name, limit] journal throws(JournalError) in
                try journal.scheduleFires(name, before: nil, limit: limit)
            }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["fires": .array(fires.map(\.json))]).serialized())
            }
            var table = Table("nominal time", "cause", "started", "run")
            for fire in fires {
                table.add(
                    fire.fire.nominal.timestamp, fire.fire.cause.rawValue, fire.firedAt.timestamp,
                    fire.run.description)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }
}

/// Moments on the command line.
enum ScheduleTime {
    static func instant(_ text: String) throws(CommandFailure) -> Instant {
        guard let instant = Instant(timestamp: text) else {
            throw CommandFailure(.usage, "\"\(text)\" is no time; write it as 2026-03-29T09:00:00Z")
        }
        return instant
    }

    /// - Parameter isEnd: a day means its last moment.
    static func instant(_ text: String, _ zone: TimeZoneRules, isEnd: Bool) throws(CommandFailure) -> Instant {
        guard let date = CivilDate(text) else { return try instant(text) }
        return isEnd ? zone.start(of: date.adding(days: 1)).advanced(byMilliseconds: -1) : zone.start(of: date)
    }
}
