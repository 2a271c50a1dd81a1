/// What identifies an effect within a run, attempt after attempt: the author's name, or the kind's, and how many
/// effects of that name were started before it.
package struct StepKey: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var occurrence: Int

    package init(name: String, occurrence: Int) {
        self.name = name
        self.occurrence = occurrence
    }

    /// As shown in messages: `rank`, and `rank#2` for the second of that name.
    package var description: String { occurrence == 0 ? name : "\(name)#\(occurrence + 1)" }
}

/// The replay state of one attempt of one run: decides for each effect that the plugin starts whether it was
/// recorded, must be taken up again, or is new.
///
/// Not the keeper of new records: what is performed here was not recorded before, so this attempt never asks for
/// it again.
package struct RunJournal: Sendable {
    package static let maximumSteps = 10_000

    package enum Decision: Hashable, Sendable {
        /// Deliver the recorded end (``StepState/done`` or ``StepState/failed``); perform and pay nothing.
        case replay(StepRecord)
        /// The plugin asks for something else than it did: pause the run, never retry.
        case mismatch(message: String)
        /// An earlier attempt left this open (``StepState/intended`` or ``StepState/ambiguous``), or the run was
        /// retried after this failed: go on with the same sequence.
        case resume(StepRecord)
        /// New: write the intent under these, then perform.
        case perform(sequence: Int, name: String, occurrence: Int)
        /// The run has as many steps as a run may have.
        case refused(message: String)
    }

    private let recorded: [StepKey: StepRecord]
    /// Failures from this sequence on are performed again.
    private let retryFrom: Int
    private var startedCounts = [String: Int]()
    package private(set) var nextSequence: Int

    /// - Parameters:
    ///   - steps: the run's journal in order of sequence.
    ///   - retriesFailures: true when a person retried the run. The failures after the last success are then
    ///     performed again; earlier ones are replayed, because the plugin went on after them.
    /// - Throws: ``Failure`` `.internal` when the sequences have a gap or a key occurs twice: the journal was
    ///   damaged.
    package init(steps: [StepRecord], retriesFailures: Bool = false) throws(Failure) {
        var recorded = [StepKey: StepRecord](minimumCapacity: steps.count)
        for (index, step) in steps.enumerated() {
            guard step.sequence == index else {
                throw Failure(.internal, "the journal is damaged: step \(step.sequence) stands at place \(index)")
            }
            let key = StepKey(name: step.name, occurrence: step.occurrence)
            guard recorded.updateValue(step, forKey: key) == nil else {
                throw Failure(.internal, "the journal is damaged: step \(key) is recorded twice")
            }
        }
        self.recorded = recorded
        nextSequence = steps.count
        let lastSuccess = steps.last { $0.state == .done }?.sequence ?? -1
        retryFrom = retriesFailures ? lastSuccess + 1 : Int.max
    }

    /// Decides about the next effect of this attempt. Call in start order.
    package mutating func begin(_ start: EffectStart) -> Decision {
        let name = start.name.isEmpty ? start.request.kind.name : start.name
        let key = StepKey(name: name, occurrence: startedCounts[name, default: 0])
        startedCounts[name] = key.occurrence + 1
        guard let step = recorded[key] else {
            guard nextSequence < Self.maximumSteps else {
                return .refused(message: "a run has at most \(Self.maximumSteps) steps")
            }
            defer { nextSequence += 1 }
            return .perform(sequence: nextSequence, name: name, occurrence: key.occurrence)
        }
        if let message = Self.difference(between: step, and: start.request, key) {
            return .mismatch(message: message)
        }
        switch step.state {
        case .done: return .replay(step)
        case .failed: return step.sequence >= retryFrom ? .resume(step) : .replay(step)
        case .intended, .ambiguous: return .resume(step)
        }
    }

    private static func difference(
        between step: StepRecord, and request: EffectRequest, _ key: StepKey
    ) -> String? {
        let place = "step \"\(key)\" (\(step.sequence) in the journal)"
        if step.kind != request.kind {
            return "\(place) was recorded as \(step.kind.name), but the plugin now asks for \(request.kind.name)"
        }
        guard step.shape != request.shape else { return nil }
        return "\(place) was recorded for another \(step.kind.name) request than the plugin now makes: "
            + "requests must not depend on clocks, addresses or chance, and steps in parallel need names"
    }
}
