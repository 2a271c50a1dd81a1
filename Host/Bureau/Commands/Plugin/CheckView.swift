import PluginCheck
import Synchronization

/// A finished check, for people.
struct CheckView {
    let report: CheckReport
    let style: Style
    let isVerbose: Bool

    var lines: [String] {
        var lines = [heading, ""]
        for group in RuleGroup.allCases {
            let results = report.results.filter { $0.rule.group == group }
            if !results.isEmpty { lines.append(row(group, results)) }
        }
        let worthSaying = report.results.filter {
            isVerbose || $0.status.isBreach || $0.status == .warning
        }
        for result in worthSaying { lines += [""] + explanation(of: result) }
        return lines + ["", Self.verdict(report) + style.faint("  seed \(report.seed), \(report.milliseconds) ms")]
    }

    private var heading: String {
        guard let plugin = report.plugin else { return style.bold(report.path.printable) }
        return style.bold("\(plugin) \(report.version ?? "")".printable) + "  " + report.path.printable
    }

    private func row(_ group: RuleGroup, _ results: [RuleResult]) -> String {
        let name = group.rawValue + String(repeating: " ", count: max(0, 13 - group.rawValue.count))
        return name + results.map(mark).joined()
    }

    private func mark(_ result: RuleResult) -> String {
        switch result.status {
        case .passed: style.green("●")
        case .skipped: style.faint("○")
        case .warning: style.yellow("▲")
        case .failed, .crashed: style.red("✗")
        }
    }

    private func explanation(of result: RuleResult) -> [String] {
        let word = result.status.rawValue
        let painted =
            result.status.isBreach
            ? style.red(word) : result.status == .warning ? style.yellow(word) : style.faint(word)
        var lines = ["\(painted)  \(style.bold(result.rule.id))"]
        if result.status == .passed { return lines }
        if result.status == .skipped { return lines + ["  \(result.text.printable)"] }
        lines.append("  required   \(result.rule.requirement)")
        lines.append("  happened   \(result.text.printable)")
        lines.append("  stated in  \(result.rule.source)")
        lines.append(style.faint("  again      \(report.reproduction(of: result).printable)"))
        return lines
    }

    static func verdict(_ report: CheckReport) -> String {
        RuleStatus.allCases.filter { report.count($0) > 0 }
            .map { "\(report.count($0)) \($0.rawValue.lowercased())" }.joined(separator: ", ")
    }
}

/// One line that is redrawn while rules are tried, on a terminal only.
final class CheckProgress: Sendable {
    private let terminal: Terminal
    private let isShown: Bool
    private let counts = Mutex<[RuleStatus: Int]>([:])

    init(terminal: Terminal, isShown: Bool) {
        self.terminal = terminal
        self.isShown = isShown && terminal.isLive
    }

    func add(_ result: RuleResult) {
        guard isShown else { return }
        let counts = counts.withLock { counts in
            counts[result.status, default: 0] += 1
            return counts
        }
        let total = counts.values.reduce(0, +)
        let broken = (counts[.failed] ?? 0) + (counts[.crashed] ?? 0)
        let words = broken > 0 ? terminal.errorStyle.red("\(broken) broken") : terminal.errorStyle.green("none broken")
        terminal.draw("\r\u{1B}[2K\(total) rules tried, \(words)  \(terminal.errorStyle.faint(result.rule.id))")
    }

    func clear() {
        if isShown { terminal.draw("\r\u{1B}[2K") }
    }
}
