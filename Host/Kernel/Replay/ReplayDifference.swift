/// The first thing in which a replay differs from its recording.
package struct ReplayDifference: Error, Hashable, Sendable, CustomStringConvertible {
    /// The names are shown in JSON.
    package enum Kind: String, Hashable, Sendable {
        /// The task no longer takes the recorded input.
        case input
        /// The step asks for something else.
        case request
        /// The step is another kind of effect.
        case effect
        /// A step that was not recorded.
        case extraStep = "extra_step"
        /// A recorded step that did not come.
        case missingStep = "missing_step"
        /// The step was computed again and gave something else.
        case stepResult = "step_result"
        case output
        case failure
        /// Done instead of failed, or the other way round.
        case outcome
        /// The plugin crashed or hung.
        case lost
    }

    package var kind: Kind
    /// Where; nil at the end of the run.
    package var step: StepKey?
    /// Nil for a step that was not recorded.
    package var sequence: Int?
    package var effect: EffectKind?
    package var message: String
    /// Field by field, where both sides are known.
    package var changes: [JSONDifference]
    /// Digests of the two requests.
    package var recordedShape: Digest?
    package var newShape: Digest?

    package init(
        _ kind: Kind, _ message: String, step: StepKey? = nil, sequence: Int? = nil, effect: EffectKind? = nil,
        changes: [JSONDifference] = [], recordedShape: Digest? = nil, newShape: Digest? = nil
    ) {
        self.kind = kind
        self.message = message
        self.step = step
        self.sequence = sequence
        self.effect = effect
        self.changes = changes
        self.recordedShape = recordedShape
        self.newShape = newShape
    }

    /// One line on what differs, and one for each changed field.
    package var description: String { ([message] + changes.map { "  \($0)" }).joined(separator: "\n") }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": .string(kind.rawValue), "message": .string(message), "changes": .array(changes.map(\.json)),
        ]
        if let step {
            members["step"] = .string(step.name)
            members["occurrence"] = .integer(Int64(step.occurrence))
        }
        if let sequence { members["sequence"] = .integer(Int64(sequence)) }
        if let effect { members["effect"] = .string(effect.name) }
        if let recordedShape { members["recorded_shape"] = .string(recordedShape.hex) }
        if let newShape { members["new_shape"] = .string(newShape.hex) }
        return .object(members)
    }
}
