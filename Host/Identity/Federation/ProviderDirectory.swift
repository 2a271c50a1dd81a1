import Kernel
import Synchronization

/// What providers say of themselves and their keys, kept for a while, and failures too. Keys that are not there are
/// looked for again, but not more often than so: neither tokens with made-up keys nor strangers who begin sign-ins may
/// turn this host against a provider, and of many who ask at once one does.
final class ProviderDirectory: Sendable {
    static let timeoutMilliseconds: UInt64 = 10_000
    static let maximumBytes: UInt64 = 256 << 10
    private static let keptMilliseconds: Int64 = 10 * 60_000
    private static let shortestPauseMilliseconds: Int64 = 30_000
    private static let maximumEntries = 100

    private struct Kept<Value: Sendable>: Sendable {
        var value: Value
        var at: Instant
    }

    private struct State: Sendable {
        var endpoints: [String: Kept<ProviderEndpoints>] = [:]
        var keys: [String: Kept<ProviderKeys>] = [:]
        /// By the address that was asked.
        var failures: [String: Kept<ProofError>] = [:]
        var asked: [String: Task<Result<JSONValue, ProofError>, Never>] = [:]
    }

    private let fetch: @Sendable (HTTPRequest) async -> Result<EffectResult, Failure>
    private let clock: @Sendable () -> Instant
    private let state = Mutex(State())

    init(
        fetch: @escaping @Sendable (HTTPRequest) async -> Result<EffectResult, Failure>,
        clock: @escaping @Sendable () -> Instant
    ) {
        self.fetch = fetch
        self.clock = clock
    }

    func endpoints(of provider: IdentityProvider) async throws(ProofError) -> ProviderEndpoints {
        let now = clock()
        if let kept = state.withLock({ $0.endpoints[provider.issuer] }), Self.isFresh(kept.at, now) {
            return kept.value
        }
        let document = try await document(provider.discoveryURL)
        let found: ProviderEndpoints
        do throws(Failure) {
            found = try ProviderEndpoints(json: document, issuer: provider.issuer)
        } catch {
            throw kept(ProofError(.unavailable, error.message), of: provider.discoveryURL)
        }
        state.withLock { state in
            if state.endpoints.count >= Self.maximumEntries { state.endpoints = [:] }
            state.endpoints[provider.issuer] = Kept(value: found, at: now)
        }
        return found
    }

    func keys(
        of provider: IdentityProvider, _ endpoints: ProviderEndpoints, anew: Bool
    ) async throws(ProofError) -> ProviderKeys {
        let now = clock(), url = endpoints.keys.description
        if let kept = state.withLock({ $0.keys[url] }) {
            let isEnough =
                anew
                ? now < kept.at.advanced(byMilliseconds: Self.shortestPauseMilliseconds) : Self.isFresh(kept.at, now)
            if isEnough { return kept.value }
        }
        guard let keys = ProviderKeys(json: try await document(url)) else {
            throw kept(ProofError(.unavailable, "the identity provider's keys cannot be read"), of: url)
        }
        state.withLock { state in
            if state.keys.count >= Self.maximumEntries { state.keys = [:] }
            state.keys[url] = Kept(value: keys, at: now)
        }
        return keys
    }

    private static func isFresh(_ at: Instant, _ now: Instant) -> Bool {
        at <= now && now < at.advanced(byMilliseconds: keptMilliseconds)
    }

    private func document(_ url: String) async throws(ProofError) -> JSONValue {
        let now = clock()
        let task = state.withLock { state -> Task<Result<JSONValue, ProofError>, Never> in
            if let failure = state.failures[url], failure.at <= now,
                now < failure.at.advanced(byMilliseconds: Self.shortestPauseMilliseconds)
            {
                return Task { .failure(failure.value) }
            }
            if let asked = state.asked[url] { return asked }
            let task = Task { await self.ask(url) }
            state.asked[url] = task
            return task
        }
        return try await task.value.get()
    }

    private func ask(_ url: String) async -> Result<JSONValue, ProofError> {
        let result: Result<JSONValue, ProofError>
        do {
            result = .success(try await fetched(url))
        } catch {
            result = .failure(error)
        }
        if case .failure(let error) = result { _ = kept(error, of: url) }
        state.withLock { $0.asked[url] = nil }
        return result
    }

    private func kept(_ error: ProofError, of url: String) -> ProofError {
        let now = clock()
        state.withLock { state in
            if state.failures.count >= Self.maximumEntries { state.failures = [:] }
            state.failures[url] = Kept(value: error, at: now)
        }
        return error
    }

    private func fetched(_ url: String) async throws(ProofError) -> JSONValue {
        let request = HTTPRequest(
            method: "GET", url: url, headers: JSONValue.object(["accept": "application/json"]).bytes, body: [],
            timeoutMilliseconds: Self.timeoutMilliseconds, maximumResponseBytes: Self.maximumBytes)
        let answer: EffectResult
        do {
            answer = try await fetch(request).get()
        } catch {
            throw ProofError(.unavailable, "the identity provider does not answer: \(error.message)")
        }
        guard answer.value == 200, let json = try? JSONParser.parse(answer.data) else {
            throw ProofError(.unavailable, "the identity provider answers \(answer.value) at \(url)")
        }
        return json
    }
}
