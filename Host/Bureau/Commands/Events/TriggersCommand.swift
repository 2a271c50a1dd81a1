import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct TriggersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "triggers", abstract: "Rules that start a run on each event that fits, while bureau serve runs.",
        subcommands: [List.self, Set.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let triggers = try await HostSession.ask(store) { journal throws(JournalError) in try journal.triggers() }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["triggers": .array(triggers.map(\.json))]).serialized())
            }
            var table = Table("trigger", "state", "task", "filter")
            for trigger in triggers {
                table.add(
                    trigger.name, trigger.isEnabled ? "on" : "off", trigger.rule.task.description,
                    trigger.rule.filter.json.serialized())
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a trigger, or replaces it. A new one sees events from now on.",
            discussion: """
                In --input, {"$event": "/data/task"} stands for a part of the event as CloudEvents has it (type, \
                subject, data, …); without --input the run gets the whole event. What cannot be started becomes a \
                dead letter: bureau events dlq.
                """)

        @Argument(help: "Its name.")
        var name: String

        @Option(help: "What to start: department/task.")
        var task: String

        @OptionGroup var filter: FilterOptions

        @Option(help: "The run's input, with references to the event.")
        var input: String?

        @Option(help: "Which agent of the department.")
        var agent: String?

        @Option(help: "0 (last) to 4 (first).")
        var priority: Int64 = 2

        @Flag(help: "Keep it, but start nothing.")
        var off = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            var members: [String: JSONValue] = [
                "filter": try filter.filter().json, "task": .string(task), "priority": .integer(priority),
            ]
            members["agent"] = agent.map { .string($0) }
            if let input {
                do throws(JSONError) {
                    members["input"] = try JSONParser.parse(input)
                } catch {
                    throw CommandFailure(.badInput, "--input: \(error.description)")
                }
            }
            let rule: TriggerRule
            do throws(Failure) {
                rule = try TriggerRule(json: .object(members))
            } catch {
                throw CommandFailure(.usage, error.message)
            }
            let trigger = TriggerRecord(name: name, rule: rule, isEnabled: !off, createdAt: SystemClock.now())
            let by = Environment.user
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.triggerSet(trigger, by: by)
            }
            Terminal.standard.line(output.json ? trigger.json.serialized() : "\(name) starts \(task)")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes one.")

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var store: StoreOptions

        func run() async throws {
            let by = Environment.user
            try await HostSession.change(store) { [name] journal throws(JournalError) in
                try journal.triggerRemove(name, by: by)
            }
            Terminal.standard.line("\(name) is removed")
        }
    }
}
