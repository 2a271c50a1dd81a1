import Gateway
import Kernel
import Synchronization
import Testing

/// A route's calls, over real sockets, with a server that misbehaves on request.
@Suite("Routed calls, against a scripted server", .serialized)
struct RouterTests {
    private static let server = Task { try await PythonServer.start("scripted_server.py") }
    private let now = Instant(unixMilliseconds: 1_795_000_000_000)

    private func gateway(
        _ routes: [Route] = [], limits: TrafficLimits? = nil, cache: ResponseCache? = nil,
        breaker: CircuitBreaker.Settings = CircuitBreaker.Settings()
    ) async throws -> Gateway {
        let names = ["one", "two"]
        let url = try await Self.server.value.baseURL
        let client = try CurlClient()
        let providers = try names.map { name in
            try HTTPProvider(ProviderSettings(name: name, baseURL: url), client: client)
        }
        var settings = GatewaySettings(
            defaultProvider: "one", pricing: Dictionary(uniqueKeysWithValues: names.map { ($0, .free) }))
        settings.routing = RoutingSettings(
            routes: Dictionary(uniqueKeysWithValues: routes.map { ($0.name, $0) }),
            limits: limits.map { ["one": $0] } ?? [:],
            retry: RetryRule(backoff: Backoff(initialMilliseconds: 1, maximumMilliseconds: 2, maximumAttempts: 3)),
            breaker: breaker)
        settings.cache = cache
        return Gateway(providers: providers, priceBook: .builtIn, settings: settings)
    }

    private func route(_ name: String, _ target: String, _ fallbacks: [String], attempts: Int = 1) -> Route {
        var route = Route(name: name, targets: [.init(model: target)], fallbacks: fallbacks)
        route.retry.backoff = Backoff(initialMilliseconds: 1, maximumMilliseconds: 2, maximumAttempts: attempts)
        return route
    }

    private struct Outcome {
        var reply: JSONValue?
        var failure: Failure?
        var attempts = 0
        var waits: [Int64] = []
        var choices: [String] = []
    }

