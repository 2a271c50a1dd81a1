public import PluginKit
import FoundationEssentials

/// A line that a plugin logged.
public struct LoggedLine: Hashable, Sendable {
    public var level: LogLevel
    public var text: String

    public init(level: LogLevel, text: String) {
        self.level = level
        self.text = text
    }
}

/// How far a task said it was.
public struct ReportedProgress: Hashable, Sendable {
    /// 0 to 1, in thousandths.
    public var fraction: Double
    public var text: String

    public init(fraction: Double, text: String) {
        self.fraction = fraction
        self.text = text
    }
}

/// A message that a task sent, or a fact that it noted.
public struct SentDocument: Hashable, Sendable {
    /// The receiver of a message; empty for an audit note.
    public var department: String
    public var type: String
    public var content: JSONValue

    public init(department: String, type: String, content: JSONValue) {
        self.department = department
        self.type = type
        self.content = content
    }
}

/// All that a fake host keeps outside its runs: the agent's state, what runs left behind, the clock.
struct World: Sendable {
    struct StoredValue: Sendable {
        /// Nil: removed. The revision goes on counting.
        var value: Data?
        var revision: UInt64
    }

    var scripts = Scripts()
    var state: [String: StoredValue] = [:]
    var artifacts: [String: [UInt8]] = [:]
    var artifactsByDigest: [String: (bytes: Data, mediaType: String)] = [:]
    var logs: [LoggedLine] = []
    var progress: [ReportedProgress] = []
    var partialText = ""
    var messages: [SentDocument] = []
    var auditNotes: [SentDocument] = []
    /// Virtual: only sleeping moves it. 2026-01-01 00:00 UTC at first.
    var nowMilliseconds: UInt64 = 1_767_225_600_000
    /// State of a SplitMix64 generator.
    var randomState: UInt64 = 1
    var tickets: [UInt64: Int64] = [:]
    var lastTicket: UInt64 = 0

    /// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
    mutating func nextRandom() -> UInt64 {
        randomState &+= 0x9E37_79B9_7F4A_7C15
        var mixed = randomState
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
