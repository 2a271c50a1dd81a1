import ArgumentParser
import HostConfiguration
import Kernel

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Checks and explains the policy of what may pass.",
        discussion: """
            A policy is a JSON file of rules: bureau serve and bureau run take it from --policy, BUREAU_POLICY, or
            policy.json in the store. Each rule says where it looks (on), what must hold (when) and what follows (then):
            forbid, ask, mask or flag, the strictest of those that match. With "mode": "log" a rule is told and
            changes nothing. Host/Kernel/Guard/README.md has the format and an example.
            """,
        subcommands: [PolicyCheck.self, PolicyExplain.self])
}

/// The policy of this host.
enum PolicyFile {
    static let name = "policy.json"
    private static let maximumBytes = 4 << 20

    /// - Parameter path: nil for the one that the environment names or that stands in the store; none where there is
    ///   no such file. A file that was named must be there, and a wrong one is never half used.
    /// - Returns: with the digest of its file.
    static func read(
        _ path: String?, store: StoreOptions
    ) throws(CommandFailure) -> (policy: GuardPolicy, digest: Digest?) {
        if let path = path ?? Configured.current.path(Settings.policy) { return try load(FilePath.absolute(path)) }
        let path = FilePath.join(store.folder, name)
        return FilePath.exists(path) ? try load(path) : (.none, nil)
    }

    static func read(_ path: String) throws(CommandFailure) -> GuardPolicy { try load(path).policy }

    private static func load(_ path: String) throws(CommandFailure) -> (policy: GuardPolicy, digest: Digest?) {
        switch FilePath.read(path, maximumBytes: maximumBytes) {
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        case .success(let bytes):
            do {
                return (try GuardPolicy(json: bytes), Digest.sha256(bytes))
            } catch {
                let lines = error.problems.map { "\($0.pointer.isEmpty ? "/" : $0.pointer): \($0.message)" }
                throw CommandFailure(.badInput, lines: ["\(path) is no policy"] + lines)
            }
        }
    }
}

struct PolicyCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Reads a policy and says all that is wrong with it.")

    @Argument(help: "The policy file.")
    var file: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let policy = try PolicyFile.read(FilePath.absolute(file))
        let terminal = Terminal.standard
        guard !output.json else {
            return terminal.line(JSONValue.object(["rules": .array(policy.rules.map { .string($0.id) })]).serialized())
        }
        var table = Table("rule", "on", "then", "mode")
        for rule in policy.rules {
            table.add(
                rule.id, rule.places.map(\.rawValue).sorted().joined(separator: ", "), rule.verdict.rawValue,
                rule.isDry ? "log" : "enforce")
        }
        table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }
}

struct PolicyExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Says what a policy would do with a text, rule by rule, and does nothing.",
        discussion: "The exit code is 0 when it would pass, 5 when it would be forbidden.")

    @Argument(help: "The policy file.")
    var file: String

    @Option(help: "Where: model.request, model.answer, tool or http.")
    var on = GuardPolicy.Place.modelRequest

    @Option(help: "The text: a prompt, an answer, a tool's arguments, a body (- reads standard input).")
    var text: String

    @Option(help: "Of which department.")
    var department = "any"

    @Option(help: "Of which tenant.")
    var tenant = "default"

    @Option(help: "To which provider/model.")
    var model: String?

    @Option(help: "To which tool.")
    var tool: String?

    @Option(help: "To which host.")
    var host: String?

    @Flag(help: "As in a run that has read something from outside.")
    var tainted = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let policy = try PolicyFile.read(FilePath.absolute(file))
        let text = try given()
        let decision = policy.decide(
            GuardSubject(
                place: on, tenant: tenant, department: department, model: model, tool: tool, host: host,
                isTainted: tainted, texts: [text]))
        var masking = Masking()
        let passed = decision.verdict == .forbid ? nil : masking.mask(text, kinds: decision.masks)
        show(decision, passed)
        if let refusal = decision.refusal { throw CommandFailure(.pluginRefused, refusal) }
    }

    private func given() throws(CommandFailure) -> String {
        guard text == "-" else { return text }
        switch FilePath.read(0, name: "standard input", maximumBytes: 16 << 20) {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        }
    }

    private func show(_ decision: GuardDecision, _ passed: String?) {
        let terminal = Terminal.standard
        if output.json {
            let matches = decision.matches.map { match -> JSONValue in
                [
                    "rule": .string(match.rule), "then": .string(match.verdict.rawValue), "dry": .bool(match.isDry),
                    "reasons": .array(match.reasons.map(JSONValue.string)),
                ]
            }
            return terminal.line(
                JSONValue.object([
                    "verdict": .string(decision.verdict.rawValue), "matches": .array(matches),
                    "passes_as": passed.map(JSONValue.string) ?? .null,
                ]).serialized())
        }
        for match in decision.matches {
            let mode = match.isDry ? " (only told: mode log)" : ""
            terminal.line("\(match.rule): \(match.verdict.rawValue)\(mode): \(match.reasons.joined(separator: "; "))")
        }
        if decision.matches.isEmpty { terminal.line("no rule matches") }
        terminal.line("verdict: \(decision.verdict.rawValue)")
        if let passed, decision.verdict == .mask { terminal.line("passes as: \(passed)") }
    }
}

extension GuardPolicy.Place: ExpressibleByArgument {}
