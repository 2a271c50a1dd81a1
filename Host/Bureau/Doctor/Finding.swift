import Kernel

/// What one check found.
struct Finding: Hashable, Sendable {
    enum Level: String, Hashable, Sendable, Comparable {
        case ok, skipped, warning, failure

        private var rank: Int {
            switch self {
            case .ok, .skipped: 0
            case .warning: 1
            case .failure: 2
            }
        }
        static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
    }

    var check: String
    var level: Level
    var message: String
    /// What to do; empty where nothing is.
    var advice: String

    init(_ check: String, _ level: Level, _ message: String, advice: String = "") {
        self.check = check
        self.level = level
        self.message = message
        self.advice = advice
    }

    var json: JSONValue {
        [
            "check": .string(check), "level": .string(level.rawValue), "message": .string(message),
            "advice": advice.isEmpty ? .null : .string(advice),
        ]
    }

    func line(style: Style) -> String {
        let mark =
            switch level {
            case .ok: style.green("ok     ")
            case .skipped: style.faint("skipped")
            case .warning: style.yellow("warning")
            case .failure: style.red("FAILURE")
            }
        let name = check + String(repeating: " ", count: max(0, 11 - check.count))
        return "\(mark)  \(name)  \(message.printable)" + (advice.isEmpty ? "" : style.faint(" → \(advice.printable)"))
    }
}

/// All that was found, and how that ends a command.
struct Findings: Sendable {
    var all: [Finding]

    var worst: Finding.Level { all.map(\.level).max() ?? .ok }

    var json: JSONValue {
        let count = { (level: Finding.Level) in JSONValue.integer(Int64(all.filter { $0.level == level }.count)) }
        return [
            "healthy": .bool(worst < .warning), "findings": .array(all.map(\.json)),
            "warnings": count(.warning), "failures": count(.failure),
        ]
    }

    /// - Throws: where something was found; what was found is on the output already.
    func end() throws(CommandFailure) {
        switch worst {
        case .ok, .skipped: return
        case .warning: throw CommandFailure(.warnings, lines: [])
        case .failure: throw CommandFailure(.failures, lines: [])
        }
    }
}
