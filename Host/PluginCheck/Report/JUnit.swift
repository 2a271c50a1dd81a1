extension CheckReport {
    /// JUnit's XML as Jenkins, GitLab and GitHub read it: a suite a group. A warning passes, with its text as output.
    package var junit: String {
        var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
        let counts = Self.attributes(results)
        lines.append("<testsuites name=\(Self.quoted("bureau plugin check \(path)")) \(counts)>")
        for group in RuleGroup.allCases {
            let members = results.filter { $0.rule.group == group }
            guard !members.isEmpty else { continue }
            lines.append("  <testsuite name=\(Self.quoted(group.rawValue)) \(Self.attributes(members))>")
            for result in members { lines += testCase(result) }
            lines.append("  </testsuite>")
        }
        lines.append("</testsuites>")
        return lines.joined(separator: "\n") + "\n"
    }

    private func testCase(_ result: RuleResult) -> [String] {
        let name = Self.quoted(result.rule.id), suite = Self.quoted("plugin.\(result.rule.group.rawValue)")
        let start = "    <testcase name=\(name) classname=\(suite) time=\"\(Self.seconds(result.milliseconds))\""
        let message = Self.quoted(result.text)
        let body = Self.escaped(
            "required: \(result.rule.requirement)\nstated in: \(result.rule.source)\n"
                + "reproduce: \(reproduction(of: result))")
        switch result.status {
        case .passed: return [start + "/>"]
        case .skipped: return [start + "><skipped message=\(message)/></testcase>"]
        case .warning:
            return [start + "><system-out>warning: \(Self.escaped(result.text))\n\(body)</system-out></testcase>"]
        case .failed: return [start + "><failure message=\(message)>\(body)</failure></testcase>"]
        case .crashed: return [start + "><error message=\(message)>\(body)</error></testcase>"]
        }
    }

    private static func attributes(_ results: [RuleResult]) -> String {
        func count(_ status: RuleStatus) -> Int { results.count { $0.status == status } }
        let time = results.reduce(0) { $0 + $1.milliseconds }
        return "tests=\"\(results.count)\" failures=\"\(count(.failed))\" errors=\"\(count(.crashed))\" "
            + "skipped=\"\(count(.skipped))\" time=\"\(seconds(time))\""
    }

    private static func seconds(_ milliseconds: UInt64) -> String {
        let rest = "\(milliseconds % 1000)"
        return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// A plugin's words are in it: what XML 1.0 cannot hold becomes the replacement character.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
