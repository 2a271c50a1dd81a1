import Kernel
import Testing

@Suite("Routes")
struct RouteTests {
    private func caller(_ number: Int) -> Route.Caller { Route.Caller(run: "run-\(number)", call: "run-\(number)/1") }

    @Test("a canary of 10 percent gets 10 percent, the same ones each time, and keeps them when it grows")
    func canary() {
        func chosen(_ percent: Int) -> Set<Int> {
            let route = Route(
                name: "careful", targets: [.init(model: "a/one")], canary: .init(model: "b/new", percent: percent))
            return Set((0..<10_000).filter { route.candidates(for: caller($0))[0].reason == .canary })
        }
        let ten = chosen(10)
        // Four standard deviations of a binomial with n = 10,000 and p = 0.1 are 120.
        #expect((880...1120).contains(ten.count), "\(ten.count)")
        #expect(chosen(10) == ten)
        #expect(chosen(20).isSuperset(of: ten))
        #expect(chosen(0).isEmpty)
        #expect(chosen(100).count == 10_000)
    }

    @Test("calls are split by weight, and every target follows as a fallback once")
    func weights() {
        let route = Route(
            name: "r", targets: [.init(model: "a/1", weight: 3), .init(model: "b/1", weight: 1)],
            fallbacks: ["c/1", "a/1"])
        var first: [String: Int] = [:]
        for number in 0..<10_000 {
            let candidates = route.candidates(for: caller(number))
            #expect(Set(candidates.map(\.model)) == ["a/1", "b/1", "c/1"])
            #expect(candidates.count == 3)
            #expect(candidates.last?.model == "c/1")
            first[candidates[0].model, default: 0] += 1
        }
        #expect((7320...7680).contains(first["a/1"] ?? 0), "\(first)")
    }

    private func walk(_ fallbacks: [String], attempts: Int = 2) -> RouteWalk {
        var route = Route(name: "r", targets: [.init(model: "a/1")], fallbacks: fallbacks)
        route.retry.backoff.maximumAttempts = attempts
        return RouteWalk(route, for: caller(1), deadline: Tick(milliseconds: 100_000))
    }

    @Test("a target is tried again, then the next steps in, and the last one's failure ends the call")
    func fallbacks() {
        var walk = walk(["b/1"])
        let now = Tick(milliseconds: 0)
        guard case .attempt = walk.failed(.server, isRetryable: true, random: 5, at: now) else {
            Issue.record("not tried again")
            return
        }
        #expect(walk.current.model == "a/1")
        #expect(walk.failed(.server, isRetryable: true, random: 5, at: now) == .attempt(delayMilliseconds: 0))
        #expect(walk.current.model == "b/1")
        #expect(walk.why == "fallback after server_error")
        #expect(walk.failed(.timeout, isRetryable: false, random: 5, at: now) == .giveUp)
    }

    @Test("a refusal never falls over, and nothing goes on past the deadline")
    func refusals() {
        for failure in [CallFailure.refused, .cancelled] {
            var walk = walk(["b/1"])
            #expect(walk.failed(failure, isRetryable: true, random: 1, at: Tick(milliseconds: 0)) == .giveUp)
        }
        var late = walk(["b/1"])
        #expect(late.failed(.server, isRetryable: true, random: 1, at: Tick(milliseconds: 100_000)) == .giveUp)
    }

    @Test("a Retry-After is never undercut; one that is too long moves the call on")
    func retryAfter() {
        var walk = walk(["b/1"], attempts: 3)
        let now = Tick(milliseconds: 0)
        guard
            case .attempt(let delay) = walk.failed(
                .rateLimit, isRetryable: true, retryAfterMilliseconds: 7000, random: 99, at: now)
        else {
            Issue.record("given up")
            return
        }
        #expect(delay >= 7000 && delay <= 7125)
        _ = walk.failed(.rateLimit, isRetryable: true, retryAfterMilliseconds: 61_000, random: 99, at: now)
        #expect(walk.current.model == "b/1")
    }

    @Test("full jitter covers everything up to the ceiling, which doubles up to the maximum")
    func jitter() {
        let rule = RetryRule(
            backoff: Backoff(initialMilliseconds: 100, maximumMilliseconds: 350, maximumAttempts: 4))
        let never = Tick(nanoseconds: .max)
        for (attempt, ceiling) in [(1, 100), (2, 200), (3, 350)] {
            let delays = (0..<1000).compactMap {
                rule.delayMilliseconds(
                    afterAttempt: attempt, retryAfterMilliseconds: nil, random: $0, at: Tick(milliseconds: 0),
                    deadline: never)
            }
            #expect(delays.min() == 0)
            #expect(delays.max() == Int64(ceiling))
        }
        #expect(
            rule.delayMilliseconds(
                afterAttempt: 4, retryAfterMilliseconds: nil, random: 0, at: Tick(milliseconds: 0), deadline: never)
                == nil)
        #expect(
            rule.delayMilliseconds(
                afterAttempt: 1, retryAfterMilliseconds: 50, random: 0, at: Tick(milliseconds: 0),
                deadline: Tick(milliseconds: 50)) == nil)
    }
}

