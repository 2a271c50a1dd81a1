import Kernel
import Testing
import TestSupport

@Suite("Rate limits")
struct RateLimitTests {
    private func milliseconds(_ count: Int64) -> Tick { Tick(milliseconds: count) }

    @Test("100 ms a unit and 5 at once: the sixth waits 100 ms")
    func publishedVector() {
        var limit = RateLimit(interval: 100_000_000, burst: 5)
        for _ in 0..<5 {
            guard case .passed = limit.reserve(1, at: milliseconds(0)) else {
                Issue.record("one of the burst was refused")
                return
            }
        }
        #expect(limit.available(at: milliseconds(0)) == 0)
        #expect(limit.reserve(1, at: milliseconds(0)) == .wait(nanoseconds: 100_000_000))
        #expect(limit.reserve(1, at: milliseconds(99)) == .wait(nanoseconds: 1_000_000))
        guard case .passed = limit.reserve(1, at: milliseconds(100)) else {
            Issue.record("refused after the wait")
            return
        }
    }

    @Test("no minute, wherever it starts, sees more than the limit")
    func anyMinute() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<30 {
            let limit = Int64.random(in: 1...500, using: &random)
            let burst = Int64.random(in: 1...RateLimit.largestBurst(of: limit), using: &random)
            var bucket = RateLimit(perMinute: limit, burst: burst)
            var passed: [(at: Int64, units: Int64)] = []
            var now: Int64 = 0
            for _ in 0..<2000 {
                now += Int64.random(in: 0...600_000_000, using: &random)
                let units = Int64.random(in: 1...max(1, limit * 3 / 4), using: &random)
                if case .passed = bucket.reserve(units, at: Tick(nanoseconds: now)) { passed.append((now, units)) }
            }
            var first = 0
            var sum: Int64 = 0
            for last in passed {
                sum += last.units
                while passed[first].at <= last.at - 60_000_000_000 {
                    sum -= passed[first].units
                    first += 1
                }
                #expect(sum <= limit, "limit \(limit), burst \(burst), seed \(seed)")
            }
            #expect(!passed.isEmpty)
        }
    }

    @Test("a correction leaves what a right reservation would have left")
    func correction() {
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var guessed = RateLimit(interval: 1_000_000, burst: 100_000)
            var known = RateLimit(interval: 1_000_000, burst: 100_000)
            var open: [(RateLimit.Ticket, Int64)] = []
            var now: Int64 = 0
            for _ in 0..<20 {
                now += Int64.random(in: 0...50_000_000, using: &random)
                let actual = Int64.random(in: 0...40, using: &random)
                guard case .passed(let ticket) = guessed.reserve(actual * 2 + 3, at: Tick(nanoseconds: now)),
                    case .passed = known.reserve(actual, at: Tick(nanoseconds: now))
                else {
                    Issue.record("refused, seed \(seed)")
                    return
                }
                open.append((ticket, actual))
            }
            for (ticket, actual) in open.shuffled(using: &random) { guessed.settle(ticket, units: actual) }
            let later = Tick(nanoseconds: now)
            #expect(guessed.available(at: later) == known.available(at: later), "seed \(seed)")
        }
    }

    @Test("a call larger than the burst waits for an idle limit, and one larger than the limit counts as the limit")
    func largeCalls() {
        var limit = RateLimit(perMinute: 100, burst: 10)
        guard case .passed = limit.reserve(1, at: milliseconds(0)),
            case .wait(let wait) = limit.reserve(80, at: milliseconds(0)),
            case .passed = limit.reserve(80, at: Tick(nanoseconds: wait))
        else {
            Issue.record("a large call never passes")
            return
        }
        guard case .wait = limit.reserve(1, at: Tick(nanoseconds: wait + 1_000_000_000)) else {
            Issue.record("a large call is not paid off")
            return
        }
        var other = RateLimit(perMinute: 100, burst: 10)
        guard case .passed = other.reserve(1_000_000, at: milliseconds(0)) else {
            Issue.record("a call larger than the limit never passes")
            return
        }
    }

    @Test("what was not sent counts for nothing, whatever is asked after it")
    func withdrawn() {
        var limit = RateLimit(perMinute: 6, burst: 3)
        guard case .passed(let ticket) = limit.reserve(3, at: milliseconds(0)) else {
            Issue.record("refused")
            return
        }
        #expect(limit.available(at: milliseconds(0)) == 0)
        limit.settle(ticket, units: 0)
        #expect(limit.available(at: milliseconds(0)) == 3)
        limit.settle(ticket, units: 3)
        #expect(limit.available(at: milliseconds(0)) == 3)
    }
}

@Suite("The gate of a provider")
struct ProviderGateTests {
    private let never = Tick(nanoseconds: .max)

    private func numbers(_ change: ProviderGate.Change) -> [UInt64] { change.passed.map(\.number) }

    @Test("a tenant with one call does not wait behind another's hundred")
    func fair() {
        var gate = ProviderGate(TrafficLimits(concurrentCalls: 1, queueLength: 200))
        let now = Tick(milliseconds: 0)
        guard case .pass(var permit) = gate.ask(0, tenant: "busy", units: 10, deadline: never, at: now) else {
            Issue.record("refused")
            return
        }
        for number in 1...100 {
            #expect(gate.ask(UInt64(number), tenant: "busy", units: 10, deadline: never, at: now) == .wait)
        }
        #expect(gate.ask(101, tenant: "quiet", units: 10, deadline: never, at: now) == .wait)
        var order: [UInt64] = []
        for _ in 0..<3 {
            gate.end(permit, .tokens(10))
            let change = gate.advance(at: now)
            order += numbers(change)
            if let next = change.passed.first { permit = next.permit }
        }
        #expect(order.contains(101), "\(order)")
        #expect(order.filter { $0 != 101 } == [1, 2])
    }

    @Test("a full queue turns away, and time turns out who waits")
    func bounded() {
        var gate = ProviderGate(TrafficLimits(concurrentCalls: 1, queueLength: 2, queueMilliseconds: 500))
        let start = Tick(milliseconds: 0)
        _ = gate.ask(1, tenant: "a", units: 1, deadline: never, at: start)
        #expect(gate.ask(2, tenant: "a", units: 1, deadline: never, at: start) == .wait)
        #expect(gate.ask(3, tenant: "a", units: 1, deadline: Tick(milliseconds: 100), at: start) == .wait)
        #expect(gate.ask(4, tenant: "a", units: 1, deadline: never, at: start) == .full)
        #expect(gate.advance(at: start).wakeAt == nil || gate.advance(at: start).wakeAt == Tick(milliseconds: 100))
        #expect(gate.advance(at: Tick(milliseconds: 100)).expired == [3])
        #expect(gate.advance(at: Tick(milliseconds: 500)).expired == [2])
        #expect(gate.waitingCalls == 0)
    }

    @Test("a call that waits for tokens gives back its place in the requests")
    func bothLimits() {
        var gate = ProviderGate(
            TrafficLimits(requests: .init(limit: 100, burst: 50), tokens: .init(limit: 1000, burst: 500)))
        let now = Tick(milliseconds: 0)
        guard case .pass(let permit) = gate.ask(1, tenant: "a", units: 500, deadline: never, at: now) else {
            Issue.record("refused")
            return
        }
        #expect(gate.ask(2, tenant: "a", units: 400, deadline: never, at: now) == .wait)
        #expect(gate.available(at: now).requests == 49)
        gate.end(permit, .tokens(50))
        #expect(numbers(gate.advance(at: now)) == [2])
        #expect(gate.available(at: now).requests == 48)
        #expect(gate.available(at: now).tokens == 50)
    }
}
