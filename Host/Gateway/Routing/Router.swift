package import Kernel
import Synchronization

/// Joins the rules of `Kernel/Routing` for this host: which target a call goes to, when it may go, and what its end
/// says about the target. Its memory is this process: a new host starts with closed circuits and full limits.
package final class Router: Sendable {
    /// Targets come from requests, so their number is bounded; those that nothing is known about go first.
    static let maximumTargets = 1024

    private struct Waiter {
        let provider: String
        let tenant: String
        let continuation: CheckedContinuation<Result<ProviderGate.Permit, AdmissionRefusal>, Never>
    }

    private struct State {
        var gates: [String: ProviderGate]
        var targets: [String: TargetHealth] = [:]
        var waiters: [UInt64: Waiter] = [:]
        /// By provider, when it is looked at next.
        var wakeAt: [String: Tick] = [:]
        var lastNumber: UInt64 = 0
    }

    let settings: RoutingSettings
    private let classes: [String: String]
    private let defaultModel: String?
    let clock: @Sendable () -> Tick
    private let state: Mutex<State>

    package init(
        _ settings: RoutingSettings, classes: [String: String] = [:], defaultModel: String? = nil,
        clock: @escaping @Sendable () -> Tick = Router.monotonicClock
    ) {
        self.settings = settings
        self.classes = classes
        self.defaultModel = defaultModel
        self.clock = clock
        state = Mutex(State(gates: settings.limits.mapValues { ProviderGate($0) }))
    }

    package static let monotonicClock: @Sendable () -> Tick = {
        let start = origin
        let (seconds, attoseconds) = start.duration(to: ContinuousClock.now).components
        return Tick(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    private static let origin = ContinuousClock.now

    /// The route of a name; one with a single target for a name that is none, so that all calls obey one rule.
    func route(of name: String) -> Route {
        let wanted = name.isEmpty ? defaultModel ?? name : name
        let model = classes[wanted] ?? wanted
        return settings.routes[model]
            ?? Route(
                name: "", targets: [Route.Target(model: name)], fallsOverOn: [], retry: settings.retry)
    }

    // MARK: Letting in

    /// Waits for the provider's limits.
    ///
    /// - Parameters:
    ///   - target: `provider/model` as it was resolved.
    ///   - tokens: at most, until the end of the call says how many there were.
    func admit(
        provider: String, target: String, tenant: String, tokens: Int64, deadline: Tick
    ) async throws(AdmissionRefusal) -> Admission {
        if let refusal = state.withLock({ Self.refusal(of: target, $0, at: clock()) }) { throw refusal }
        let permit = try await permit(provider, tenant, tokens, deadline)
        let now = clock()
        let decision = state.withLock { state in
            if state.targets[target] == nil { Self.makeRoom(&state, at: now) }
            return state.targets[target, default: TargetHealth(settings.breaker)].admit(at: now)
        }
        let admission = Admission(
            provider: provider, target: target, permit: permit, isProbe: decision == .probe, router: self)
        if let refusal = Self.refusal(decision, target, at: now) {
            admission.withdraw()
            throw refusal
        }
        return admission
    }

    private func permit(
        _ provider: String, _ tenant: String, _ tokens: Int64, _ deadline: Tick
    ) async throws(AdmissionRefusal) -> ProviderGate.Permit? {
        guard settings.limits[provider] != nil else { return nil }
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = Waiter(provider: provider, tenant: tenant, continuation: continuation)
                ask(number, waiter, tokens, deadline)
                if Task.isCancelled { leave(number) }
            }
        } onCancel: {
            leave(number)
        }
        return try result.get()
    }

    private func ask(_ number: UInt64, _ waiter: Waiter, _ tokens: Int64, _ deadline: Tick) {
        let now = clock()
        let answer = state.withLock { state -> ProviderGate.Answer? in
            let answer = state.gates[waiter.provider]?.ask(
                number, tenant: waiter.tenant, units: tokens, deadline: deadline, at: now)
            if answer == .wait { state.waiters[number] = waiter }
            return answer
        }
        switch answer {
        case .pass(let permit): waiter.continuation.resume(returning: .success(permit))
        case .wait: advance(waiter.provider)
        case .full, nil:
            let length = settings.limits[waiter.provider]?.queueLength ?? 0
            let refusal = AdmissionRefusal(
                reason: .queueFull,
                message: "\(waiter.provider): its limits are reached and \(length) calls wait (queue_full)")
            waiter.continuation.resume(returning: .failure(refusal))
        }
    }

    private func leave(_ number: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let waiter = state.waiters.removeValue(forKey: number) else { return nil }
            _ = state.gates[waiter.provider]?.leave(number, tenant: waiter.tenant)
            return waiter
        }
        guard let waiter else { return }
        waiter.continuation.resume(
            returning: .failure(AdmissionRefusal(reason: .cancelled, message: "the call was cancelled")))
        advance(waiter.provider)
    }

    /// Lets in who may come in now, and comes back when that may change.
    private func advance(_ provider: String) {
        let now = clock()
        let (ready, late, wake) = state.withLock { state in
            let change = state.gates[provider]?.advance(at: now) ?? ProviderGate.Change()
            let ready = change.passed.compactMap { passed in
                state.waiters.removeValue(forKey: passed.number).map { ($0, passed.permit) }
            }
            let late = change.expired.compactMap { state.waiters.removeValue(forKey: $0) }
            let planned = state.wakeAt[provider].flatMap { $0 > now ? $0 : nil }
            let wake = change.wakeAt.flatMap { time in planned.map { time < $0 } ?? true ? time : nil }
            if let wake { state.wakeAt[provider] = wake }
            return (ready, late, wake)
        }
        for (waiter, permit) in ready { waiter.continuation.resume(returning: .success(permit)) }
        for waiter in late { waiter.continuation.resume(returning: .failure(lateRefusal(provider))) }
        guard let wake else { return }
        let delay = wake.nanoseconds(since: now)
        Task { [weak self] in
            try? await Task.sleep(for: .nanoseconds(delay))
            self?.advance(provider)
        }
    }

    private func lateRefusal(_ provider: String) -> AdmissionRefusal {
        let limits = settings.limits[provider]
        let names = [
            limits?.requests.map { "requests_per_minute \($0.limit)" },
            limits?.tokens.map { "tokens_per_minute \($0.limit)" },
            limits?.concurrentCalls.map { "concurrent_calls \($0)" },
        ].compactMap(\.self).joined(separator: ", ")
        return AdmissionRefusal(
            reason: .queueDeadline,
            message: "\(provider): the call's time was over before its limits (\(names)) let it in (queue_deadline)")
    }

    // MARK: Ends of calls

    func end(
        provider: String, target: String, permit: ProviderGate.Permit?, isProbe: Bool, use: ProviderGate.Use,
        report: TargetHealth.Report
    ) {
        let now = clock()
        state.withLock { state in
            state.targets[target]?.report(report, wasProbe: isProbe, at: now)
            if let permit { state.gates[provider]?.end(permit, use) }
        }
        if permit != nil { advance(provider) }
    }

    // MARK: What is known

    private static func refusal(of target: String, _ state: State, at now: Tick) -> AdmissionRefusal? {
        guard var health = state.targets[target] else { return nil }
        return refusal(health.admit(at: now), target, at: now)
    }

    private static func refusal(
        _ decision: TargetHealth.Decision, _ target: String, at now: Tick
    ) -> AdmissionRefusal? {
        switch decision {
        case .pass, .probe: return nil
        case .open(let until):
            let wait = until.milliseconds(since: now)
            return AdmissionRefusal(
                reason: .open, message: "\(target): its circuit is open for \(wait) ms more, after many failures",
                retryAfterMilliseconds: wait)
        case .held(let until):
            let wait = until.milliseconds(since: now)
            return AdmissionRefusal(
                reason: .held, message: "\(target): it asked for a pause, \(wait) ms more", retryAfterMilliseconds: wait
            )
        }
    }

    private static func makeRoom(_ state: inout State, at now: Tick) {
        guard state.targets.count >= maximumTargets else { return }
        state.targets = state.targets.filter { !$0.value.isUneventful(at: now) }
        if state.targets.count >= maximumTargets, let any = state.targets.keys.min() { state.targets[any] = nil }
    }

    package var status: RouterStatus {
        let now = clock()
        return state.withLock { state in
            RouterStatus(
                routes: settings.routes.values.sorted { $0.name < $1.name },
                targets: state.targets.sorted { $0.key < $1.key }
                    .map { RouterStatus.Target($0.key, $0.value, at: now) },
                providers: state.gates.sorted { $0.key < $1.key }
                    .map { RouterStatus.Provider($0.key, $0.value, at: now) })
        }
    }
}