@Suite("Circuits")
struct CircuitBreakerTests {
    private let settings = CircuitBreaker.Settings(
        windowMilliseconds: 10_000, minimumCalls: 4, failurePercent: 50, openMilliseconds: 1000,
        longestOpenMilliseconds: 4000, probeMilliseconds: 500)

    private func at(_ milliseconds: Int64) -> Tick { Tick(milliseconds: milliseconds) }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(settings)
        for success in [true, true, false, false] { breaker.record(success: success, wasProbe: false, at: at(0)) }
        return breaker
    }

    @Test("it opens when half of the window's calls failed, and not before there were enough")
    func opens() {
        var breaker = CircuitBreaker(settings)
        for _ in 0..<3 { breaker.record(success: false, wasProbe: false, at: at(0)) }
        #expect(breaker.admit(at: at(0)) == .pass)
        var other = opened()
        #expect(other.admit(at: at(999)) == .refuse(until: at(1000)))
    }

    @Test("failures that left the window do not count")
    func window() {
        var breaker = CircuitBreaker(settings)
        for _ in 0..<3 { breaker.record(success: false, wasProbe: false, at: at(0)) }
        breaker.record(success: false, wasProbe: false, at: at(10_000))
        #expect(breaker.state == .closed)
    }

    @Test("one probe goes; its success closes, its failure doubles the wait, its silence lets another go")
    func probes() {
        var breaker = opened()
        #expect(breaker.admit(at: at(1000)) == .probe)
        #expect(breaker.admit(at: at(1001)) == .refuse(until: at(1500)))
        breaker.record(success: false, wasProbe: true, at: at(1100))
        #expect(breaker.admit(at: at(3099)) == .refuse(until: at(3100)))
        #expect(breaker.admit(at: at(3100)) == .probe)
        #expect(breaker.admit(at: at(3600)) == .probe)
        breaker.record(success: true, wasProbe: true, at: at(3700))
        #expect(breaker.state == .closed)
        #expect(breaker.admit(at: at(3700)) == .pass)
    }

    @Test("a probe that was not sent leaves its place to the next")
    func withdrawn() {
        var breaker = opened()
        #expect(breaker.admit(at: at(1000)) == .probe)
        breaker.withdraw(wasProbe: true)
        #expect(breaker.admit(at: at(1000)) == .probe)
    }

    @Test("the wait has a longest")
    func longest() {
        var breaker = opened()
        var now: Int64 = 0
        for _ in 0..<70 {
            guard case .open(let until) = breaker.state else {
                Issue.record("not open")
                return
            }
            let wait = until.milliseconds(since: at(now))
            #expect(wait <= 4000)
            now += wait
            #expect(breaker.admit(at: at(now)) == .probe)
            breaker.record(success: false, wasProbe: true, at: at(now))
        }
    }
}

@Suite("Keys")
struct KeyRingTests {
    private let now = Tick(milliseconds: 0)

    @Test("keys are taken by weight, and a refused one is out until its time")
    func weights() {
        var ring = KeyRing([.init(id: "a", weight: 3), .init(id: "b"), .init(id: "spare", weight: 0)])
        let drawn = (0..<400).map { ring.choose(draw: $0, at: now) }
        #expect(drawn.filter { $0 == "a" }.count == 300)
        #expect(drawn.filter { $0 == "b" }.count == 100)
        ring.refused("a", .limited(retryAfterMilliseconds: 2000), at: now)
        #expect((0..<40).allSatisfy { ring.choose(draw: $0, at: now) == "b" })
        ring.refused("b", .invalid, at: now)
        #expect(ring.choose(draw: 7, at: now) == "spare")
        ring.refused("spare", .invalid, at: now)
        #expect(ring.choose(draw: 7, at: now) == nil)
        #expect(ring.nextReturn(after: now) == Tick(milliseconds: 2000))
        #expect(ring.choose(draw: 7, at: Tick(milliseconds: 2000)) == "a")
        ring.worked("b")
        #expect(ring.isLive("b", at: now))
    }
}
