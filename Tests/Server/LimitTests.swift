import Kernel
import Server
import TestSupport
import Testing

@Suite("Limits of requests")
struct LimitTests {
    private static func at(_ milliseconds: Int64) -> Tick { Tick(milliseconds: milliseconds) }

    @Test("the published example: one each 100 ms, five at once; the sixth waits 100 ms, and then passes")
    func vector() {
        let rate = CellRate(perMinute: 600, burst: 5)
        var arrival: Tick?
        for left in (0..<5).reversed() {
            guard case .passed(let next, let remaining) = rate.decide(arrival, at: Self.at(0)) else {
                Issue.record("refused with \(left) left")
                return
            }
            #expect(remaining == Int64(left))
            arrival = next
        }
        #expect(rate.decide(arrival, at: Self.at(0)) == .refused(retryAfterNanoseconds: 100_000_000))
        #expect(rate.decide(arrival, at: Self.at(99)) == .refused(retryAfterNanoseconds: 1_000_000))
        guard case .passed = rate.decide(arrival, at: Self.at(100)) else {
            Issue.record("100 ms were not enough")
            return
        }
    }

    @Test("sixty a minute, ten at once: the eleventh is refused, and constant load passes one each second for ever")
    func seeds() {
        let table = LimitTable(capacity: 16), rate = CellRate("60/10"), key = LimitTable.Key(limit: "user", name: "ana")
        guard let rate else {
            Issue.record("60/10 is no rate")
            return
        }
        var passed = 0
        for _ in 0..<71 where table.take(key, rate, at: Self.at(0)).isPassed { passed += 1 }
        #expect(passed == 10)
        passed = 0
        // Ten times as often as allowed, for ten minutes.
        for tenth in 1...6_000 where table.take(key, rate, at: Self.at(Int64(tenth) * 100)).isPassed { passed += 1 }
        #expect(passed == 600)
    }

    @Test("lets through what a bucket of tokens does", arguments: [UInt64(1), 2, 3, 4, 5])
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let perMinute = Int64.random(in: 1...6_000, using: &random), burst = Int64.random(in: 1...50, using: &random)
        let rate = CellRate(perMinute: perMinute, burst: burst)
        let interval = (60_000_000_000 + perMinute - 1) / perMinute
        // The bucket in nanoseconds of work, full at first.
        var arrival: Tick?, level = interval * burst, now: Int64 = 0
        for _ in 0..<5_000 {
            let pause = Int64.random(in: 0...(interval * 2), using: &random)
            now += pause
            level = min(interval * burst, level + pause)
            let expected = level >= interval
            let verdict = rate.decide(arrival, at: Tick(nanoseconds: now))
            #expect(verdict.isPassed == expected, "seed \(seed) at \(now)")
            if case .passed(let next, _) = verdict {
                arrival = next
                level -= interval
            }
        }
    }

    @Test("a flood of keys forgets those that nobody used, never those in use, and takes no more room")
    func bounded() {
        let table = LimitTable(capacity: 1_000), rate = CellRate(perMinute: 1, burst: 2)
        let known = LimitTable.Key(limit: "address", name: "192.0.2.1")
        #expect(table.take(known, rate, at: Self.at(0)).isPassed)
        for number in 0..<100_000 {
            _ = table.take(.init(limit: "address", name: "flood-\(number)"), rate, at: Self.at(1))
            if number == 300 { #expect(table.take(known, rate, at: Self.at(1)).isPassed) }
            if number == 700 { #expect(!table.take(known, rate, at: Self.at(1)).isPassed) }
        }
        #expect(table.count <= 1_000)
    }

    @Test("settings are read as operators write them", arguments: ["user=60/10", "read=off", "tenant:acme=600"])
    func reading(text: String) {
        var settings = LimitSettings()
        let isRead = settings.set(text)
        #expect(isRead)
    }

    @Test(
        "what is no limit is refused",
        arguments: ["user", "user=", "user=0", "user=60/0", "car=1/1", "tenant:=5", "user=1/x"])
    func refused(text: String) {
        var settings = LimitSettings()
        let isRead = settings.set(text)
        #expect(!isRead)
    }
}

extension CellRate.Verdict {
    fileprivate var isPassed: Bool { if case .passed = self { true } else { false } }
}
