/// What a fork takes over: the steps before the one at which it goes its own way.
///
/// Copied steps are answers, not effects: they cost the fork nothing and happen no second time. A later effect may
/// build on what an earlier one left in the run, though, and that must be there: artifacts, and money that is held.
package struct RunFork: Hashable, Sendable {
    package struct Hold: Hashable, Sendable {
        package var ticket: UInt64
        package var amount: Nanodollars
    }

    package struct Artifact: Hashable, Sendable {
        package var name: String
        package var mediaType: String
        package var digest: Digest

        package init(name: String, mediaType: String, digest: Digest) {
            self.name = name
            self.mediaType = mediaType
            self.digest = digest
        }
    }

    /// As the fork's journal holds them: never attempted there, and free.
    package let steps: [StepRecord]
    /// What copied steps reserved and did not release.
    package let holds: [Hold]
    /// What copied steps put, as far as their requests were kept, in order.
    package let artifacts: [Artifact]
    /// What the copied steps had cost.
    package let savedCost: Nanodollars

    /// - Parameter step: the sequence of the first step that is done again; the number of steps takes over all.
    /// - Throws: ``Failure`` `.invalid` when there is no such step, or one before it has no answer.
    package init(_ recording: RunRecording, at step: Int) throws(Failure) {
        let count = recording.steps.count
        guard (0...count).contains(step) else {
            throw Failure(.invalid, "run \(recording.run.id) has \(count) steps: fork it at 0 to \(count), not \(step)")
        }
        let taken = recording.steps.prefix(step)
        if let open = taken.first(where: { $0.state != .done && $0.state != .failed }) {
            throw Failure(
                .invalid,
                "step \(open.sequence), \"\(open.key)\", was never answered: fork at \(open.sequence) or before")
        }
        var holds: [Hold] = [], artifacts: [Artifact] = []
        for taken in taken where taken.state == .done {
            guard let encoded = taken.request?.encoded, let request = EffectRequest(encoded: encoded) else { continue }
            switch request {
            case .budgetReserve(let amount): holds.append(Hold(ticket: taken.result?.value ?? 0, amount: amount))
            case .budgetRelease(let ticket): holds.removeAll { $0.ticket == ticket }
            case .artifactPut(let name, let mediaType, let bytes):
                // What is sealed goes by another digest than its bytes.
                let stored = taken.result.flatMap { Digest(hex: String(decoding: $0.data, as: UTF8.self)) }
                artifacts.append(Artifact(name: name, mediaType: mediaType, digest: stored ?? Digest.sha256(bytes)))
            default: break
            }
        }
        self.holds = holds
        self.artifacts = artifacts
        savedCost = taken.reduce(.zero) { $0 + $1.cost }
        steps = taken.map { taken in
            var copy = taken
            copy.attempt = 0
            copy.cost = .zero
            return copy
        }
    }

    /// Digests of what copied steps put whose requests were too large to keep.
    package var unnamedArtifacts: [Digest] {
        steps.compactMap { step in
            guard step.kind == .artifactPut, step.state == .done, step.request?.encoded == nil else { return nil }
            return step.result.flatMap { Digest(hex: String(decoding: $0.data, as: UTF8.self)) }
        }
    }
}
