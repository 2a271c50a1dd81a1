import Kernel
import TestSupport
import Testing

@Suite("Back-off with jitter")
struct BackoffJitterTests {
    private static let formulas: [(BackoffJitter, @Sendable (Int64, Int64) -> ClosedRange<Int64>)] = [
        // Brooker, 2015: temp = min(cap, base * 2 ** attempt); the bounds that each kind draws between.
        (.none, { ceiling, _ in ceiling...ceiling }), (.equal, { ceiling, _ in ceiling / 2...ceiling }),
        (.full, { ceiling, _ in 0...ceiling }), (.decorrelated, { _, last in 100...min(10_000, max(100, last) * 3) }),
    ]

    @Test("each kind of jitter draws between the bounds of its formula, and reaches both")
    func bounds() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for (jitter, formula) in Self.formulas {
            let backoff = Backoff(
                initialMilliseconds: 100, maximumMilliseconds: 10_000, maximumAttempts: 50, jitter: jitter)
            for attempt in 1...9 {
                let last = Int64.random(in: 1...20_000, using: &random)
                let bounds = formula(min(10_000, 100 << Int64(attempt - 1)), last)
                let delays = (0..<400).compactMap { _ in
                    backoff.delayMilliseconds(afterAttempt: attempt, lastMilliseconds: last, random: random.next())
                }
                let (least, most) = (try #require(delays.min()), try #require(delays.max()))
                #expect(bounds.contains(least) && bounds.contains(most), "\(jitter) \(attempt) seed \(seed)")
                let slack = (bounds.upperBound - bounds.lowerBound) / 10
                #expect(least <= bounds.lowerBound + slack, "\(jitter) \(attempt) seed \(seed)")
                #expect(most >= bounds.upperBound - slack, "\(jitter) \(attempt) seed \(seed)")
            }
        }
    }

    @Test("no bound makes any kind overflow", arguments: BackoffJitter.allCases)
    func extremes(jitter: BackoffJitter) {
        let backoff = Backoff(
            initialMilliseconds: .max, maximumMilliseconds: .max, maximumAttempts: .max, jitter: jitter)
        for last: Int64? in [nil, 0, .max] {
            #expect(backoff.delayMilliseconds(afterAttempt: 1, lastMilliseconds: last, random: .max) != nil)
        }
    }
}

@Suite("Retry policy")
struct RetryPolicyTests {
    private let start = Instant(unixMilliseconds: 1_000_000)

    private func policy(_ failure: FailureClass, attempts: Int = 3) -> RetryPolicy {
        RetryPolicy(classes: [
            failure: Backoff(
                initialMilliseconds: 100, maximumMilliseconds: 1_000, maximumAttempts: attempts, jitter: .none)
        ])
    }

    @Test("what would end the same way is not tried again, and the reason says so")
    func permanent() {
        for failure in [FailureClass.permanent, .cancelled] {
            var history = RetryHistory(firstStartedAt: start)
            let decision = RetryPolicy().decide(failure, &history, random: 0, at: start)
            #expect(decision.retryAt == nil)
            let what = failure == .permanent ? "a permanent failure" : "a cancellation"
            #expect(decision.reason == "attempt 1 ended with \(what), which is not tried again")
        }
    }

    @Test("waits double, and the class's last attempt is the last")
    func exhausted() {
        var history = RetryHistory(firstStartedAt: start)
        var waits: [Int64?] = []
        for _ in 0..<3 {
            let decision = policy(.timeout).decide(.timeout, &history, random: 0, at: start)
            waits.append(decision.retryAt.map { $0.unixMilliseconds - start.unixMilliseconds })
        }
        #expect(waits == [100, 200, nil] && history.attempts == 3)
    }

    @Test("each class counts its own failures, and all together count towards the total")
    func classes() {
        var rules = policy(.crash, attempts: 2)
        rules.classes[.rateLimited] = Backoff(maximumAttempts: 100)
        rules.maximumAttempts = 8
        var history = RetryHistory(firstStartedAt: start)
        for _ in 0..<6 { #expect(rules.decide(.rateLimited, &history, random: 1, at: start).retryAt != nil) }
        #expect(rules.decide(.crash, &history, random: 1, at: start).retryAt != nil)
        let last = rules.decide(.rateLimited, &history, random: 1, at: start)
        #expect(last.retryAt == nil && last.reason.hasSuffix("it was the last of 8 attempts"))
    }

    @Test("a pause that was asked for is kept and spread, unless it is too long")
    func retryAfter() throws {
        var history = RetryHistory(firstStartedAt: start)
        let rules = policy(.rateLimited, attempts: 9)
        let decision = rules.decide(.rateLimited, &history, retryAfterMilliseconds: 5_000, random: 0, at: start)
        #expect(decision.retryAt == start.advanced(byMilliseconds: 5_025))
        for asked in [86_400_000, Int64.max] {
            let refused = rules.decide(.rateLimited, &history, retryAfterMilliseconds: asked, random: 0, at: start)
            #expect(refused.retryAt == nil && refused.reason.contains("the longest"))
        }
    }

    @Test("no attempt starts after the elapsed time or the deadline")
    func bounds() {
        var rules = policy(.transient, attempts: 9)
        rules.maximumElapsedMilliseconds = 150
        var history = RetryHistory(firstStartedAt: start)
        #expect(rules.decide(.transient, &history, random: 0, at: start).retryAt != nil)
        #expect(rules.decide(.transient, &history, random: 0, at: start).reason.contains("150 ms after the first"))
        var other = RetryHistory(firstStartedAt: start)
        let deadline = start.advanced(byMilliseconds: 100)
        let decision = policy(.transient).decide(.transient, &other, deadline: deadline, random: 0, at: start)
        #expect(decision.retryAt == nil && decision.reason.hasSuffix("after the deadline"))
    }

    @Test("statuses fall into their classes")
    func statuses() {
        let expected: [Status: FailureClass] = [
            .io: .transient, .deadline: .timeout, .busy: .busy, .internal: .fault, .cancelled: .cancelled,
        ]
        for code in Int32(-15)...(-1) {
            let status = Status(rawValue: code)
            #expect(FailureClass(status) == expected[status] ?? .permanent, "\(status.name)")
        }
    }
}
