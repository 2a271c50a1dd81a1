import Kernel
import TestSupport

/// A run's journal against a list that is searched from its beginning each time.
struct ReplayModel: ComparedModel {
    private let steps: [StepRecord]
    private let retries: Bool
    private var journal: RunJournal?
    /// What was asked so far, by its name.
    private var asked: [String] = []
    private var added = 0

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ 1)
        var steps: [StepRecord] = []
        for index in 0..<Int.random(in: 0...12, using: &random) {
            let start = Self.start(using: &random)
            let name = start.name.isEmpty ? start.request.kind.name : start.name
            var step = StepRecord(
                intending: start.request, sequence: index, name: name,
                occurrence: steps.count { $0.name == name }, startedAt: Instant(unixMilliseconds: 0))
            step.state = [StepState.done, .done, .failed, .intended, .ambiguous].randomElement(using: &random) ?? .done
            steps.append(step)
        }
        self.steps = steps
        retries = Bool.random(using: &random)
        journal = try? RunJournal(steps: steps, retriesFailures: retries)
    }

    private static func start(using random: inout SplitMix64) -> EffectStart {
        let name = ["", "", "rank", "read"].randomElement(using: &random) ?? ""
        let request: EffectRequest
        switch Int.random(in: 0..<4, using: &random) {
        case 0: request = .now
        case 1: request = .stateGet(key: "k")
        case 2: request = .random(count: Int.random(in: 1...2, using: &random))
        default: request = .sleep(milliseconds: 1)
        }
        return EffectStart(name: name, request: request)
    }

    mutating func step(using random: inout SplitMix64) -> String? {
        // A true replay most of the time, and anything else at any moment.
        var start = Self.start(using: &random)
        if asked.count < steps.count, Int.random(in: 0..<8, using: &random) > 0,
            let request = Self.request(of: steps[asked.count])
        {
            start = EffectStart(name: steps[asked.count].name, request: request)
        }
        let expected = expected(start)
        guard var journal else { return "the journal refuses a sound list of steps" }
        let decision = journal.begin(start)
        self.journal = journal
        guard Self.word(decision) == expected else {
            return "\(start.request.kind.name) as \"\(start.name)\": \(Self.word(decision)), not \(expected)"
        }
        return nil
    }

    private static func request(of step: StepRecord) -> EffectRequest? {
        switch step.kind {
        case .now: .now
        case .stateGet: .stateGet(key: "k")
        case .sleep: .sleep(milliseconds: 1)
        default: [1, 2].map { EffectRequest.random(count: $0) }.first { $0.shape == step.shape }
        }
    }

    private mutating func expected(_ start: EffectStart) -> String {
        let name = start.name.isEmpty ? start.request.kind.name : start.name
        let earlier = asked.filter { $0 == name }.count
        asked.append(name)
        let sameName = steps.filter { $0.name == name }
        guard earlier < sameName.count else {
            added += 1
            return "perform \(steps.count + added - 1)"
        }
        let step = sameName[earlier]
        if step.kind != start.request.kind || step.shape != start.request.shape { return "mismatch" }
        let successes = steps.filter { $0.state == .done }.map(\.sequence)
        let isPerformedAgain = retries && step.sequence > (successes.max() ?? -1)
        switch step.state {
        case .done: return "replay \(step.sequence)"
        case .failed: return isPerformedAgain ? "resume \(step.sequence)" : "replay \(step.sequence)"
        case .intended, .ambiguous: return "resume \(step.sequence)"
        }
    }

    private static func word(_ decision: RunJournal.Decision) -> String {
        switch decision {
        case .replay(let step): "replay \(step.sequence)"
        case .resume(let step): "resume \(step.sequence)"
        case .perform(let sequence, _, _): "perform \(sequence)"
        case .mismatch: "mismatch"
        case .refused: "refused"
        }
    }
}
