import ArgumentParser
import Engine
import Journal
import Kernel
import Server

/// What a schedule can be given, each once.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "The run's input: inline JSON, a .json file, or -. {\"$fire\": \"date\"} stands for the fire's day.")
    var input: String?

    @OptionGroup var clock: ClockOptions

    @Option(
        help: ArgumentHelp(
            "What becomes of times that pass without a host: skip, latest (one run for all), or catch_up:N.",
            valueName: "policy"))
    var misfire: String?

    @Option(
        help: ArgumentHelp(
            "While its last run is open: allow, skip, queue_one, cancel_previous or terminate_previous.",
            valueName: "policy"))
    var overlap: String?

    @Option(help: "A run that starts so late is still on time.")
    var toleranceSeconds: Int64?

    @Option(help: "A run does not start later than this after its time.")
    var startDeadlineSeconds: Int64?

    @Option(help: "Which agent of the department.")
    var agent: String?

    @Option(help: "0 (last) to 4 (first).")
    var priority: Int64?

    @Option(help: "For whom the runs work.")
    var user: String?

    @Option(help: "Whose runs they are.")
    var tenant: String?

    /// As the definition's JSON has them, over those that were there.
    func members(over old: [String: JSONValue]) throws(CommandFailure) -> [String: JSONValue] {
        var members = clock.members(over: old)
        for (name, text) in [
            ("misfire", misfire.map { $0.hasPrefix("catch-up:") ? "catch_up:" + $0.dropFirst(9) : $0 }),
            ("overlap", overlap), ("agent", agent), ("user", user), ("tenant", tenant),
        ] { members[name] = text.map { .string($0) } ?? members[name] }
        for (name, number) in [
            ("tolerance_seconds", toleranceSeconds), ("start_deadline_seconds", startDeadlineSeconds),
            ("priority", priority),
        ] { members[name] = number.map { .integer($0) } ?? members[name] }
        guard let input else { return members }
        let bytes = try InputReader().read(input)
        do throws(JSONError) {
            members["input"] = try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure(.badInput, "--input: \(error.description)")
        }
        return members
    }
}

/// By which clock cron expressions are read.
struct ClockOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The time zone, as Europe/Berlin (default: UTC).", valueName: "zone"))
    var zone: String?

    @Option(
        help: ArgumentHelp(
            "A local time that the clock jumps over: skip, end (at the jump) or shift (as much later).",
            valueName: "policy"))
    var gap: String?

    @Option(help: ArgumentHelp("A local time that comes twice: first, second or both.", valueName: "policy"))
    var fold: String?

    func members(over old: [String: JSONValue]) -> [String: JSONValue] {
        var members = old
        for (name, text) in [("zone", zone), ("gap", gap), ("fold", fold)] {
            members[name] = text.map { .string($0) } ?? members[name]
        }
        return members
    }
}

/// Schedules in words, on the terminal.
struct ScheduleView {
    /// After a change, so that a wrong expression shows.
    static let nextCount = 3

    var isJSON: Bool

    static func definition(_ members: [String: JSONValue]) throws(CommandFailure) -> ScheduleDefinition {
        do throws(Failure) {
            return try ScheduleDefinition(json: .object(members))
        } catch {
            throw CommandFailure(.usage, error.message)
        }
    }

    /// The schedule as it stands, and its next fires.
    func show(_ name: String, _ store: StoreOptions, count: Int = nextCount) async throws {
        let now = SystemClock.now()
        let found = try await HostSession.ask(store) {
            journal throws(JournalError) -> (ScheduleOutlook, SchedulePreview)? in
            guard let outlook = try journal.scheduleOutlook(name) else { return nil }
            guard outlook.problem == nil else { return (outlook, SchedulePreview.none) }
            let record = outlook.record
            let times = try journal.scheduleTimes(record.definition, anchor: record.anchor)
            return (
                outlook,
                times.recurrence.preview(after: max(record.state.highWater, now), count: count, zone: times.zone)
            )
        }
        guard let (outlook, preview) = found else {
            throw CommandFailure(.notFound, "there is no schedule \"\(name)\"")
        }
        let terminal = Terminal.standard
        guard !isJSON else { return terminal.line(outlook.json(preview: preview).serialized()) }
        let record = outlook.record
        terminal.line("\(name) starts \(record.definition.task) \(outlook.words ?? "never: \(outlook.problem ?? "")")")
        let policy = record.definition.policy
        terminal.line(
            "misfire \(policy.misfire), overlap \(policy.overlap.rawValue), gap \(record.definition.gap.rawValue), "
                + "fold \(record.definition.fold.rawValue), revision \(record.revision)")
        if record.state.isPaused { return terminal.line("paused: bureau schedules resume \(name)") }
        if let held = record.state.held { terminal.line("held until its open run ends: \(held.timestamp)") }
        lines(preview).forEach { terminal.line($0) }
    }

    func lines(_ preview: SchedulePreview) -> [String] {
        let fires = preview.fires.map { fire in
            let mark = fire.change.map { $0 == .gap ? "  (the clock jumps forward that day)" : "  (a day with a fold)" }
            return "next  \(fire.local)\(mark ?? "")"
        }
        let days = preview.days.map { day in
            let what = day.change == .gap ? "jumps" : "is set back"
            return "\(day.date): the clock \(what) from \(day.from) to \(day.to); \(day.fires) fire(s) on that day"
        }
        return fires.isEmpty ? ["it never fires again"] : fires + days
    }
}

extension SchedulePreview {
    /// Of a schedule whose times cannot be read.
    static let none = SchedulePreview(fires: [], days: [])
}
