/// What a journal knows of one run: all that a replay needs.
package struct RunRecording: Hashable, Sendable {
    package var run: RunRecord
    /// In order of sequence, with their requests where those were kept.
    package var steps: [StepRecord]
    /// The agent's configuration as it is today: a journal does not keep earlier ones.
    package var configuration: [UInt8]

    package init(run: RunRecord, steps: [StepRecord], configuration: [UInt8]) {
        self.run = run
        self.steps = steps
        self.configuration = configuration
    }

    /// The gate before release is the host's own step, after the plugin's last.
    package static let reviewStep = StepKey(name: "bureau.review", occurrence: 0)

    /// What the plugin itself returned, as far as it is known.
    package enum Ending: Hashable, Sendable {
        case returned(JSONValue)
        /// A reviewed output too large to be kept.
        case returnedUnknown
        case failed(Failure)
        /// The plugin took its process down.
        case lost
        /// The host cut the run short: nobody knows what the plugin would have done next.
        case cut(String)
    }

    package var ending: Ending {
        if let review = steps.first(where: { $0.key == Self.reviewStep }) { return reviewed(review) }
        switch run.state {
        case .done: return .returned(.readable(run.output ?? []))
        case .failed:
            guard let failure = run.failure else { return .cut("it failed without a reason") }
            return failure.status == .deadline ? .cut("it ran out of time") : .failed(failure)
        case .dead: return .lost
        case .cancelled: return .cut("it was cancelled")
        case .paused: return .cut("it is paused")
        case .scheduled, .ready, .running, .waiting: return .cut("it has not ended")
        }
    }

    private func reviewed(_ step: StepRecord) -> Ending {
        guard let encoded = step.request?.encoded, case .approval(let request)? = EffectRequest(encoded: encoded)
        else { return .returnedUnknown }
        return .returned(.readable(request.content))
    }
}
