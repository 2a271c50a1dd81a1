import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct ApprovalsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals", abstract: "Lists what waits for a person, and decides it.",
        subcommands: [List.self, Approve.self, Reject.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists open approvals.")

        @Flag(help: "Decided and expired ones too.")
        var all = false

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let approvals = try await HostSession.ask(store) { [all] journal throws(JournalError) in
                try journal.approvals(open: all ? nil : true)
            }
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(JSONValue.object(["approvals": .array(approvals.map(\.json))]).serialized())
            }
            var table = Table([("run", .left), ("#", .right), ("status", .left), ("title", .left)])
            for approval in approvals {
                table.add(
                    approval.run.description, "\(approval.sequence)", "\(approval.state)", approval.request.title)
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approves, and follows the run to its end.",
            discussion: "--content releases an edited version instead of what the run proposed.")

        @Option(help: "Edited content: inline JSON, a .json file, or -.")
        var content: String?

        @OptionGroup var decision: Decision

        func run() async throws {
            let edited: [UInt8]? = if let content { try InputReader().read(content) } else { nil }
            try await decision.make(approved: true, content: edited)
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Rejects, and follows the run to its end.")
        @OptionGroup var decision: Decision
        func run() async throws { try await decision.make(approved: false, content: nil) }
    }

    struct Decision: ParsableArguments {
        @Argument(help: "The run that asks.")
        var run: RunID

        @Argument(help: "The number of its step, from the list.")
        var sequence: Int

        @Option(help: "Why, for the record.")
        var reason = ""

        @Option(help: "Who decides (default: the user's name).")
        var by: String?

        @OptionGroup var host: HostOptions
        @OptionGroup var output: OutputOptions

        func make(approved: Bool, content: [UInt8]?) async throws {
            let approvals = try await HostSession.ask(host.storage) { journal throws(JournalError) in
                try journal.approvals(open: nil)
            }
            guard approvals.contains(where: { $0.run == run && $0.sequence == sequence }) else {
                throw CommandFailure(.notFound, "run \(run) has no approval \(sequence)")
            }
            let runtime = try await HostSession.open(host)
            let failure: CommandFailure?
            do {
                try await runtime.decide(
                    run: run, sequence: sequence,
                    ApprovalDecision(
                        approved: approved, by: by ?? Environment.user, reason: reason,
                        content: content))
                failure = try await present(runtime)
            } catch {
                await runtime.shutdown()
                throw (error as? EngineError).map { CommandFailure($0) } ?? error
            }
            await runtime.shutdown()
            if let failure { throw failure }
        }

        /// The whole tree that the deciding sets going again.
        private func present(_ runtime: HostRuntime) async throws -> CommandFailure? {
            let root = try await runtime.journal.read { [run] journal throws(JournalError) -> RunRecord? in
                guard let id = try journal.run(run)?.root else { return nil }
                return try journal.run(id)
            }
            guard let root else { throw CommandFailure(.notFound, "no run \(run)") }
            return try await RunPresentation(
                runtime: runtime, outputFolder: nil, store: host.storage, isJSON: output.json
            ).present(root)
        }
    }
}
