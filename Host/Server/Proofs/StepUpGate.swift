import Engine
import HTTPTypes
import Identity
import Kernel

/// Lets through who proved to be there a short while ago, where an operation needs that.
struct StepUpGate: Sendable {
    /// Nil: no account has second factors.
    let factors: FactorDesk?
    let clock: @Sendable () -> Instant

    init(factors: FactorDesk? = nil, clock: @escaping @Sendable () -> Instant = { SystemClock.now() }) {
        self.factors = factors
        self.clock = clock
    }

    /// - Throws: ``Problem``: 401 `step_up_required` with the methods that would do, 403 where none would.
    func check(_ caller: Principal, _ operation: Operation) async throws {
        if operation.letsServicesPass, caller.kind == .service { return }
        let methods = caller.kind == .user ? try await factors?.methods(of: caller.id) ?? [] : []
        switch StepUpRule.standard.verdict(on: caller, factors: methods, at: clock()) {
        case .met: return
        case .impossible:
            throw Problem(.forbidden, "forbidden", "\(operation.id) is for people: sign in, and ask again")
        case .needed(let methods):
            var problem = Problem(
                .unauthorized, "step_up_required",
                "prove again that it is you: POST /auth/step-up with one of the methods")
            problem.members["methods"] = .array(methods.map { .string($0.rawValue) })
            problem.members["max_age_seconds"] = .integer(StepUpRule.standard.maximumAgeMilliseconds / 1000)
            throw problem
        }
    }
}
