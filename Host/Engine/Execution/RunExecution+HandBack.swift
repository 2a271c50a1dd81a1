import Kernel
import Placement
import Synchronization

/// When a reload takes the place from under a run: it is requeued, and replayed on the next generation.
extension RunExecution {
    /// Asks the plugin to give the call up. What it says from now on does not count, as effects are refused to it.
    func handBack(_ reason: String) {
        let call = state.withLock { state -> CallID? in
            guard state.handedBack == nil, state.end == nil else { return nil }
            state.handedBack = reason
            return state.call
        }
        if let call { place.cancel(call, reason: .busy) }
    }

    /// The run goes on elsewhere: it was asked back, or the plugin gives it back because it is being replaced.
    func handBack(after result: Result<[UInt8], Failure>) -> End? {
        if let reason = state.withLock({ $0.handedBack }) { return .handedBack(reason) }
        guard case .failure(let failure) = result, lease?.overlapsReload == true, !isCancelled, !isExpired else {
            return nil
        }
        // Told to make an end, some plugins say that they were cancelled; nobody cancelled the run.
        return failure.status == .busy || failure.status == .cancelled ? .handedBack(failure.message) : nil
    }

    /// A plugin that ends while it is being replaced takes no run with it, and no run is blamed.
    func handBack(after loss: PluginLoss) -> End? {
        lease?.overlapsReload == true ? .handedBack(state.withLock { $0.handedBack } ?? loss.description) : nil
    }

    /// A plugin that is being replaced cancels what its runs were doing. What was sent goes on: it is paid, and the
    /// replay needs its answer. What only waits ends for this execution, and is left open for the next.
    func cancelOperation(_ operation: OperationID) {
        let overlapsReload = lease?.overlapsReload == true
        let work = state.withLock { state -> Task<Void, Never>? in
            guard let open = state.operations[operation] else { return nil }
            guard overlapsReload || state.handedBack != nil else { return open.work }
            guard open.onlyWaits else { return nil }
            state.operations[operation]?.isLeft = true
            return open.work
        }
        work?.cancel()
    }

    /// Whether this end of an operation is no answer but the plugin's leaving. The next execution takes the step up.
    func isLeft(_ operation: OperationID, _ result: Result<EffectResult, Failure>) -> Bool {
        guard case .failure(let failure) = result, failure.status == .cancelled else { return false }
        return state.withLock { $0.operations[operation]?.isLeft == true }
    }

    /// What was sent is paid: its answer is recorded, so that the next execution finds it. What only waits is left
    /// open.
    func letOperationsEnd() async {
        let sent = state.withLock { state in state.operations.values.filter { !$0.onlyWaits }.compactMap(\.work) }
        for work in sent { await work.value }
    }
}

extension EffectRequest {
    /// A wait whose intent is all that it leaves outside.
    var onlyWaits: Bool {
        switch self {
        case .child, .plan, .sleep, .approval: true
        default: false
        }
    }
}
