import ArgumentParser
import Audit
import Engine
import Journal
import Kernel
import Server

struct ApprovalsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals", abstract: "Lists what waits for people, and decides it.",
        discussion: "While a host serves the store, use its API: POST /approvals/{id}/review, …",
        subcommands: [
            List.self, Show.self, Approve.self, Reject.self, Edit.self, Delegate.self, Withdraw.self,
            ApprovalRulesCommand.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists open approvals.")

        @Flag(help: "Decided and expired ones too.")
        var all = false

        @OptionGroup var remote: RemoteOptions
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            if let host = try remote.host(beside: store) {
                let answer = try await host.get("/approvals", [("status", all ? "all" : nil)])
                guard !output.json else { return Terminal.standard.line(answer.serialized()) }
                return RecordTables.approvals(answer["approvals"]?.arrayValue ?? []).show()
            }
            let approvals = try await HostSession.ask(store) { [all] journal throws(JournalError) in
                try journal.approvals(open: all ? nil : true)
            }
            let terminal = Terminal.standard
            if output.json {
                return terminal.line(JSONValue.object(["approvals": .array(approvals.map(\.json))]).serialized())
            }
            RecordTables.approvals(approvals.map(\.json)).show()
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows one: its content, its rules, and what was done about it.")

        @OptionGroup var approval: ApprovalArguments
        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (record, acts) = try await approval.read(store)
            let terminal = Terminal.standard
            guard !output.json else { return terminal.line(record.json(acts: acts).serialized()) }
            let deadline = record.expiresAt.map { ", expires \($0.timestamp)" } ?? ""
            terminal.line(record.request.title.printable)
            terminal.line("\(record.state), revision \(record.revision)\(record.state == .open ? deadline : "")")
            if !record.request.body.isEmpty { terminal.line(record.request.body.printable) }
            terminal.line(String(decoding: record.content, as: UTF8.self).printable)
            if let rules = record.rules, !rules.isForAnybody {
                terminal.line("\(rules.quorum) of \(rules.approvers.sorted().joined(separator: ", ").printable)")
            }
            for act in acts {
                let fields = act.fields
                let line = [
                    act.at.timestamp, act.actor ?? "time", fields.kind, fields.target.map { "to \($0)" },
                    act.reason,
                ].compactMap { $0 }.joined(separator: "  ")
                terminal.line(line.printable)
            }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approves; where that decides it, follows the run to its end.",
            discussion: "--content releases an edited version instead of what the run proposed.")

        @Option(help: "Edited content: inline JSON, a .json file, or -.")
        var content: String?

        @Option(help: "The revision that was read (default: the current one).")
        var revision: Int?

        @OptionGroup var decision: ApprovalDeciding

        func run() async throws {
            let edited: [UInt8]? = if let content { try InputReader().read(content) } else { nil }
            try await decision.make(.approve(revision: revision, content: edited))
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rejects, with --reason; where that decides it, follows the run to its end.")
        @OptionGroup var decision: ApprovalDeciding
        func run() async throws { try await decision.make(.reject) }
    }

    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Changes the content; approvals of what it was no longer count.")

        @Option(help: "The content: inline JSON, a .json file, or -.")
        var content: String

        @Option(help: "The revision that was read (default: the current one).")
        var revision: Int?

        @OptionGroup var act: ApprovalActing

        func run() async throws {
            try await act.make(.edit(revision: revision, content: try InputReader().read(content)))
        }
    }

    struct Delegate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Hands one's vote to somebody else.")

        @Option(help: "To whom.")
        var to: String

        @OptionGroup var act: ApprovalActing

        func run() async throws { try await act.make(.delegate(to: to)) }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes the request back: nobody decides it, and its effect fails.")

        @OptionGroup var act: ApprovalActing

        func run() async throws { try await act.make(.withdraw) }
    }
}

/// Which request.
struct ApprovalArguments: ParsableArguments {
    @Argument(help: "The run that asks.")
    var run: RunID

    @Argument(help: "The number of its step, from the list.")
    var sequence: Int

    func read(_ store: StoreOptions) async throws(CommandFailure) -> (ApprovalRecord, [ApprovalActRecord]) {
        let found = try await HostSession.ask(store) {
            [run, sequence] journal throws(JournalError) -> (ApprovalRecord, [ApprovalActRecord])? in
            guard let record = try journal.approval(run: run, sequence: sequence) else { return nil }
            return (record, try journal.approvalActs(run: run, sequence: sequence))
        }
        guard let found else { throw CommandFailure(.notFound, "run \(run) has no approval \(sequence)") }
        return found
    }
}

/// Who acts, and why.
struct ApprovalPerson: ParsableArguments {
    @Option(help: "Why, for the record.")
    var reason = ""

    @Option(
        name: [.customLong("as"), .customLong("by")], help: "Who acts (default: the user's name).")
    var name: String?

    var actor: String { name ?? Environment.user }
}

/// An act that sets no run going.
struct ApprovalActing: ParsableArguments {
    @OptionGroup var approval: ApprovalArguments
    @OptionGroup var person: ApprovalPerson
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func make(_ wish: ApprovalWish) async throws {
        let record = try await approval.act(wish, by: person.actor, reason: person.reason, store)
        Terminal.standard.line(
            output.json ? record.json.serialized() : "\(record.state), revision \(record.revision)")
    }
}

/// A vote, which may decide the request.
struct ApprovalDeciding: ParsableArguments {
    @OptionGroup var approval: ApprovalArguments
    @OptionGroup var person: ApprovalPerson
    @OptionGroup var remote: RemoteOptions
    @OptionGroup var host: HostOptions
    @OptionGroup var output: OutputOptions

    func make(_ wish: ApprovalWish) async throws {
        if let server = try remote.host(beside: host.storage) {
            let record = try await RemoteApproval(host: server, run: approval.run, sequence: approval.sequence)
                .act(wish, by: person.actor, reason: person.reason)
            let words = "\(record.text("status")), revision \(record.text("revision"))"
            return Terminal.standard.line(output.json ? record.serialized() : words)
        }
        let record = try await approval.act(wish, by: person.actor, reason: person.reason, host.storage)
        guard record.state != .open else {
            let words = "noted; it takes more: bureau approvals show \(record.run) \(record.sequence)"
            return Terminal.standard.line(output.json ? record.json.serialized() : words)
        }
        let runtime = try await HostSession.open(host)
        let failure: CommandFailure?
        do {
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
        let root = try await runtime.journal.read { [approval] journal throws(JournalError) -> RunRecord? in
            guard let id = try journal.run(approval.run)?.root else { return nil }
            return try journal.run(id)
        }
        guard let root else { throw CommandFailure(.notFound, "no run \(approval.run)") }
        return try await RunPresentation(
            runtime: runtime, outputFolder: nil, store: host.storage, isJSON: output.json
        ).present(root)
    }
}

extension ApprovalArguments {
    func act(
        _ wish: ApprovalWish, by: String, reason: String, _ store: StoreOptions
    ) async throws(CommandFailure) -> ApprovalRecord {
        // A run that is not there is a wrong argument, not a new store.
        _ = try await read(store)
        let access = AccessDecision.about(
            run: run, sequence: sequence, wish, by: by,
            id: RunID(unixMilliseconds: SystemClock.now().unixMilliseconds, random: SystemClock.randomBytes(count: 10)))
        return try await HostSession.change(store, deciding: access) { [run, sequence] journal throws(JournalError) in
            try journal.approvalAct(run: run, sequence: sequence, wish, by: by, reason: reason)
        }
    }
}
