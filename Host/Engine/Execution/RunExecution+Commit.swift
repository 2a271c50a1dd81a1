import Journal
import Kernel
import Placement
import Synchronization

extension RunExecution {
    // MARK: Ending effects

    /// A failure with the service's number, such as the current revision of a conflict.
    struct StepFailure: Error {
        var failure: Failure
        var value: UInt64 = 0

        init(_ failure: Failure, value: UInt64 = 0) {
            self.failure = failure
            self.value = value
        }
    }

    /// Ends an effect that has no outside consequence: the record rides in the run's next commit.
    func finish(_ operation: OperationID, _ step: StepRecord, _ result: Result<EffectResult, Failure>) {
        guard !isLeft(operation, result) else { return deliver(.cancelled, to: operation) }
        guard let ended = keep(step, result) else { return }
        announce(operation, ended)
    }

    /// Ends an effect together with what it changed, in one commit, before the plugin hears of it. `body` runs on
    /// the journal's writer.
    ///
    /// - Returns: whether it is committed.
    @discardableResult
    func settle(
        _ operation: OperationID, _ step: StepRecord,
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> Result<EffectResult, StepFailure>
    ) async -> Bool {
        do throws(JournalError) {
            let settled = try await commit { [self] transaction throws(JournalError) in
                ended(step, try body(transaction))
            }
            if let settled { announce(operation, settled) }
            return true
        } catch {
            stop(after: error)
            return false
        }
    }

    func ended(_ step: StepRecord, _ result: Result<EffectResult, StepFailure>) -> StepRecord {
        var ended = step
        ended.finishedAt = core.clock()
        switch result {
        case .success(let value):
            classify(value, of: step.kind)
            ended.state = .done
            ended.result = value
            ended.cost = value.usage?.cost ?? .zero
        case .failure(let error):
            ended.state = .failed
            ended.failure = error.failure
            ended.result = error.value == 0 ? nil : EffectResult(value: error.value)
        }
        return ended
    }

    func announce(_ operation: OperationID, _ step: StepRecord) {
        let milliseconds = (step.finishedAt ?? step.startedAt).unixMilliseconds - step.startedAt.unixMilliseconds
        notify(
            .stepFinished(
                name: step.name, step.kind, step.state, replayed: false, cost: step.cost, milliseconds: milliseconds))
        if let failure = step.failure {
            let event: OperationEvent =
                failure.status == .cancelled
                ? .cancelled : .failed(failure, value: step.result?.value ?? 0, replayed: false)
            deliver(event, to: operation)
        } else {
            deliver(.done(step.result ?? EffectResult(), replayed: false), to: operation)
        }
    }

    /// One commit of this run: `body`'s changes, the step it returns, and everything the outbox holds.
    @discardableResult
    func commit(
        _ body: @escaping @Sendable (any JournalTransaction) throws(JournalError) -> StepRecord?
    ) async throws(JournalError) -> StepRecord? {
        try await core.journal.write { [self] transaction throws(JournalError) in
            let changed = try body(transaction)
            try writeOutbox(transaction, changed: changed)
            return changed
        }
    }

    /// Runs on the journal's writer, so commits of one run take the outbox one after the other.
    func writeOutbox(_ transaction: any JournalTransaction, changed: StepRecord? = nil) throws(JournalError) {
        let drained = state.withLock { state in
            if let changed { state.outbox.change(changed) }
            return state.outbox.drain()
        }
        do {
            try writeBookkeeping(transaction)
            for step in drained.inserts { try transaction.stepInsert(step, run: run.id, fence: run.fence) }
            for step in drained.updates { try transaction.stepUpdate(step, run: run.id, fence: run.fence) }
            try writeClass(transaction)
        } catch {
            state.withLock { $0.outbox.restore(drained) }
            throw error
        }
    }

    private func writeBookkeeping(_ transaction: any JournalTransaction) throws(JournalError) {
        let (needsBuild, waiting) = state.withLock { state -> (Bool, Bool?) in
            let isWaiting = state.openWaits > 0
            return (!state.isBuildRecorded, isWaiting == state.isRecordedWaiting ? nil : isWaiting)
        }
        if needsBuild {
            try transaction.runSetBuild(run.id, fence: run.fence, build: place.descriptor.digest)
            state.withLock { $0.isBuildRecorded = true }
        }
        if let waiting {
            try transaction.runSetWaiting(run.id, fence: run.fence, waiting: waiting)
            state.withLock { $0.isRecordedWaiting = waiting }
        }
    }
}
