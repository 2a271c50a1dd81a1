import Journal
import Kernel
import Placement
import Synchronization

/// A limit on the time of one attempt. Waiting for something outside does not count.
enum TimeLimit: Hashable, Sendable {
    case run(seconds: Int)
    case heartbeat(seconds: Int)

    func words(of task: TaskReference) -> String {
        switch self {
        case .run(let seconds): "did not finish \(task) within \(seconds) s"
        case .heartbeat(let seconds): "gave no sign of life of \(task) for \(seconds) s"
        }
    }
}

extension RunExecution {
    // MARK: Stopping

    /// Ends this execution from inside; the plugin is told to give the call up.
    func stop(_ end: End) {
        let call = state.withLock { state -> CallID? in
            if state.end == nil { state.end = end }
            return state.call
        }
        if let call { place.cancel(call, reason: .busy) }
    }

    func stop(after error: JournalError) {
        switch error.code {
        case .fenced, .closed, .storage, .full: stop(.abandoned(error.message))
        default: stop(.refused(Failure(.internal, "the journal refused: \(error.message)")))
        }
    }

    /// Where money was refused for another reason than money. A cancellation that was committed first is on its way
    /// here, and ends the run; anything else ends this execution.
    func refuse(_ operation: OperationID, _ step: StepRecord, _ error: JournalError) {
        guard error.code == .cancelled else { return stop(after: error) }
        finish(operation, step, .failure(Failure(.cancelled, error.message)))
    }

    /// A person or the parent cancelled the run.
    func cancel(_ reason: String = "cancelled") {
        let call = state.withLock { state -> CallID? in
            guard !state.isCancelled else { return nil }
            state.isCancelled = true
            state.cancelReason = reason
            return state.call
        }
        guard let call else { return }
        place.cancel(call, reason: .cancelled)
        stopOperations()
    }

    /// Ends the call when its active time is over. Time spent waiting for children, timers and people is free.
    func checkDeadline(now: ContinuousClock.Instant) {
        if let end = capOnTime() {
            stop(end)
            stopOperations()
            return
        }
        let seconds = task.timeoutSeconds ?? core.tuning.defaultTimeoutSeconds
        let call = state.withLock { state -> CallID? in
            guard let since = state.activeSince, state.openWaits == 0, state.expired == nil else { return nil }
            if state.activeBefore + since.duration(to: now) > .seconds(seconds) {
                state.expired = .run(seconds: seconds)
            } else if let silence = task.heartbeatSeconds, state.operations.isEmpty,
                max(since, state.lastSign ?? since).duration(to: now) > .seconds(silence)
            {
                state.expired = .heartbeat(seconds: silence)
            }
            return state.expired == nil ? nil : state.call
        }
        guard let call else { return }
        place.cancel(call, reason: .deadline)
        stopOperations()
    }

    /// The host closes: nothing more is written; the run goes on at the next start.
    func abandon() {
        state.withLock { if $0.end == nil { $0.end = .abandoned("the host is closing") } }
        stopOperations()
        inbox.finish()
    }

    @discardableResult
    func stopOperations() -> [Task<Void, Never>] {
        let work = state.withLock { state in state.operations.values.compactMap(\.work) }
        for task in work { task.cancel() }
        return work
    }

    // MARK: Small things the effects need

    var isCancelled: Bool { state.withLock { $0.isCancelled } }
    var mayHaveChildren: Bool { state.withLock { $0.mayHaveChildren } }
    func noteChild() { state.withLock { $0.mayHaveChildren = true } }

    var isExpired: Bool { state.withLock { $0.expired != nil } }
    var isWaiting: Bool { state.withLock { $0.openWaits > 0 } }

    func chunkGate(of operation: OperationID) -> ChunkGate? { state.withLock { $0.operations[operation]?.chunks } }

    /// Brackets a wait for something outside: the deadline's clock stands still and the slot is free.
    func waiting<Value>(_ reason: String, _ body: () async -> Value) async -> Value {
        beginWait()
        noteWaiting(reason)
        let value = await body()
        endWait()
        return value
    }

    /// That the run waits is committed: from now on another may begin in its place.
    func noteWaiting(_ reason: String) {
        notify(.waiting(reason))
        core.noteFreePlace()
    }

    /// Before it executes.
    func onFirstWait(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onFirstWait = body } }

    func beginWait() {
        let onFirstWait = state.withLock { state -> (@Sendable () -> Void)? in
            state.openWaits += 1
            guard state.openWaits == 1 else { return nil }
            if let since = state.activeSince { state.activeBefore += since.duration(to: .now) }
            core.desk.leave(ClaimDesk.Place(run), at: SystemClock.tick())
            defer { state.onFirstWait = nil }
            return state.onFirstWait
        }
        onFirstWait?()
    }

    func endWait() {
        state.withLock { state in
            state.openWaits -= 1
            guard state.openWaits == 0 else { return }
            state.activeSince = .now
            core.desk.comeBack(ClaimDesk.Place(run))
        }
    }

    func deliver(_ event: OperationEvent, to operation: OperationID) {
        guard let call = state.withLock({ $0.call }) else { return }
        place.deliver(event, to: operation, of: call)
    }

    func notify(_ kind: RunNotice.Kind) {
        guard core.notices.isWatched else { return }
        core.notices.post(
            RunNotice(
                at: core.clock(), run: run.id, root: run.root, parent: run.parent, task: run.task, kind: kind))
    }
}
