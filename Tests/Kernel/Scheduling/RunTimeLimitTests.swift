import Kernel
import TestSupport
import Testing

@Suite("Time limits of runs")
struct RunTimeLimitTests {
    private let limits = RunTimeLimits(
        queueMilliseconds: 100, startMilliseconds: 20, runMilliseconds: 1_000, heartbeatMilliseconds: 300,
        totalMilliseconds: 5_000, stopMilliseconds: 50)

    private func at(_ milliseconds: Int64) -> Instant { Instant(unixMilliseconds: milliseconds) }

    private func times(_ phase: RunTimes.Phase, ran: Int64 = 0) -> RunTimes {
        RunTimes(createdAt: at(0), phase: phase, ranMilliseconds: ran)
    }

    @Test("each phase has its limit, reached at its very millisecond")
    func phases() {
        let cases: [(RunTimes, Int64, TimeLimitBreach.Limit, TimeLimitBreach.Action)] = [
            (times(.queued(since: at(10))), 110, .queue, .fail),
            (times(.starting(since: at(10))), 30, .start, .endAttempt(.timeout)),
            (times(.running(since: at(10), lastSign: at(900))), 1_010, .run, .endAttempt(.timeout)),
            (times(.running(since: at(10), lastSign: at(200))), 500, .heartbeat, .endAttempt(.timeout)),
            (times(.running(since: at(10), lastSign: at(600)), ran: 700), 310, .run, .endAttempt(.timeout)),
            (times(.waiting), 5_000, .total, .stop), (times(.queued(since: at(4_950))), 5_000, .total, .fail),
            (times(.stopping(since: at(4_990))), 5_040, .stop, .kill),
        ]
        for (times, due, limit, action) in cases {
            #expect(limits.nextLook(at: times) == at(due))
            #expect(limits.breach(of: times, at: at(due - 1)) == nil)
            let breach = limits.breach(of: times, at: at(due + 7))
            #expect(breach?.limit == limit && breach?.action == action && breach?.dueAt == at(due), "\(times)")
        }
    }

    @Test("what has no limit is never due")
    func none() {
        for phase: RunTimes.Phase in [.queued(since: at(0)), .starting(since: at(0)), .waiting] {
            #expect(RunTimeLimits().nextLook(at: times(phase)) == nil)
            #expect(RunTimeLimits().breach(of: times(phase), at: at(.max)) == nil)
        }
    }

    @Test("waiting for a person does not count as running, and a sign of life from the past is none")
    func waits() {
        var run = times(.starting(since: at(0)))
        run.run(at: at(10))
        run.wait(at: at(310))
        #expect(run.ranMilliseconds == 300)
        run.run(at: at(4_000))
        #expect(limits.nextLook(at: run) == at(4_300), "heartbeat")
        run.sign(at: at(4_250))
        run.sign(at: at(4_100))
        #expect(limits.nextLook(at: run) == at(4_550))
        run.sign(at: at(4_500))
        #expect(limits.breach(of: run, at: at(4_700))?.limit == .run, "700 ms are left of the second")
        #expect(limits.breach(of: run, at: at(4_699)) == nil)
    }

    @Test("of limits reached together the one that ends more wins")
    func together() {
        let limits = RunTimeLimits(runMilliseconds: 100, totalMilliseconds: 100)
        let breach = limits.breach(of: times(.running(since: at(0), lastSign: at(0))), at: at(100))
        #expect(breach?.limit == .total && breach?.action == .stop)
        #expect(breach?.reason == "it has been open for 100 ms, the limit")
    }
}

@Suite("Runs for the same key")
struct ActiveRunTests {
    private static func id(_ number: UInt8) -> RunID {
        RunID(unixMilliseconds: Int64(number), random: Array(repeating: number, count: 10))
    }

    private let a = id(1), b = id(2), c = id(3), d = id(4)

    private func at(_ milliseconds: Int64) -> Instant { Instant(unixMilliseconds: milliseconds) }

    @Test("whatever the strategy, the first run starts, except that a debounced one waits for quiet")
    func first() {
        let strategies: [ActiveRunStrategy] = [.allow, .reject, .enqueue(atMost: 0), .interrupt, .replace]
        for strategy in strategies {
            var runs = ActiveRuns()
            #expect(runs.admit(a, strategy, at: at(0)) == ActiveRunDecision(verdict: .start), "\(strategy)")
            #expect(runs.active == [a])
        }
    }

    @Test("allow, reject and a bounded queue")
    func plain() {
        var allowed = ActiveRuns(active: [a])
        #expect(allowed.admit(b, .allow, at: at(0)).verdict == .start && allowed.active == [a, b])
        var rejected = ActiveRuns(active: [a])
        guard case .reject(let reason) = rejected.admit(b, .reject, at: at(0)).verdict else {
            Issue.record("a second run was admitted")
            return
        }
        #expect(reason.contains(a.description) && rejected == ActiveRuns(active: [a]))
        var queued = ActiveRuns(active: [a])
        #expect(queued.admit(b, .enqueue(atMost: 1), at: at(0)).verdict == .queue)
        guard case .reject = queued.admit(c, .enqueue(atMost: 1), at: at(0)).verdict else {
            Issue.record("the queue has no bound")
            return
        }
        #expect(queued.advance(at: at(0)) == nil, "one is active")
        #expect(queued.advance(ended: a, at: at(0)) == b && queued == ActiveRuns(active: [b]))
        #expect(queued.advance(ended: b, at: at(0)) == nil)
    }

    @Test("interrupt stops the active and goes first; replace also drops those that wait")
    func stopping() {
        var interrupted = ActiveRuns(active: [a], queued: [b])
        #expect(interrupted.admit(c, .interrupt, at: at(0)) == ActiveRunDecision(verdict: .queue, stop: [a]))
        #expect(interrupted.queued == [c, b])
        var replaced = ActiveRuns(active: [a], queued: [b])
        #expect(replaced.admit(c, .replace, at: at(0)) == ActiveRunDecision(verdict: .queue, stop: [a], drop: [b]))
        #expect(replaced.advance(ended: a, at: at(0)) == c)
        // One that waits can be cancelled itself.
        #expect(interrupted.advance(ended: c, at: at(0)) == nil && interrupted.queued == [b])
    }

    @Test("of a burst the newest runs, after quiet, and in time")
    func debounce() {
        let strategy = ActiveRunStrategy.debounce(quietMilliseconds: 100, longestWaitMilliseconds: 250)
        var runs = ActiveRuns()
        #expect(runs.admit(a, strategy, at: at(0)).verdict == .delay(until: at(100)))
        let second = runs.admit(b, strategy, at: at(90))
        #expect(second.verdict == .delay(until: at(190)) && second.drop == [a])
        #expect(runs.admit(c, strategy, at: at(180)).verdict == .delay(until: at(250)))
        #expect(runs.advance(at: at(249)) == nil && runs.advance(at: at(250)) == c)
        #expect(runs.admit(d, strategy, at: at(260)).verdict == .delay(until: at(360)), "a new burst")
        #expect(runs.advance(at: at(360)) == nil, "c is active")
        #expect(runs.advance(ended: c, at: at(400)) == d)
    }
}
