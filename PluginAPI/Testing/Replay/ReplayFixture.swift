public import FoundationEssentials
import PluginKit

/// A recorded run of a real host, as `bureau replay export` writes it. The format is described in this folder's
/// README.
public struct ReplayFixture: Sendable {
    struct Run: Decodable, Sendable {
        var id: String
        var attempt: Int
        var idempotencyKey: String

        enum CodingKeys: String, CodingKey {
            case id, attempt
            case idempotencyKey = "idempotency_key"
        }
    }

    struct Agent: Decodable, Sendable {
        var name: String
        var configuration: JSONValue
    }

    struct Failure: Decodable, Sendable {
        var status: String
        var message: String

        var failure: TaskFailure { TaskFailure(FailureStatus(named: status), message) }
    }

    struct Step: Decodable, Sendable {
        var sequence: Int
        var name: String
        var occurrence: Int
        var kind: String
        var shape: String
        var status: String
        /// Null when the request was too large to be kept.
        var request: JSONValue
        var result: StepResult?
        var failure: Failure?

        var isAnswered: Bool { status == "done" || status == "failed" }
        var key: RunJournal.Key { RunJournal.Key(name: name, occurrence: occurrence) }
    }

    struct StepResult: Decodable, Sendable {
        var value: JSONValue?
        var data: String?
        var dataHex: String?
        var text: String?
        var usage: Usage?

        enum CodingKeys: String, CodingKey {
            case value, data, text, usage
            case dataHex = "data_hex"
        }
    }

    struct Usage: Decodable, Sendable {
        var input: UInt64?
        var cachedRead: UInt64?
        var cacheWrite: UInt64?
        var cacheWriteOneHour: UInt64?
        var output: UInt64?
        var reasoning: UInt64?
        var costNanodollars: Int64?

        enum CodingKeys: String, CodingKey {
            case input, output, reasoning
            case cachedRead = "cached_read"
            case cacheWrite = "cache_write"
            case cacheWriteOneHour = "cache_write_one_hour"
            case costNanodollars = "cost_nanodollars"
        }
    }

    struct Outcome: Decodable, Sendable {
        var status: String
        var output: JSONValue?
        var failure: Failure?
    }

    private struct Document: Decodable {
        var task: String
        var run: Run
        var agent: Agent
        var input: String
        var steps: [Step]
        var outcome: Outcome
    }

    private struct Head: Decodable {
        var format: String
        var version: Int
    }

    /// `department/task`.
    public let task: String
    let run: Run
    let agent: Agent
    let input: String
    let steps: [Step]
    let outcome: Outcome

    /// - Throws: ``TaskFailure`` that says what is wrong with the file.
    public init(contentsOf url: URL) throws {
        try self.init(json: try Data(contentsOf: url), url.lastPathComponent)
    }

    init(json: Data, _ name: String) throws(TaskFailure) {
        let head = try JSONCoding.decode(Head.self, from: json, name, failing: .invalid)
        guard head.format == "bureau.replay-fixture", head.version == 1 else {
            throw .unsupported("\(name) has format \(head.format), version \(head.version); this reads version 1")
        }
        let document = try JSONCoding.decode(Document.self, from: json, name, failing: .invalid)
        guard document.task.split(separator: "/").count == 2 else {
            throw .invalid("\(name): the task \"\(document.task)\" is not department/task")
        }
        task = document.task
        run = document.run
        agent = document.agent
        input = document.input
        steps = document.steps
        outcome = document.outcome
    }

    /// The task as its department calls it.
    var taskName: String { String(task.split(separator: "/")[1]) }

    /// Nil when an export has taken a secret out of it.
    var configuration: Data? {
        guard let data = try? JSONCoding.encode(agent.configuration, "the configuration") else { return nil }
        return String(decoding: data, as: UTF8.self).contains("\"[redacted]\"") ? nil : data
    }
}

extension ReplayFixture.StepResult {
    /// As it was delivered. Nil when it cannot be read.
    var outcome: EffectOutcome? {
        let number: UInt64
        switch value {
        case nil: number = 0
        case .integer(let small)?: number = UInt64(clamping: small)
        case .string(let large)?:
            guard let parsed = UInt64(large) else { return nil }
            number = parsed
        default: return nil
        }
        guard let bytes = dataHex.map(Self.bytes) ?? Data((data ?? "").utf8) else { return nil }
        return .done(value: number, data: bytes, text: text ?? "", usage: usage?.modelUsage)
    }

    private static func bytes(_ hex: String) -> Data? {
        let digits = hex.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count == hex.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) })
    }
}

extension ReplayFixture.Usage {
    fileprivate var modelUsage: ModelUsage {
        ModelUsage(
            inputTokens: input ?? 0, cachedReadTokens: cachedRead ?? 0,
            cacheWriteTokens: (cacheWrite ?? 0) + (cacheWriteOneHour ?? 0), outputTokens: output ?? 0,
            reasoningTokens: reasoning ?? 0, costNanodollars: costNanodollars ?? 0)
    }
}

extension FailureStatus {
    /// The status of this name (``FailureStatus/name``); `internal` for a name that this version does not know.
    fileprivate init(named name: String) {
        let known = (1...15).map { FailureStatus(rawValue: -Int32($0)) }
        self = known.first { $0.name == name } ?? .internal
    }
}
