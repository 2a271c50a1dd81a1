import Gateway
import Journal
package import Kernel

/// Model calls that belong to no run: those of the OpenAI- and Anthropic-compatible endpoints. The same routes, cache,
/// policy, budgets, prices and records as a run's calls.
package final class ModelCalls: Sendable {
    private let core: EngineCore
    private let open = OpenCalls()

    init(core: EngineCore) { self.core = core }

    var openCount: Int { open.count }

    /// Lets no call in any more and waits for those under way.
    func close() async { await open.close() }

    package func newID() -> RunID { core.newRunID() }

    /// One call to its end, whatever becomes of who asked: an answer that is paid is settled by what the provider
    /// bills. Cancelling the task ends it at once, at its upper bound where it was sent.
    ///
    /// - Parameters:
    ///   - id: names the call in the ledger and the audit log; each call has its own.
    ///   - onText: gets pieces of the answer as they come, on any thread; must not block. Once it got one, a failure
    ///     is not tried again. It gets none of an answer that is judged as a whole, or comes from the cache: the
    ///     receipt has all of it.
    package func perform(
        _ request: ModelRequest, id: RunID, for origin: CallOrigin, onText: (@Sendable (String) -> Void)? = nil
    ) async throws(CallRefusal) -> CallReceipt {
        let draining = CallRefusal(.draining, Failure(.busy, "the host is ending; try again later"))
        guard !core.isDraining else { throw draining }
        let outcome = await open.perform(id) { [core] in
            var execution = CallExecution(request, id: id, for: origin, core: core, onText: onText)
            return await execution.perform()
        }
        guard let outcome else { throw draining }
        return try outcome.get()
    }
}

extension ModelCalls {
    static let attemptPrefix = "api/"

    static func attempt(_ number: Int, of id: RunID) -> String { "\(attemptPrefix)\(id)/\(number)" }
}
