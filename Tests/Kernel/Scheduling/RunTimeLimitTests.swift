import Kernel
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
