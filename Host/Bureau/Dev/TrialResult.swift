import Journal
import Kernel
import Placement
import Server

/// A run of the trial that came to its end, with what two of them are compared by.
struct TrialResult: Sendable {
    var run: RunRecord
    var steps: [StepRecord]
    var milliseconds: Int64
    /// What took the plugin's process down, if that is how it ended.
    var crash: PluginCrash?

    /// The output, or the failure where there is none.
    var value: JSONValue {
        if let output = run.output { return .readable(output) }
        return run.failure.map { ["failure": $0.json] } ?? .null
    }

    var state: String { crash == nil ? run.state.name : "crashed" }
}

/// What an author's edit changed: between two runs of the same trial.
struct TrialDifference: Hashable, Sendable {
    enum StepChange: Hashable, Sendable {
        case added, removed
        case request, result
    }

    struct Step: Hashable, Sendable {
        var key: StepKey
        var kind: EffectKind
        var change: StepChange

        var text: String {
            switch change {
            case .added: "\(key): new \(kind.name) step"
            case .removed: "\(key): \(kind.name) step is gone"
            case .request: "\(key): asks for something else (\(kind.name))"
            case .result: "\(key): another result (\(kind.name))"
            }
        }

        var json: JSONValue {
            let word =
                switch change {
                case .added: "added"
                case .removed: "removed"
                case .request: "request"
                case .result: "result"
                }
            return ["step": .string(key.description), "kind": .string(kind.name), "change": .string(word)]
        }
    }

    private static let maximumChanges = 1_000

    var changes: [JSONDifference]
    var steps: [Step]

    init(from old: TrialResult, to new: TrialResult) {
        changes = JSONDifference.between(old.value, new.value, limit: Self.maximumChanges)
        steps = Self.steps(from: old.steps, to: new.steps)
    }

    /// In the order of the new run; those that are gone last.
    private static func steps(from old: [StepRecord], to new: [StepRecord]) -> [Step] {
        let before = Dictionary(old.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let kept = Set(new.map(\.key))
        var steps = new.compactMap { step -> Step? in
            guard let earlier = before[step.key] else {
                return Step(key: step.key, kind: step.kind, change: .added)
            }
            if earlier.shape != step.shape { return Step(key: step.key, kind: step.kind, change: .request) }
            let isSame =
                earlier.state == step.state && earlier.result?.data == step.result?.data
                && earlier.failure == step.failure
            return isSame ? nil : Step(key: step.key, kind: step.kind, change: .result)
        }
        steps += old.filter { !kept.contains($0.key) }.map { Step(key: $0.key, kind: $0.kind, change: .removed) }
        return steps
    }

    var isEmpty: Bool { changes.isEmpty && steps.isEmpty }
}
