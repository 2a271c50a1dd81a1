package import FoundationEssentials
package import PluginKit

/// One effect of a run, in start order.
public struct RecordedStep: Hashable, Sendable {
    /// The author's name, or the kind when the author gave none.
    public var name: String
    /// `step`, `model`, `tool`, `http`, `state.get`, `state.put`, `state.remove`, `state.list`, `artifact.put`,
    /// `artifact.get`, `child`, `plan`, `message`, `approval`, `sleep`, `now`, `random`, `budget.remaining`,
    /// `budget.reserve`, `budget.release` or `audit.note`.
    public var kind: String
    /// 0 for the first effect of this name in the run.
    public var occurrence: Int
    /// True when the answer came from the journal.
    public var isReplayed: Bool
    /// As a host encodes it for its journal.
    package var request: Data
    /// As a fixture shows it.
    package var requestJSON: JSONValue
}

/// How an effect ended, as it is recorded and delivered.
enum EffectOutcome: Sendable {
    case done(value: UInt64 = 0, data: Data = Data(), text: String = "", usage: ModelUsage? = nil)
    case compute(ticket: UInt64)
    case failed(TaskFailure, value: UInt64 = 0)
    case cancelled
}

/// The journal of one run.
struct RunJournal: Sendable {
    struct Key: Hashable, Sendable {
        var name: String
        var occurrence: Int
    }

    struct Entry: Sendable {
        var kind: String
        var shape: Data
        var outcome: EffectOutcome
        /// Position in the order in which results were recorded.
        var order: Int
    }

    private(set) var entries: [Key: Entry] = [:]

    mutating func record(_ key: Key, kind: String, shape: Data, _ outcome: EffectOutcome) {
        guard entries[key] == nil else { return }
        entries[key] = Entry(kind: kind, shape: shape, outcome: outcome, order: entries.count)
    }

    /// What a crash after the first `count` recorded results leaves.
    func keepingFirst(_ count: Int) -> RunJournal {
        var kept = self
        kept.entries = entries.filter { $0.value.order < count }
        return kept
    }
}
