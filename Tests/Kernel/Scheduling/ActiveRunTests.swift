import Kernel
import Testing

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
