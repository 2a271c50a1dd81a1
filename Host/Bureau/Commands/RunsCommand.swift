import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Lists, shows, cancels, retries and classifies runs.",
        subcommands: [List.self, Show.self, Cancel.self, Retry.self, Classify.self], defaultSubcommand: List.self,
        aliases: ["jobs"])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists runs, newest first.")

        @Option(help: "Only runs in this state; may be repeated.")
        var status: [RunState] = []

        @Option(help: "Only runs of this department.")
        var department: String?

        @Flag(help: "Child runs too.")
        var all = false

        @Option(help: "How many at most.")
        var limit = 50

        @Option(help: "Go on below this number, from the last list's end.")
        var before: Int64?

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        mutating func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit is a number from 1 to 10000") }
        }

        func run() async throws {
            if let host = try remote.host(beside: store) { return try await ask(host) }
            let filter = RunFilter(states: Set(status), department: department, rootsOnly: !all)
            let runs = try await HostSession.ask(store) { [before, limit] journal throws(JournalError) in
                try journal.runs(filter, before: before, limit: limit)
            }
            let terminal = Terminal.standard
            if output.json {
                let next = runs.count < limit ? nil : runs.last?.number
                terminal.line(
                    JSONValue.object([
                        "runs": .array(runs.map { .object($0.summary) }), "next_before": .init(next),
                    ]).serialized())
                return
            }
            RecordTables.runs(runs.map { .object($0.summary) }).show()
        }

        private func ask(_ host: HostClient) async throws(CommandFailure) {
            guard status.count <= 1 else { throw CommandFailure(.usage, "a host is asked for one --status at a time") }
            let answer = try await host.get(
                "/jobs",
                [
                    ("status", status.first?.name), ("department", department), ("limit", "\(min(limit, 200))"),
                    ("cursor", before.map { "\($0)" }),
                ])
            var runs = answer["jobs"]?.arrayValue ?? []
            if !all { runs = runs.filter { $0["parent"] == .null || $0["parent"] == nil } }
            guard !output.json else {
                let next = answer.text("next_cursor")
                return Terminal.standard.line(
                    JSONValue.object([
                        "runs": .array(runs), "next_before": Int64(next).map { .integer($0) } ?? .null,
                    ]).serialized())
            }
            RecordTables.runs(runs).show()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows one run with its steps and children.")

        @Argument(help: "The run's id.")
        var id: RunID

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let host = try remote.host(beside: store) { return show(try await host.get("/jobs/\(id)")) }
            let found = try await HostSession.ask(store) { [id] journal throws(JournalError) in
                (
                    run: try journal.run(id), steps: try journal.steps(of: id),
                    children: try journal.children(of: id), artifacts: try journal.artifacts(of: id),
                    quarantines: try journal.quarantines(), runClass: try journal.runClass(id)
                )
            }
            guard let run = found.run else { return try await ArchivedRunView(id: id, store: store).show(output) }
            var members = run.detail
            members["held_by"] = .init(run.heldBy(found.quarantines))
            members["handling"] = run.sensitivity.controls.json
            members["class"] = found.runClass?.json ?? .null
            members["steps"] = .array(found.steps.map(\.json))
            members["children"] = .array(found.children.map { .object($0.summary) })
            members["artifacts"] = .array(found.artifacts.map { .object($0.members) })
            show(.object(members))
        }

        private func show(_ run: JSONValue) {
            guard !output.json else { return Terminal.standard.line(run.serialized()) }
            RunDetailView(run: run).show()
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Cancels a run and its children: at a host that serves, or in a store that none has open.")

        @Argument(help: "The run's id.")
        var id: RunID

        @Option(help: "Why, for the record.")
        var reason = "cancelled from the command line"

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let server = try remote.host(beside: host.storage) {
                _ = try await server.send("POST", "/jobs/\(id)/cancel")
                return show(try await server.get("/jobs/\(id)"))
            }
            try await Self.requireRun(id, in: host.storage)
            let runtime = try await HostSession.open(host)
            let ended: RunRecord
            do {
                try await runtime.cancel(id, reason: reason)
                ended = try await runtime.outcome(of: id)
            } catch {
                await runtime.shutdown()
                throw CommandFailure(error)
            }
            await runtime.shutdown()
            show(.object(ended.summary))
        }

        private func show(_ run: JSONValue) {
            Terminal.standard.line(output.json ? run.serialized() : "run \(id) is \(run.text("status"))")
        }

        static func requireRun(_ id: RunID, in store: StoreOptions) async throws(CommandFailure) {
            let run = try await HostSession.ask(store) { journal throws(JournalError) in try journal.run(id) }
            guard run != nil else { throw CommandFailure(.notFound, "no run \(id)") }
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Goes on with a run that failed, was cancelled or is paused; committed steps are not repeated.")

        @Argument(help: "The run's id.")
        var id: RunID

        @Option(help: "Folder for the run's artifacts (default: output/<run> in the store).")
        var outputDir: String?

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let server = try remote.host(beside: host.storage) {
                _ = try await server.send("POST", "/jobs/\(id)/retry")
                return try await RemoteRun(host: server, id: "\(id)", isJSON: output.json, showsProgress: true).follow()
            }
            try await Cancel.requireRun(id, in: host.storage)
            let runtime = try await HostSession.open(host)
            let failure: CommandFailure?
            do {
                let record = try await runtime.retry(id)
                failure = try await RunPresentation(
                    runtime: runtime, outputFolder: outputDir, store: host.storage, isJSON: output.json
                ).present(record)
            } catch {
                await runtime.shutdown()
                throw (error as? EngineError).map { CommandFailure($0) } ?? error
            }
            await runtime.shutdown()
            if let failure { throw failure }
        }
    }
}

extension RunState: ExpressibleByArgument {
    package init?(argument: String) { self.init(name: argument) }
    package static var allValueStrings: [String] { allCases.map(\.name) }
}
