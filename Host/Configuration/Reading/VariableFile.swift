import Kernel

/// `.env`: `NAME=value` a line, as Docker and shells read it. Single quotes keep a value as it is, double quotes know
/// `\n`, `\"` and `\\`; nothing is expanded and nothing is run.
package enum VariableFile {
    package static func values(_ bytes: [UInt8], source: String) throws(ConfigurationProblems) -> [String: String] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationProblems([ConfigurationProblem(source, "is not UTF-8")])
        }
        var values: [String: String] = [:], problems: [ConfigurationProblem] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = line.trimmed[...]
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("export ") { line = line.dropFirst(7) }
            let refuse = { (message: String) in
                problems.append(ConfigurationProblem(source, line: index + 1, message))
            }
            guard let equals = line.firstIndex(of: "=") else { refuse("must be NAME=value"); continue }
            let name = line[..<equals].trimmed
            guard isName(name) else { refuse("\"\(name)\" is no name of a variable"); continue }
            guard let value = value(line[line.index(after: equals)...].trimmed[...]) else {
                refuse("\(name) has a quote without its end")
                continue
            }
            guard values.updateValue(value, forKey: name) == nil else { refuse("\(name) is there twice"); continue }
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return values
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
                || (0x61...0x7A).contains($0)
        }
    }

    private static func value(_ text: Substring) -> String? {
        guard let quote = text.first, quote == "\"" || quote == "'" else {
            // A comment begins after a space.
            let comment = text.range(of: " #")
            return text[..<(comment?.lowerBound ?? text.endIndex)].trimmed
        }
        var value = "", isEscaped = false
        for character in text.dropFirst() {
            if isEscaped {
                value.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\", quote == "\"" {
                isEscaped = true
            } else if character == quote {
                return value
            } else {
                value.append(character)
            }
        }
        return nil
    }
}

extension Substring {
    /// Of the first place where `part` is.
    fileprivate func range(of part: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
            start = index(after: start)
        }
        return nil
    }
}
