import ArgumentParser
import Engine
import Journal
import Kernel
import Server

struct ApprovalRulesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules", abstract: "Who may decide about a department's requests, and how many it takes.",
        discussion: """
            Without rules everybody may decide but the user for whom the run works. Rules hold for requests from then \
            on; those of a task come before those of its department.
            """,
        subcommands: [List.self, Set.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists them.")

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let rules = try await HostSession.ask(store) { journal throws(JournalError) in try journal.approvalRules() }
            let terminal = Terminal.standard
            guard !output.json else {
                return terminal.line(JSONValue.object(["rules": .array(rules.map(\.json))]).serialized())
            }
            var table = Table([("for", .left), ("quorum", .right), ("approvers", .left), ("rules", .left)])
            for rule in rules {
                table.add(
                    rule.task.map { "\(rule.department)/\($0)" } ?? rule.department, "\(rule.policy.rules.quorum)",
                    rule.policy.rules.isForAnybody
                        ? "everybody" : rule.policy.rules.approvers.sorted().joined(separator: ", "),
                    rule.policy.json.serialized())
            }
            table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes or replaces the rules of a department or a task.",
            discussion: """
                As {"approvers": ["ann", "bob"], "quorum": 2, "rejections": 1, "requester_may_approve": false, \
                "may_delegate": true, "editor_may_approve": true, "expires_after_seconds": 86400, \
                "escalations": [{"after_seconds": 3600, "approvers": ["boss"]}]}; each member may be left out.
                """)

        @OptionGroup var place: ApprovalRulePlace

        @Argument(help: "The rules: inline JSON, a .json file, or -.")
        var rules: String

        @OptionGroup var store: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let bytes = try InputReader().read(rules)
            let policy: ApprovalPolicy
            do {
                policy = try ApprovalPolicy(json: try JSONParser.parse(bytes))
            } catch {
                throw CommandFailure(.badInput, (error as? Failure)?.message ?? "the rules are not JSON: \(error)")
            }
            let (department, task) = try place.parts()
            let rule = ApprovalRuleRecord(
                department: department, task: task, policy: policy, createdAt: SystemClock.now())
            let by = Environment.user
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.approvalRuleSet(rule, by: by)
            }
            Terminal.standard.line(
                output.json ? rule.json.serialized() : "\(place.name): \(policy.json.serialized())")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes them; open requests keep theirs.")

        @OptionGroup var place: ApprovalRulePlace
        @OptionGroup var store: StoreOptions

        func run() async throws {
            let (department, task) = try place.parts()
            let by = Environment.user
            try await HostSession.change(store) { journal throws(JournalError) in
                try journal.approvalRuleRemove(department: department, task: task, by: by)
            }
            Terminal.standard.line("\(place.name) has no rules of its own any more")
        }
    }
}

struct ApprovalRulePlace: ParsableArguments {
    @Argument(help: "A department, or department/task.")
    var name: String

    func parts() throws(CommandFailure) -> (department: String, task: String?) {
        if Name.isValid(name) { return (name, nil) }
        guard let task = TaskReference(name) else {
            throw CommandFailure(.usage, "\"\(name)\" is no department and no task: write finance or finance/close")
        }
        return (task.department, task.task)
    }
}
