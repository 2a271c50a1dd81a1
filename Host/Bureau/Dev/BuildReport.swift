import Glibc
import Kernel

/// How a build ended, and what of its output an author wants to see.
struct BuildReport: Hashable, Sendable {
    /// So much is kept of a build's output, and shown of it.
    static let keptLines = 2_000
    static let shownLines = 40
    private static let context = 2

    var ending: BuildProcess.Ending
    var milliseconds: Int64
    /// The first ``keptLines``.
    var lines: [String]
    var droppedLines: Int
    var program: String

    var isSuccess: Bool { ending == .exited(0) }

    var reason: String {
        switch ending {
        case .exited(0): "built"
        case .exited(let code): "\(program) ended with code \(code)"
        case .signalled(let number): "\(program) was ended by signal \(number)"
        }
    }

    /// From shortly before the first error on: what was compiled before it went well.
    var shown: [String] {
        let first = lines.firstIndex { DiagnosticLine($0).kind == .error } ?? 0
        return Array(lines.dropFirst(max(0, first - Self.context)).prefix(Self.shownLines))
    }

    var omittedLines: Int { lines.count + droppedLines - shown.count }

    /// What to do where the compiler cannot say it itself, because it is not there.
    var hint: String? {
        guard !isSuccess else { return nil }
        if ending == .exited(127) {
            return "\(program) is not installed, or not in PATH; \"build\" in \(PluginProject.fileName) names it"
        }
        let isMissing = lines.contains { $0.contains("Error 127") || $0.hasSuffix("not found") }
        guard isMissing, let name = lines.lazy.compactMap(Self.missingProgram).first else { return nil }
        return "\(name) is not installed, or not in PATH; install it"
            + (["cc", "gcc", "c++", "g++"].contains(name) ? " (Debian: apt install build-essential)" : "")
    }

    /// `make: cc: No such file or directory`, `/bin/sh: 1: cargo: not found`.
    private static func missingProgram(_ line: String) -> String? {
        let parts = line.split(separator: ":").map { $0.drop { $0 == " " } }
        guard parts.count >= 3, let last = parts.last else { return nil }
        let endings = ["not found", "command not found", "No such file or directory"]
        return endings.contains(String(last)) ? String(parts[parts.count - 2]) : nil
    }

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "ok": .bool(isSuccess), "milliseconds": .integer(milliseconds),
            "output": .array(shown.map { .string($0) }), "omitted_lines": .integer(Int64(omittedLines)),
        ]
        switch ending {
        case .exited(let code): members["exit_code"] = .integer(Int64(code))
        case .signalled(let number): members["signal"] = .integer(Int64(number))
        }
        if let hint { members["hint"] = .string(hint) }
        return .object(members)
    }
}

/// A line of a compiler, told by the words that GCC, Clang, rustc and Swift share.
struct DiagnosticLine {
    enum Kind { case error, warning, note, mark, other }

    let text: String
    let kind: Kind

    init(_ text: String) {
        self.text = text
        func has(_ word: String) -> Bool { text.hasPrefix("\(word):") || text.contains(" \(word):") }
        if has("error") || text.hasPrefix("error[") || text.contains("undefined reference") {
            kind = .error
        } else if has("warning") {
            kind = .warning
        } else if has("note") || has("help") {
            kind = .note
        } else {
            let marks = text.filter { !" |`0123456789".contains($0) }
            kind = !marks.isEmpty && marks.allSatisfy { "^~-+".contains($0) } ? .mark : .other
        }
    }

    func shown(_ style: Style) -> String {
        let plain = text.untabbed.printable
        switch kind {
        case .error: return style.red(plain)
        case .warning: return style.yellow(plain)
        case .note: return style.cyan(plain)
        case .mark: return style.green(plain)
        case .other: return plain
        }
    }
}

extension String {
    /// A compiler marks a place in the line above, which holds only if tabs keep their width.
    fileprivate var untabbed: String { replacing("\t", with: "        ") }
}
