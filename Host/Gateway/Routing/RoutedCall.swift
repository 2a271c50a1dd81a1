package import Kernel

/// One call on its way: its targets in order, its waits, its place in the cache. The attempts themselves, with their
/// reservations and records, are the engine's: ``next(attempt:at:)``, send, and then ``succeeded`` or ``failed``. An
/// attempt that is dropped in between was not sent.
package struct RoutedCall: Sendable {
    package enum Step: Sendable {
        case send(PreparedCall)
        /// What the plugin gets (JSON), from an earlier call or one that was under way. It costs nothing.
        case cached([UInt8])
    }

    private let gateway: Gateway
    private let request: ModelRequest
    private let scope: CacheScope
    private let route: Route
    private let deadline: Tick
    private var walk: RouteWalk
    private var admission: Admission?
    /// Of the attempt beside the one under way.
    private var hedge: Admission?
    private var lease: CacheLease?

    /// - Parameters:
    ///   - caller: what stays with its choice of targets.
    ///   - scope: with whom answers are shared; its tenant is the one whose turn it is.
    package init(_ request: ModelRequest, gateway: Gateway, caller: Route.Caller, scope: CacheScope) {
        self.gateway = gateway
        self.request = request
        self.scope = scope
        let router = gateway.router
        route = router.route(of: request.model)
        deadline = router.clock().advanced(byMilliseconds: gateway.timeoutMilliseconds(of: request))
        walk = RouteWalk(route, for: caller, deadline: deadline)
    }

    /// For the audit log, which target was chosen and why: `target`, `canary`, `fallback after rate_limit`. Nil where
    /// no route chose.
    package func choice(of call: PreparedCall) -> [String: JSONValue]? {
        guard !route.name.isEmpty else { return nil }
        return [
            "route": Self.short(route.name), "target": Self.short("\(call.provider.name)/\(call.call.model)"),
            "why": .string(walk.why),
        ]
    }

    private static let maximumNameBytes = 200

    /// A leaf has little room, and a model's name comes from outside.
    private static func short(_ name: String) -> JSONValue {
        let fits = name.utf8.count <= maximumNameBytes && !name.utf8.contains(0)
        return .string(fits ? name : "sha256:" + Digest.sha256(name.utf8).hex)
    }

    /// Prepares the next attempt, and waits until its target takes it.
    ///
    /// - Parameter repair: what is added to the conversation after an answer that could not be used.
    /// - Throws: as ``Gateway/prepare(_:attempt:at:repair:)``, and `.busy` or `.deadline` when no
    ///   target takes it in time.
    package mutating func next(
        attempt: String, at instant: Instant, repair: [ChatMessage] = []
    ) async throws(Failure) -> Step {
        while true {
            let now = gateway.router.clock()
            guard now < deadline else {
                throw Failure(.deadline, "the call's time was over before an attempt could be made")
            }
            var wanted = request
            wanted.model = walk.current.model
            let rest = deadline.milliseconds(since: now)
            wanted.timeoutMilliseconds = UInt64(max(1, min(rest, route.attemptTimeoutMilliseconds ?? rest)))
            let call = try gateway.prepare(wanted, attempt: attempt, at: instant, repair: repair)
            let target = "\(call.provider.name)/\(call.call.model)"
            // What is asked again is another call than the one that others may wait for.
            if repair.isEmpty, let reply = await cachedReply(call, target, at: instant) { return .cached(reply) }
            do {
                admission = try await gateway.router.admit(
                    provider: call.provider.name, target: target, tenant: scope.tenant, tokens: tokens(of: call),
                    deadline: deadline)
                return .send(call)
            } catch {
                lease = nil
                try await passOver(error)
            }
        }
    }

    /// How long an attempt may be silent before another is made beside it; nil: as long as it likes.
    package var hedgeDelayMilliseconds: Int64? { route.hedgeAfterMilliseconds }

    /// Prepares an attempt beside the one under way; nil when its target does not take it at once, or it cannot be.
    package mutating func besides(
        attempt: String, at instant: Instant, repair: [ChatMessage] = []
    ) async -> PreparedCall? {
        let now = gateway.router.clock()
        guard now < deadline else { return nil }
        var wanted = request
        wanted.model = walk.beside.model
        let rest = deadline.milliseconds(since: now)
        wanted.timeoutMilliseconds = UInt64(max(1, min(rest, route.attemptTimeoutMilliseconds ?? rest)))
        do {
            let call = try gateway.prepare(wanted, attempt: attempt, at: instant, repair: repair)
            hedge = try await gateway.router.admit(
                provider: call.provider.name, target: "\(call.provider.name)/\(call.call.model)", tenant: scope.tenant,
                tokens: tokens(of: call), deadline: now.advanced(byMilliseconds: 1))
            return call
        } catch {
            return nil
        }
    }

    /// The attempt beside is gone before it was sent.
    package mutating func dropHedge() { hedge = nil }

    /// The two attempts have ended.
    ///
    /// - Parameters:
    ///   - isHedge: the one beside goes on.
    ///   - loser: what became of the other.
    package mutating func raced(isHedge: Bool, loser: Result<ModelAnswer, ProviderError>) {
        if isHedge {
            swap(&admission, &hedge)
            // The place in the cache is that of the target which did not answer.
            lease = nil
        }
        switch loser {
        case .success(let answer): hedge?.succeeded(answer.usage)
        case .failure(let error): hedge?.failed(error)
        }
        hedge = nil
    }

    /// - Parameter reply: what the plugin gets.
    package mutating func succeeded(_ answer: ModelAnswer, reply: JSONValue, at instant: Instant) {
        admission?.succeeded(answer.usage)
        lease?.fulfil(reply, at: instant)
        (admission, lease) = (nil, nil)
    }

    /// The target works, but its answer cannot be used and is asked for again, at once and there.
    package mutating func answeredBadly(_ error: ProviderError) -> Int64? {
        admission?.succeeded(error.usage ?? TokenUsage())
        (admission, lease) = (nil, nil)
        return 0
    }

    /// - Returns: how long to wait before the next attempt; nil when there shall be none.
    package mutating func failed(_ error: ProviderError) -> Int64? {
        admission?.failed(error)
        (admission, lease) = (nil, nil)
        // Each refusal leaves a key out, so this ends with the keys, or at the deadline.
        if error.hasOtherKey { return 0 }
        let next = walk.failed(
            CallFailure(error), isRetryable: error.isRetryable,
            retryAfterMilliseconds: error.retryAfterMilliseconds.map { Int64(clamping: $0) },
            random: UInt64.random(in: .min ... .max), at: gateway.router.clock())
        if case .attempt(let delay) = next { return delay }
        return nil
    }

    private mutating func passOver(_ refusal: AdmissionRefusal) async throws(Failure) {
        let canWait = refusal.retryAfterMilliseconds != nil && !walk.hasFallback(after: refusal.failure)
        let next = walk.failed(
            refusal.failure, isRetryable: canWait, retryAfterMilliseconds: refusal.retryAfterMilliseconds,
            random: UInt64.random(in: .min ... .max), at: gateway.router.clock())
        guard case .attempt(let delay) = next else { throw Failure(refusal.status, refusal.message) }
        try? await Task.sleep(for: .milliseconds(delay))
        if Task.isCancelled { throw Failure(.cancelled, "the call was cancelled") }
    }

    private mutating func cachedReply(_ call: PreparedCall, _ target: String, at instant: Instant) async -> [UInt8]? {
        guard let cache = gateway.cache, !call.provider.isDeterministic,
            let key = cache.rule.key(
                request, model: target, maximumOutputTokens: call.call.maximumOutputTokens, in: scope)
        else { return nil }
        switch await cache.claim(key, within: deadline.milliseconds(since: gateway.router.clock()), at: instant) {
        case .hit(let reply): return reply
        case .lead(let lease):
            self.lease = lease
            return nil
        case .alone: return nil
        }
    }

    /// No token has less than a byte, and the messages are sent with less framing than their JSON has.
    private func tokens(of call: PreparedCall) -> Int64 {
        Int64(request.messages.count + request.options.count + call.call.maximumOutputTokens)
    }
}
