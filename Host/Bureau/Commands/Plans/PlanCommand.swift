import ArgumentParser
import Engine
import Kernel
import Placement
import Server

struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Makes plans from what you want, by rules that explain themselves.",
        subcommands: [Create.self, Explain.self, Infer.self, List.self], defaultSubcommand: nil)

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a plan; runs it with --run.",
            discussion: """
                What stands after "then", "afterwards" and the end of a sentence is a step of its own, after what \
                stands before. The output can be given to bureau run --plan.
                """)

        @Argument(help: "What you want, in words.")
        var intent: String

        @Option(help: "Values for the steps' inputs, by name: inline JSON, a .json file, or -.")
        var data: String?

        @Option(help: "A task that makes plans, to be asked first: department/task.")
        var planner: String?

        @Flag(name: .customLong("run"), help: "Run it.")
        var runs = false

        @OptionGroup var caps: CapOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let data = try PlanWords.data(data)
            guard runs || planner != nil else {
                let proposed = try await PlanWords.propose(intent, data, host)
                let terminal = Terminal.standard
                // What can be run stands on the output, what is to be known beside it.
                terminal.line(output.json ? proposed.json.serialized() : proposed.plan.serialized())
                if !output.json { PlanWords.warnings(of: proposed).forEach { terminal.note($0) } }
                return
            }
            var asked: TaskReference?
            if let planner {
                asked = TaskReference(planner)
                guard asked != nil else { throw CommandFailure(.usage, "--planner \(planner): write department/task") }
            }
            let runtime = try await HostSession.open(host)
            do {
                let failure = try await present(try await answer(runtime, data, asked), runtime)
                await runtime.shutdown()
                if let failure { throw failure }
            } catch {
                await runtime.shutdown()
                throw error
            }
        }

        private func answer(
            _ runtime: HostRuntime, _ data: [String: JSONValue], _ asked: TaskReference?
        ) async throws(CommandFailure) -> PlanAnswer {
            do {
                return try await runtime.proposePlan(intent, data: data, asking: asked, user: caps.user)
            } catch {
                throw CommandFailure(error)
            }
        }

        private func present(_ answer: PlanAnswer, _ runtime: HostRuntime) async throws -> CommandFailure? {
            let terminal = Terminal.standard
            if let fallback = answer.fallback { terminal.note("the rules made the plan: \(fallback.printable)") }
            guard runs else {
                terminal.line(output.json ? answer.json.serialized() : answer.plan.serialized())
                return nil
            }
            guard answer.isReady else {
                let lines = answer.problems.map { problem in
                    let words = ["step", "task", "pointer", "detail"].compactMap { problem[$0]?.stringValue }
                    return words.joined(separator: " ").printable
                }
                throw CommandFailure(
                    .badInput, lines: ["the plan lacks what its tasks need; give it with --data"] + lines)
            }
            do {
                let record = try await runtime.submitPlan(
                    answer.plan.bytes, budget: nil, caps: caps.caps, user: caps.user)
                return try await RunPresentation(
                    runtime: runtime, outputFolder: nil, store: host.storage, isJSON: output.json
                ).present(record)
            } catch let error as EngineError {
                throw CommandFailure(error)
            }
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows for each step which rules matched, with their weights, and what else was possible.")

        @Argument(help: "What you want, in words.")
        var intent: String

        @Option(help: "Values for the steps' inputs, by name.")
        var data: String?

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let proposed = try await PlanWords.propose(intent, try PlanWords.data(data), host)
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(proposed.json.serialized()) }
            for step in proposed.steps { PlanWords.lines(of: step).forEach { terminal.line($0) } }
            terminal.line("about \(proposed.durationSeconds) s; \(proposed.isReady ? "ready to run" : "not ready")")
        }
    }

    struct Infer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Says which department is meant, and why.")

        @Argument(help: "What you want, in words.")
        var intent: String

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let inference = try await PlanWords.planner(host).inferDepartment(intent)
            let terminal = Terminal.standard
            if output.json {
                terminal.line(inference.json.serialized())
            } else {
                var table = Table("department", "score", "installed", "because of")
                for candidate in inference.candidates {
                    table.add(
                        candidate.department, String(candidate.score), candidate.isInstalled ? "yes" : "no",
                        PlanWords.words(candidate.matches))
                }
                table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
            }
            if inference.best == nil { throw CommandFailure(.notFound, "no rule says which department is meant") }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "catalogue", abstract: "Lists the tasks that plans are made of.")

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalogue = try await PlanWords.planner(host).catalogue
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(catalogue.json.serialized()) }
            var table = Table("task", "complexity", "seconds", "priority", "resources", "tags")
            for task in catalogue.departments.flatMap(\.tasks) {
                table.add(
                    task.reference.description, task.complexity.rawValue, String(task.durationSeconds),
                    String(task.priority), task.planning.resources.joined(separator: ", "),
                    task.planning.tags.joined(separator: ", "))
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }
}

enum PlanWords {
    static func planner(_ host: HostOptions) async throws -> Planner {
        let catalogue = try await Catalogue.load(host)
        return Planner(TaskCatalogue(catalogue.entries.compactMap { $0.descriptor?.manifest }))
    }

    static func propose(
        _ intent: String, _ data: [String: JSONValue], _ host: HostOptions
    ) async throws -> ProposedPlan {
        let planner = try await planner(host)
        do {
            return try planner.createPlan(intent, data: data)
        } catch {
            throw CommandFailure(error.status == .notFound ? .notFound : .badInput, error.message)
        }
    }

    static func data(_ text: String?) throws -> [String: JSONValue] {
        guard let text else { return [:] }
        let bytes = try InputReader().read(text)
        guard let members = (try? JSONParser.parse(bytes))?.objectValue else {
            throw CommandFailure(.badInput, "--data must be a JSON object")
        }
        return members
    }

    static func words(_ matches: [PlannerRule]) -> String {
        matches.map { "\($0.phrase.joined(separator: " ")) (\($0.weight), \($0.origin.rawValue))" }
            .joined(separator: ", ")
    }

    static func lines(of step: ProposedPlan.Step) -> [String] {
        let chosen = step.chosen, after = step.after.isEmpty ? "" : " after \(step.after.joined(separator: ", "))"
        var lines = [
            "\(step.id)\(after): \(chosen.task.reference) for \"\(step.text.printable)\"",
            "  department  " + words(step.inference.best?.matches ?? []),
            "  task        " + (chosen.matches.isEmpty ? "nothing better fits" : words(chosen.matches)),
        ]
        lines += step.inference.candidates.dropFirst().prefix(3).map { "  not         \($0.department) (\($0.score))" }
        lines += step.others.prefix(3).map { "  not         \($0.task.reference) (\($0.score))" }
        lines += chosen.input.origins.sorted { $0.key < $1.key }.map { "  input       \($0.key) from \($0.value)" }
        lines += chosen.input.problems.map { "  missing     \($0.pointer.isEmpty ? "/" : $0.pointer): \($0.message)" }
        return lines
    }

    static func warnings(of plan: ProposedPlan) -> [String] {
        plan.steps.flatMap { step in
            step.chosen.input.problems.map { problem in
                "\(step.id) (\(step.chosen.task.reference)) \(problem.pointer.isEmpty ? "/" : problem.pointer): "
                    + "\(problem.message); give it with --data"
            }
        }
    }
}
