import FoundationEssentials
import PluginKit
import Synchronization

/// Compares one run in a harness with a fixture, effect by effect, and answers from the fixture. The first
/// difference ends the comparison.
final class FixtureReplay: Sendable {
    enum Decision {
        case answer(EffectOutcome)
        case compute
        /// The fixture ends before this was answered.
        case hold
        case differs
    }

    let fixture: ReplayFixture
    /// False: local steps are taken from the fixture.
    private let comparesLocalSteps: Bool
    private let recorded: [RunJournal.Key: ReplayFixture.Step]
    private let state: Mutex<State>

    private struct State {
        /// Answered steps that have not come yet, by sequence.
        var awaited: Set<Int>
        var difference: ReplayDifference?
    }

    init(_ fixture: ReplayFixture, comparesLocalSteps: Bool) {
        self.fixture = fixture
        self.comparesLocalSteps = comparesLocalSteps
        recorded = Dictionary(fixture.steps.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        state = Mutex(State(awaited: Set(fixture.steps.filter(\.isAnswered).map(\.sequence))))
    }

    func begin(_ key: RunJournal.Key, _ effect: FakeEffect) -> Decision {
        state.withLock { state in
            guard state.difference == nil else { return .differs }
            guard let step = recorded[key] else {
                state.difference = ReplayDifference(
                    step: key.name,
                    message: "step \"\(key.name)\" (\(effect.kind)) was not recorded: the task now does more",
                    changes: JSONChanges.between(.null, effect.json))
                return .differs
            }
            if let difference = Self.difference(step, effect) {
                state.difference = difference
                return .differs
            }
            guard step.isAnswered else { return .hold }
            if step.kind == "step", comparesLocalSteps { return .compute }
            state.awaited.remove(step.sequence)
            guard let outcome = step.outcome else {
                state.difference = ReplayDifference(
                    step: key.name, message: "\(Self.place(step)) has a result that cannot be read", changes: [])
                return .differs
            }
            return .answer(outcome)
        }
    }

    /// The end of a local step: what was recorded for it, or nil after a difference.
    func record(_ key: RunJournal.Key, _ result: Result<Data, TaskFailure>) -> EffectOutcome? {
        state.withLock { state in
            guard let step = recorded[key], state.difference == nil else { return nil }
            state.awaited.remove(step.sequence)
            let (recorded, new) = (step.resultJSON, Self.json(result))
            let changes = JSONChanges.between(recorded, new)
            guard changes.isEmpty else {
                state.difference = ReplayDifference(
                    step: step.name, message: "\(Self.place(step)) now gives another result", changes: changes)
                return nil
            }
            return step.outcome
        }
    }

    /// The first difference, once the task has ended; nil when it is the same as the fixture.
    func end(_ result: Result<JSONValue, TaskFailure>) -> ReplayDifference? {
        let (difference, missing) = state.withLock { ($0.difference, $0.awaited.min()) }
        if let difference { return difference }
        if let step = fixture.steps.first(where: { $0.sequence == missing }) {
            return ReplayDifference(
                step: step.name, message: "\(Self.place(step)) was recorded, but does not come any more", changes: [])
        }
        let new: JSONValue =
            switch result {
            case .success(let output): ["output": output]
            case .failure(let failure): ["failure": Self.json(failure)]
            }
        var recorded: [String: JSONValue] = [:]
        if let output = fixture.outcome.output { recorded["output"] = output }
        if let failure = fixture.outcome.failure { recorded["failure"] = Self.json(failure.failure) }
        let changes = JSONChanges.between(.object(recorded), new)
        return changes.isEmpty ? nil : ReplayDifference(step: nil, message: "the task ends otherwise", changes: changes)
    }

    private static func difference(_ step: ReplayFixture.Step, _ effect: FakeEffect) -> ReplayDifference? {
        if step.kind != effect.kind {
            return ReplayDifference(step: step.name, message: "\(place(step)) is now \(effect.kind)", changes: [])
        }
        guard step.shape != effect.shapeDigest else { return nil }
        return ReplayDifference(
            step: step.name, message: "\(place(step)) now asks for something else",
            changes: step.request == .null
                ? ["request digest: \(step.shape) → \(effect.shapeDigest)"]
                : JSONChanges.between(step.request, effect.json))
    }

    private static func place(_ step: ReplayFixture.Step) -> String {
        "step \(step.sequence), \"\(step.name)\" (\(step.kind)),"
    }

    fileprivate static func json(_ failure: TaskFailure) -> JSONValue {
        ["status": .string(failure.status.name), "message": .string(failure.message)]
    }

    private static func json(_ result: Result<Data, TaskFailure>) -> JSONValue {
        switch result {
        case .success(let data): ["result": EffectPart.readable(data)]
        case .failure(let failure): ["failure": json(failure)]
        }
    }
}

extension ReplayFixture.Step {
    fileprivate var outcome: EffectOutcome? {
        guard let failure else { return (result ?? ReplayFixture.StepResult()).outcome }
        guard case .done(let value, _, _, _)? = (result ?? ReplayFixture.StepResult()).outcome else { return nil }
        return .failed(failure.failure, value: value)
    }

    /// Of a local step.
    fileprivate var resultJSON: JSONValue {
        if let failure { return ["failure": FixtureReplay.json(failure.failure)] }
        return ["result": EffectPart.readable(Data((result?.data ?? "").utf8))]
    }
}
