/// `PluginAPI/RULES.md`, made of the catalogue.
package enum RuleDocument {
    package static var markdown: String {
        var lines = [
            "# The rules that `bureau plugin check` tries", "",
            "Made of the catalogue in `Host/PluginCheck/Rules`; a test compares. To write it anew:",
            "`bureau plugin check --list --markdown > PluginAPI/RULES.md`.", "",
            "Each rule is tried in a process of its own, under the sandbox that production has. A breach is FAILED, or "
                + "CRASHED when the process died, or WARNING where the table says so. A rule that there is nothing to "
                + "try "
                + "on is SKIPPED. `Tests/PluginCheck/Breaking` has for each rule a plugin that breaks it.",
        ]
        for group in RuleGroup.allCases {
            let rules = RuleCatalogue.all.filter { $0.group == group }
            lines += [
                "", "## \(group.rawValue)", "", "| rule | what is required, and why | stated in |",
                "| --- | --- | --- |",
            ]
            lines += rules.map { rule in
                let mark = rule.severity == .warning ? " (warning)" : ""
                return "| `\(rule.id)`\(mark) | \(rule.requirement) | `\(rule.source)` |"
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