    /// As the engine does it: an attempt after the other, each with its own name.
    private func perform(
        _ model: String, at gateway: Gateway, text: String = "Hi", tenant: String = "acme",
        timeoutMilliseconds: UInt64 = 60_000, sleeps: Bool = true
    ) async -> Outcome {
        let messages: JSONValue = [["role": "user", "content": .string(text)]]
        var routed = RoutedCall(
            ModelRequest(
                model: model, messages: messages.bytes, options: Array(#"{"temperature_milli":0}"#.utf8),
                maximumOutputTokens: 50, timeoutMilliseconds: timeoutMilliseconds),
            gateway: gateway, caller: Route.Caller(run: "r", call: "r/1"),
            scope: CacheScope(tenant: tenant, promptVersion: "1"))
        var outcome = Outcome()
        while true {
            let call: PreparedCall
            do {
                switch try await routed.next(attempt: "r/1/\(outcome.attempts + 1)", at: now) {
                case .send(let prepared): call = prepared
                case .cached(let reply):
                    outcome.reply = try? JSONParser.parse(reply)
                    return outcome
                }
            } catch {
                outcome.failure = error
                return outcome
            }
            outcome.attempts += 1
            if let choice = routed.choice(of: call) {
                outcome.choices.append("\(choice["target"]?.stringValue ?? "") \(choice["why"]?.stringValue ?? "")")
            }
            do {
                let answer = try await gateway.perform(call) { _ in }
                let reply: JSONValue = ["text": .string(answer.text), "provider": .string(call.provider.name)]
                routed.succeeded(answer, reply: reply, at: now)
                outcome.reply = reply
                return outcome
            } catch {
                outcome.failure = Failure(error.status, error.message)
                guard let delay = routed.failed(error) else { return outcome }
                outcome.waits.append(delay)
                guard sleeps else { return outcome }
                try? await Task.sleep(for: .milliseconds(delay))
            }
        }
    }

    private func seen(_ model: String) async throws -> Int64 {
        try await Self.server.value.notes("seen")[model]?.integerValue ?? 0
    }

    @Test("a 429 with Retry-After is waited for, and meanwhile the target is left alone")
    func retryAfter() async throws {
        let gateway = try await gateway()
        let first = await perform("one/limited", at: gateway, sleeps: false)
        #expect(first.waits.count == 1)
        #expect((first.waits.first ?? 0) >= 7000)
        let before = try await seen("limited")
        let second = await perform("one/limited", at: gateway, timeoutMilliseconds: 200)
        #expect(second.attempts == 0)
        #expect(second.failure?.status == .busy)
        #expect(second.failure?.message.contains("one/limited") == true)
        #expect(try await seen("limited") == before)
        #expect(await perform("one/streamed", at: gateway).reply != nil)
    }

    @Test("the attempt after a 429 comes when the provider asked for it, and is answered")
    func waits() async throws {
        let gateway = try await gateway()
        let start = ContinuousClock.now
        let outcome = await perform("one/limited-once", at: gateway)
        #expect(outcome.reply?["text"] == "Grüße aus dem Test")
        #expect(outcome.attempts == 2)
        #expect(start.duration(to: .now) >= .seconds(1))
    }

    private func gateway(keys: [(id: String, key: ProviderKey, weight: Int)]) async throws -> Gateway {
        let entries = keys.map { ProviderKeyEntry(id: $0.id, key: $0.key, weight: $0.weight) }
        let provider = try HTTPProvider(
            ProviderSettings(
                name: "one", baseURL: try await Self.server.value.baseURL, credential: .keys(entries)),
            client: CurlClient())
        return Gateway(
            providers: [provider], priceBook: .builtIn,
            settings: GatewaySettings(defaultProvider: "one", pricing: ["one": .free]))
    }

    @Test("a key that is refused, limited or missing is left out, and another is tried at once")
    func keys() async throws {
        let gateway = try await gateway(keys: [
            ("bad", .closure { "sk-bad" }, 5), ("tired", .closure { "sk-tired" }, 5),
            ("missing", .file("/nowhere/key"), 5), ("good", .closure { "sk-good" }, 0),
        ])
        let first = await perform("one/keyed", at: gateway)
        #expect(first.reply?["text"] == "Grüße aus dem Test")
        #expect(first.attempts == 4 && first.waits == [0, 0, 0])
        let second = await perform("one/keyed", at: gateway)
        #expect(second.attempts == 1 && second.reply != nil)
        let counts = try await Self.server.value.notes("seen")
        #expect(counts["keyed by sk-bad"] == 1 && counts["keyed by sk-tired"] == 1 && counts["keyed by sk-good"] == 2)
        let status = gateway.keyStatus
        #expect(status.map(\.id) == ["bad", "tired", "missing", "good"])
        #expect(status.map(\.state) == [.refused, .limited, .refused, .inUse])
        #expect((1...7000).contains(status[1].waitMilliseconds))
        #expect(gateway.status["keys"]?.arrayValue?.count == 4 && gateway.status["egress"] == "in-process")
        #expect(!gateway.status.serialized().contains("sk-"))
    }

    @Test("a call for which all keys are out is not sent, and says for how long")
    func noKey() async throws {
        let gateway = try await gateway(keys: [
            ("one", .file("/nowhere/1"), 1), ("two", .file("/nowhere/2"), 1),
        ])
        #expect(await perform("one/keyed", at: gateway).failure?.status == .denied)
        let failure = await perform("one/keyed", at: gateway).failure
        #expect(failure?.status == .busy && failure?.message.contains("all of its 2 keys") == true, "\(failure as Any)")
    }

    @Test("a route falls over from a 429 at once when its pause is longer than the call may wait")
    func fallsOverFromPause() async throws {
        let gateway = try await gateway([route("careful", "one/limited", ["two/streamed"], attempts: 3)])
        let outcome = await perform("careful", at: gateway, timeoutMilliseconds: 5000)
        #expect(outcome.reply?["provider"] == "two")
        #expect(outcome.choices == ["one/limited target", "two/streamed fallback after rate_limit"])
    }

    @Test("500s fall over, trip the circuit, and an open circuit is not asked")
    func breaker() async throws {
        var breaker = CircuitBreaker.Settings()
        breaker.minimumCalls = 3
        breaker.openMilliseconds = 600_000
        let gateway = try await gateway([route("safe", "one/broken", ["two/streamed"])], breaker: breaker)
        for _ in 0..<3 {
            let outcome = await perform("safe", at: gateway)
            #expect(outcome.choices == ["one/broken target", "two/streamed fallback after server_error"])
        }
        let before = try await seen("broken")
        let outcome = await perform("safe", at: gateway)
        #expect(outcome.choices == ["two/streamed fallback after capacity"])
        #expect(outcome.reply?["text"] == "Grüße aus dem Test")
        #expect(try await seen("broken") == before)
        let target = try #require(gateway.router.status.targets.first { $0.name == "one/broken" })
        #expect(target.circuit == "open")
        #expect(target.waitMilliseconds > 0)
        #expect(gateway.router.status.json["targets"]?.arrayValue?.count == 2)
        let alone = await perform("one/broken", at: gateway)
        #expect(alone.attempts == 0)
        #expect(alone.failure?.message.contains("circuit is open") == true)
    }

    @Test("a refusal is final: no other provider is asked")
    func refused() async throws {
        let gateway = try await gateway([route("r", "one/bad-request", ["two/streamed"])])
        let outcome = await perform("r", at: gateway)
        #expect(outcome.attempts == 1)
        #expect(outcome.failure?.status == .invalid)
    }

    @Test("requests and tokens per minute hold with 32 callers at once, and the rest is refused by name")
    func limits() async throws {
        let limits = TrafficLimits(
            requests: .init(limit: 8, burst: 4), tokens: .init(limit: 4000, burst: 2000), queueMilliseconds: 300)
        let gateway = try await gateway(limits: limits)
        let before = try await seen("whole")
        let outcomes = await withTaskGroup(of: Outcome.self) { group in
            for number in 0..<32 {
                group.addTask { await perform("one/whole", at: gateway, tenant: "tenant-\(number % 4)") }
            }
            return await group.reduce(into: [Outcome]()) { $0.append($1) }
        }
        let passed = outcomes.filter { $0.reply != nil }.count
        #expect((4...8).contains(passed), "\(passed)")
        #expect(try await seen("whole") - before == Int64(passed))
        for outcome in outcomes where outcome.reply == nil {
            #expect(outcome.failure?.status == .deadline)
            #expect(outcome.failure?.message.contains("requests_per_minute 8") == true, "\(outcome)")
        }
        #expect(gateway.router.status.providers.first?.waitingCalls == 0)
        #expect(gateway.router.status.providers.first?.activeCalls == 0)
    }

    @Test("a caller that goes away leaves the queue, and its place to others")
    func cancelled() async throws {
        let gateway = try await gateway(limits: TrafficLimits(concurrentCalls: 1))
        let holder = Task { await perform("one/silent", at: gateway) }
        while gateway.router.status.providers.first?.activeCalls != 1 { await Task.yield() }
        let waiter = Task { await perform("one/streamed", at: gateway) }
        while gateway.router.status.providers.first?.waitingCalls != 1 { await Task.yield() }
        let other = Task { await perform("one/streamed", at: gateway) }
        while gateway.router.status.providers.first?.waitingCalls != 2 { await Task.yield() }
        waiter.cancel()
        #expect(await waiter.value.failure?.status == .cancelled)
        holder.cancel()
        #expect(await other.value.reply != nil)
        _ = await holder.value
        #expect(gateway.router.status.providers.first?.activeCalls == 0)
    }
}
