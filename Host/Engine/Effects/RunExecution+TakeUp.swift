import Gateway
import Journal
import Kernel
import Placement

extension RunExecution {
    /// Holds of earlier attempts are still open: an earlier host sent them, or nearly. Where an answer is kept it is
    /// taken up, so nothing is paid twice; the hold of an attempt that was certainly not sent is released. Otherwise
    /// nobody knows the answer: the hold counts as spent at its upper bound, and then the step says what to do.
    ///
    /// - Parameter begun: the step with the number of a new attempt.
    /// - Returns: true to go on with that attempt.
    func takeUp(
        _ operation: OperationID, _ request: ModelRequest, _ masking: Masking, _ policy: AmbiguityPolicy,
        _ begun: StepRecord, _ repairs: inout AnswerRepairs
    ) async -> Bool {
        guard let holds = await openHolds(of: begun) else { return false }
        let earlier = holds.map { hold in
            var step = begun
            step.attempt = hold.attempt.split(separator: "/").last.flatMap { Int($0) } ?? begun.attempt
            return (step: step, hold: hold)
        }.sorted { $0.step.attempt < $1.step.attempt }
        var isUnknown = false
        for (step, hold) in earlier {
            switch await core.gateway.keptCall(hold, begun: step.startedAt, options: request.options) {
            // The host is stopping; the next one takes it up.
            case .detached: return false
            case .unsent:
                guard await close(hold, .unsent) else { return false }
            case .unknown:
                guard await close(hold, .ambiguous) else { return false }
                isUnknown = true
            case .ended(let call, let result):
                let failure: ProviderError
                do {
                    let display = display(masking, to: operation)
                    let kept = try result.get()
                    display.push(kept.text)
                    var answer = try await judged(kept, of: call, display)
                    guard let broken = repairs.judge(&answer, of: call) else {
                        let reply = ModelReply.json(answer, provider: call.provider.name)
                        await settle(operation, call, answer, reply, step)
                        return false
                    }
                    failure = broken
                } catch {
                    failure = error
                }
                // An earlier execution that was itself cut short hung up: the run was not cancelled.
                let isLost = failure.standing == .unknown || failure.status == .cancelled
                isUnknown = isUnknown || isLost
                let isNewest = step.attempt == earlier.last?.step.attempt
                let isLast = isNewest && !isLost && (!failure.isRetryable || Task.isCancelled)
                guard await closeAttempt(operation, call, failure, step, isLast: isLast), !isLast else { return false }
            }
        }
        return !isUnknown || decideAmbiguity(operation, policy, begun)
    }

    /// The money side alone of calls that nobody asks about any more.
    ///
    /// - Parameter step: nil for all of the run.
    /// - Returns: false when the run must stop, or the host is ending.
    func settleLeftOver(of step: StepRecord? = nil) async -> Bool {
        guard let holds = await openHolds(of: step) else { return false }
        for hold in holds {
            let end: FailedAttempt
            switch await core.gateway.keptCall(hold, begun: step?.startedAt ?? run.createdAt) {
            case .detached: return false
            case .unsent: end = .unsent
            case .unknown: end = .ambiguous
            case .ended(let call, let result): end = FailedAttempt(unheard: result, of: call, at: core.gateway)
            }
            guard await close(hold, end) else { return false }
        }
        return true
    }

    /// `run/sequence/attempt`, and not what a plugin put by.
    static func isModelAttempt(_ name: String) -> Bool { name.split(separator: "/").last.flatMap { Int($0) } != nil }

    /// Of model calls; nil when the run must stop.
    private func openHolds(of step: StepRecord?) async -> [Reservation]? {
        let id = run.id
        let prefix = step.map { "\(id)/\($0.sequence)/" } ?? ""
        do throws(JournalError) {
            return try await core.journal.write { transaction throws(JournalError) in
                try transaction.reservations(of: id)
                    .filter { $0.attempt.hasPrefix(prefix) && Self.isModelAttempt($0.attempt) }
            }
        } catch {
            stop(after: error)
            return nil
        }
    }

    private func close(_ hold: Reservation, _ end: FailedAttempt) async -> Bool {
        let (id, fence) = (run.id, run.fence)
        do {
            try await core.journal.write { transaction throws(JournalError) in
                try end.close(hold.attempt, in: transaction)
                if case .billed(let cost, _) = end, cost > .zero {
                    try transaction.runAddCost(id, fence: fence, cost: cost)
                }
            }
        } catch {
            stop(after: error)
            return false
        }
        core.gateway.forget(hold.attempt)
        return true
    }
}
