/// Compares one new execution of a run with its recording, effect by effect, and answers each effect from the
/// recording. Nothing is performed and nothing is paid.
///
/// The first difference ends the comparison: what a plugin does after it has taken another way says nothing.
package struct RunReplay: Sendable {
    /// What becomes of steps that the plugin computes itself.
    package enum LocalSteps: Hashable, Sendable {
        /// Computed again, and the result compared.
        case compare
        /// Taken from the recording: for steps that wrap something that differs each time.
        case keep
    }

    package enum Decision: Hashable, Sendable {
        case answer(EffectResult)
        case fail(Failure, value: UInt64)
        case compute(ticket: UInt64)
        /// The recording ends before this was answered.
        case hold
        case differs(ReplayDifference)
    }

    package enum Verdict: Hashable, Sendable {
        case equal
        /// Equal as far as the recording goes, which ends early, and why.
        case equalUntilCut(String)
        case differs(ReplayDifference)
    }

    private let ending: RunRecording.Ending
    private let localSteps: LocalSteps
    private let recorded: [StepKey: StepRecord]
    /// Answered steps that have not come yet, by sequence.
    private var awaited: Set<Int>
    private var startedCounts: [String: Int] = [:]
    private var computing: [UInt64: StepRecord] = [:]
    package private(set) var comparedSteps = 0

    package init(_ recording: RunRecording, localSteps: LocalSteps = .compare) {
        ending = recording.ending
        self.localSteps = localSteps
        let steps = recording.steps.filter { $0.key != RunRecording.reviewStep }
        recorded = Dictionary(steps.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        awaited = Set(steps.filter(\.isAnswered).map(\.sequence))
    }

    /// True once the recording was cut and everything before the cut has come: there is nothing left to compare.
    package var isExhausted: Bool {
        guard case .cut = ending else { return false }
        return awaited.isEmpty && computing.isEmpty
    }

    /// Decides about the next effect. Call in start order.
    package mutating func begin(_ start: EffectStart) -> Decision {
        let name = start.name.isEmpty ? start.request.kind.name : start.name
        let key = StepKey(name: name, occurrence: startedCounts[name, default: 0])
        startedCounts[name] = key.occurrence + 1
        guard let step = recorded[key] else {
            if isCut { return .hold }
            return .differs(Self.extra(key, start.request))
        }
        if let difference = Self.difference(step, key, start.request) { return .differs(difference) }
        guard step.isAnswered else { return .hold }
        comparedSteps += 1
        if step.kind == .step, localSteps == .compare {
            let ticket = UInt64(step.sequence) + 1
            computing[ticket] = step
            return .compute(ticket: ticket)
        }
        awaited.remove(step.sequence)
        return Self.answer(of: step)
    }

    /// The end of a local step.
    package mutating func record(_ ticket: UInt64, _ result: Result<[UInt8], Failure>) -> Decision {
        guard let step = computing.removeValue(forKey: ticket) else {
            return .fail(Failure(.invalid, "step.record: no open step has ticket \(ticket)"), value: 0)
        }
        awaited.remove(step.sequence)
        if let difference = Self.difference(step, result) { return .differs(difference) }
        return Self.answer(of: step)
    }

    /// The plugin's last word.
    package func complete(_ result: Result<[UInt8], Failure>) -> Verdict {
        if let missing = missingStep { return .differs(missing) }
        switch (ending, result) {
        case (.cut(let why), _): return .equalUntilCut(why)
        case (.returnedUnknown, .success): return .equalUntilCut("its reviewed output is too large to be kept")
        case (.returned(let recorded), .success(let output)):
            let changes = JSONDifference.between(recorded, .readable(output))
            return changes.isEmpty
                ? .equal : .differs(ReplayDifference(.output, "the output differs", changes: changes))
        case (.failed(let recorded), .failure(let failure)):
            return recorded == failure ? .equal : .differs(Self.difference(recorded, failure))
        case (.returned, .failure(let failure)), (.returnedUnknown, .failure(let failure)):
            return .differs(ReplayDifference(.outcome, "the run was done, and now fails: \(failure)"))
        case (.failed(let recorded), .success):
            return .differs(ReplayDifference(.outcome, "the run failed (\(recorded)), and now succeeds"))
        case (.lost, .success):
            return .differs(ReplayDifference(.outcome, "the plugin crashed then, and now succeeds"))
        case (.lost, .failure(let failure)):
            return .differs(ReplayDifference(.outcome, "the plugin crashed then, and now fails: \(failure)"))
        }
    }

    /// The plugin crashed, or did not end in time.
    package func lost(_ reason: String) -> Verdict {
        if case .lost = ending { return .equal }
        if isExhausted { return .equalUntilCut("the host ended it") }
        return .differs(ReplayDifference(.lost, reason))
    }

    /// Nothing more comes from the plugin, although it has not ended.
    package func stalled() -> Verdict {
        if let missing = missingStep { return .differs(missing) }
        if case .cut(let why) = ending { return .equalUntilCut(why) }
        return .differs(ReplayDifference(.lost, "the plugin neither ends nor asks for anything"))
    }

    // MARK: Differences

    private var isCut: Bool {
        switch ending {
        case .cut, .lost: true
        case .returned, .returnedUnknown, .failed: false
        }
    }

    private static func answer(of step: StepRecord) -> Decision {
        if let failure = step.failure { return .fail(failure, value: step.result?.value ?? 0) }
        return .answer(step.result ?? EffectResult())
    }

    private var missingStep: ReplayDifference? {
        guard let sequence = awaited.min(), let step = recorded.values.first(where: { $0.sequence == sequence })
        else { return nil }
        return ReplayDifference(
            .missingStep, "\(Self.place(step)) was recorded, but does not come any more", step: step.key,
            sequence: sequence, effect: step.kind, recordedShape: step.shape)
    }

    private static func place(_ step: StepRecord) -> String {
        "step \(step.sequence), \"\(step.key)\" (\(step.kind.name)),"
    }

    private static func extra(_ key: StepKey, _ request: EffectRequest) -> ReplayDifference {
        ReplayDifference(
            .extraStep, "step \"\(key)\" (\(request.kind.name)) was not recorded: the plugin now does more",
            step: key, effect: request.kind,
            changes: [JSONDifference(pointer: "", recorded: nil, new: request.json)], newShape: request.shape)
    }

    private static func difference(
        _ step: StepRecord, _ key: StepKey, _ request: EffectRequest
    ) -> ReplayDifference? {
        if step.kind != request.kind {
            return ReplayDifference(
                .effect, "\(place(step)) is now \(request.kind.name)", step: key, sequence: step.sequence,
                effect: step.kind, recordedShape: step.shape, newShape: request.shape)
        }
        guard step.shape != request.shape else { return nil }
        let recorded = step.request?.encoded.flatMap { EffectRequest(encoded: $0) }
        let changes = recorded.map { JSONDifference.between($0.json, request.json) } ?? []
        var message = "\(place(step)) now asks for something else"
        if recorded == nil {
            let size = step.request.map { " (\($0.byteCount) bytes)" } ?? ""
            message += "; the recorded request\(size) is known by its digest alone"
        }
        return ReplayDifference(
            .request, message, step: key, sequence: step.sequence, effect: step.kind, changes: changes,
            recordedShape: step.shape, newShape: request.shape)
    }

    private static func difference(_ step: StepRecord, _ new: Result<[UInt8], Failure>) -> ReplayDifference? {
        let changes: [JSONDifference]
        let what: String
        switch (step.failure, new) {
        case (nil, .success(let data)):
            changes = JSONDifference.between(.readable(step.result?.data ?? []), .readable(data))
            what = "now gives another result"
        case (let recorded?, .failure(let failure)):
            changes = difference(recorded, failure).changes
            what = "now fails otherwise"
        case (nil, .failure(let failure)):
            return ReplayDifference(
                .stepResult, "\(place(step)) now fails: \(failure)", step: step.key, sequence: step.sequence,
                effect: step.kind)
        case (let recorded?, .success):
            return ReplayDifference(
                .stepResult, "\(place(step)) failed (\(recorded)) and now succeeds", step: step.key,
                sequence: step.sequence, effect: step.kind)
        }
        guard !changes.isEmpty else { return nil }
        return ReplayDifference(
            .stepResult, "\(place(step)) \(what)", step: step.key, sequence: step.sequence, effect: step.kind,
            changes: changes)
    }

    private static func difference(_ recorded: Failure, _ new: Failure) -> ReplayDifference {
        func json(_ failure: Failure) -> JSONValue {
            ["status": .string(failure.status.name), "message": .string(failure.message)]
        }
        return ReplayDifference(
            .failure, "the run now fails otherwise", changes: JSONDifference.between(json(recorded), json(new)))
    }
}

extension StepRecord {
    fileprivate var isAnswered: Bool { state == .done || state == .failed }
}
