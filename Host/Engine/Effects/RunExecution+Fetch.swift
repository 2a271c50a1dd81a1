import Gateway
import Journal
import Kernel
import Placement

extension RunExecution {
    /// A fetch. GET, HEAD and OPTIONS are made again after a crash; for any other method the intent is committed
    /// first, and nobody repeats it without being told to.
    func performFetch(
        _ operation: OperationID, _ request: HTTPRequest, _ onAmbiguous: AmbiguityPolicy, _ step: StepRecord,
        _ isResumed: Bool
    ) async {
        do {
            _ = try request.firstHop()
        } catch {
            finish(operation, step, .failure(error))
            return
        }
        guard await guardedFetch(operation, request, step) else { return }
        if !request.isSafe {
            if isResumed {
                let policy: AmbiguityPolicy = onAmbiguous == .byKind ? .ask : onAmbiguous
                guard decideAmbiguity(operation, policy, step) else { return }
            }
            do {
                try await commit { _ in step }
            } catch {
                return stop(after: error)
            }
        }
        let result = await core.fetcher.fetch(request, policy: fetchPolicy, department: run.task.department)
        if case .failure = result, isStopping { return }
        await settle(operation, step) { [self] transaction throws(JournalError) in
            // A name that leads inside, or a redirect to a host without a grant.
            if case .failure(let failure) = result, failure.status == .denied {
                try record(denialOf: .http(request), failure, transaction)
            }
            return result.mapError { StepFailure($0) }
        }
    }
}
