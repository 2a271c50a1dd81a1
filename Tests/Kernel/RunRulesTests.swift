import Kernel
import TestSupport
import Testing

@Suite("Backoff")
struct BackoffTests {
    @Test("delays double up to the maximum, and half of each is certain")
    func doubling() {
        let backoff = Backoff(initialMilliseconds: 100, maximumMilliseconds: 1_500, maximumAttempts: 100)
        let ceilings: [Int64] = [100, 200, 400, 800, 1_500, 1_500, 1_500]
        for (index, ceiling) in ceilings.enumerated() {
            #expect(backoff.delayMilliseconds(afterAttempt: index + 1, random: 0) == ceiling / 2)
            let largest = UInt64(ceiling - ceiling / 2)
            #expect(backoff.delayMilliseconds(afterAttempt: index + 1, random: largest) == ceiling)
        }
    }

    @Test("the last attempt is the last")
    func exhausted() {
        let backoff = Backoff(maximumAttempts: 3)
        #expect(backoff.delayMilliseconds(afterAttempt: 2, random: 1) != nil)
        #expect(backoff.delayMilliseconds(afterAttempt: 3, random: 1) == nil)
        #expect(backoff.delayMilliseconds(afterAttempt: .max, random: 1) == nil)
    }

    @Test("no attempt number and no bound make it overflow or leave its range")
    func extremes() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<5_000 {
            let maximum = Int64.random(in: 1...Int64.max >> Int64.random(in: 0...62, using: &random), using: &random)
            let backoff = Backoff(
                initialMilliseconds: Int64.random(in: 1...maximum, using: &random), maximumMilliseconds: maximum,
                maximumAttempts: .max)
            let attempt = Int.random(in: -2...200, using: &random)
            let delay = try #require(backoff.delayMilliseconds(afterAttempt: attempt, random: random.next()))
            #expect((0...maximum).contains(delay), "seed \(seed)")
        }
    }
}

@Suite("Crash policy")
struct CrashPolicyTests {
    @Test("the third crash that a run caused parks it")
    func guilty() {
        #expect(CrashPolicy.verdict(.guilty, crashCount: 0) == .requeue(counted: true))
        #expect(CrashPolicy.verdict(.guilty, crashCount: 1) == .requeue(counted: true))
        #expect(CrashPolicy.verdict(.guilty, crashCount: 2) == .park)
    }

    @Test("crashes of others never count, and a suspect is tried alone", arguments: [0, 2, 100])
    func others(crashCount: Int) {
        #expect(CrashPolicy.verdict(.innocent, crashCount: crashCount) == .requeue(counted: false))
        #expect(CrashPolicy.verdict(.suspect, crashCount: crashCount) == .isolate)
    }
}

@Suite("Run state")
struct RunStateTests {
    static let transitions: [RunTransition] = [
        .becomeDue, .claim, .wait, .wake, .pause, .resume, .requeue, .complete, .fail, .cancel, .bury, .retry,
    ]

    @Test("terminal states are left by retry alone, and success never")
    func terminal() {
        for state in RunState.allCases where state.isTerminal {
            for transition in Self.transitions where transition != .retry {
                #expect(state.applying(transition) == nil, "\(state) \(transition)")
            }
            #expect(state.applying(.retry) == (state == .done ? nil : .ready))
        }
    }

    @Test("only a ready run can be claimed, and only a run that was claimed can end well")
    func claims() {
        for state in RunState.allCases {
            #expect((state.applying(.claim) == .running) == (state == .ready))
            #expect((state.applying(.complete) == .done) == (state == .running || state == .waiting))
        }
    }

    @Test("every open state can be cancelled")
    func cancel() {
        for state in RunState.allCases { #expect((state.applying(.cancel) == .cancelled) == !state.isTerminal) }
    }

    @Test("names are read back")
    func names() {
        for state in RunState.allCases { #expect(RunState(name: state.name) == state) }
        #expect(RunState(name: "Done") == nil)
    }
}
