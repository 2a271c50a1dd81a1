import ArgumentParser
import Kernel
import PluginCheck

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tries the rules of the boundary on a plugin file.",
        discussion: """
            Each rule runs in a process of its own, under the sandbox that production has. The exit code is 0 when no \
            rule FAILED or CRASHED (warnings do not count), 5 when one did, 3 when the file cannot be read. \
            PluginAPI/RULES.md has all rules with their reasons.
            """)

    @Argument(help: "The plugin file.", completion: .file(extensions: ["so"]))
    var file: String?

    @Option(name: .customLong("rule"), parsing: .singleValue, help: "Only this rule; may be repeated.")
    var rules: [String] = []

    @Option(help: "What drawn inputs are drawn from; printed, to see a result again (default: 1).")
    var seed: UInt64 = 1

    @Option(help: "How long one rule may take, 1 to 600.")
    var timeoutSeconds = 20

    @Option(help: ArgumentHelp("The agent's configuration (default: {}).", valueName: "file.json"))
    var configuration: String?

    @Option(help: ArgumentHelp("Also write a JUnit report.", valueName: "file.xml"))
    var junit: String?

    @Flag(help: "List the rules instead.")
    var list = false

    @Flag(help: ArgumentHelp("With --list: as PluginAPI/RULES.md.", visibility: .hidden))
    var markdown = false

    @Flag(help: "Load the plugin into this process, for a debugger; needs exactly one --rule.")
    var inProcess = false

    @Flag(help: "Also list the rules that passed or were skipped.")
    var verbose = false

    @OptionGroup var output: OutputOptions

    mutating func validate() throws {
        guard list != (file != nil) else { throw ValidationError("name a plugin file, or --list") }
        guard (1...600).contains(timeoutSeconds) else { throw ValidationError("--timeout-seconds is from 1 to 600") }
        if inProcess, rules.count != 1 { throw ValidationError("--in-process needs exactly one --rule") }
    }

    func run() async throws {
        guard let file else { return listRules() }
        var settings = Checker.Settings(
            place: inProcess ? .thisProcess : .worker(path: Installation.worker))
        settings.rules = rules
        settings.seed = seed
        settings.timeoutSeconds = timeoutSeconds
        if let configuration { settings.configuration = try bytes(of: configuration) }
        let report = try await check(file, settings)
        let terminal = Terminal.standard
        if let junit, let problem = FilePath.write(Array(report.junit.utf8), to: FilePath.absolute(junit)) {
            throw CommandFailure(.badInput, problem.text)
        }
        if output.json {
            terminal.line(report.json.serialized())
        } else {
            CheckView(report: report, style: terminal.outputStyle, isVerbose: verbose || !rules.isEmpty)
                .lines.forEach { terminal.line($0) }
        }
        guard report.isSound else { throw CommandFailure(.pluginRefused, "\(file): \(CheckView.verdict(report))") }
    }

    private func check(_ file: String, _ settings: Checker.Settings) async throws(CommandFailure) -> CheckReport {
        let progress = CheckProgress(terminal: .standard, isShown: !output.json)
        do {
            let report = try await Checker(settings).check(FilePath.absolute(file)) { progress.add($0) }
            progress.clear()
            return report
        } catch {
            progress.clear()
            let status: ExitStatus =
                switch error.code {
                case .unreadable: .badInput
                case .unknownRule: .usage
                case .workerMissing: .pluginRefused
                }
            throw CommandFailure(status, error.message)
        }
    }

    private func bytes(of path: String) throws(CommandFailure) -> [UInt8] {
        switch FilePath.read(FilePath.absolute(path), maximumBytes: 1 << 20) {
        case .success(let bytes): return bytes
        case .failure(let problem): throw CommandFailure(.badInput, problem.text)
        }
    }

    private func listRules() {
        let terminal = Terminal.standard
        if markdown { return terminal.bytes(Array(RuleDocument.markdown.utf8)) }
        if output.json {
            let list = RuleCatalogue.all.map { JSONValue.object($0.members) }
            return terminal.line(JSONValue.object(["rules": .array(list)]).serialized())
        }
        var table = Table("group", "rule", "breach", "required")
        for rule in RuleCatalogue.all {
            let breach = rule.severity == .error ? "fails" : "warns"
            table.add(rule.group.rawValue, rule.id, breach, rule.requirement)
        }
        table.lines(style: terminal.outputStyle).forEach { terminal.line($0) }
    }
}
