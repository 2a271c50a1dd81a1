/// Keeps calls from a target that fails: closed while it works, open for a while when too many of the calls of the
/// last window failed, then half-open for one probe whose end decides (Michael Nygard, "Release It!", 2007).
package struct CircuitBreaker: Sendable {
    package struct Settings: Hashable, Sendable {
        package var windowMilliseconds: Int64
        /// With fewer calls in the window, nothing can be said.
        package var minimumCalls: Int
        package var failurePercent: Int
        package var openMilliseconds: Int64
        /// Each failed probe doubles the wait, up to this.
        package var longestOpenMilliseconds: Int64
        /// A probe that says nothing for so long is lost, and another may go.
        package var probeMilliseconds: Int64

        package init(
            windowMilliseconds: Int64 = 30_000, minimumCalls: Int = 5, failurePercent: Int = 50,
            openMilliseconds: Int64 = 10_000, longestOpenMilliseconds: Int64 = 300_000,
            probeMilliseconds: Int64 = 120_000
        ) {
            self.windowMilliseconds = windowMilliseconds
            self.minimumCalls = minimumCalls
            self.failurePercent = failurePercent
            self.openMilliseconds = openMilliseconds
            self.longestOpenMilliseconds = longestOpenMilliseconds
            self.probeMilliseconds = probeMilliseconds
        }
    }

    package enum State: Hashable, Sendable {
        case closed
        case open(until: Tick)
        /// `probe`: one is on its way, and counts as lost then.
        case halfOpen(probe: Tick?)
    }

    package enum Decision: Hashable, Sendable {
        case pass
        case probe
        case refuse(until: Tick)
    }

    private struct Slot {
        var number: Int64
        var calls = 0
        var failures = 0
    }

    private static let slotCount: Int64 = 10

    package let settings: Settings
    package private(set) var state = State.closed
    private var slots: [Slot] = []
    private var openings: Int64 = 0

    package init(_ settings: Settings = Settings()) { self.settings = settings }

    package mutating func admit(at now: Tick) -> Decision {
        switch state {
        case .closed: return .pass
        case .open(let until) where now < until: return .refuse(until: until)
        case .halfOpen(let probe?) where now < probe: return .refuse(until: probe)
        case .open, .halfOpen:
            state = .halfOpen(probe: now.advanced(byMilliseconds: settings.probeMilliseconds))
            return .probe
        }
    }

    package mutating func record(success: Bool, wasProbe: Bool, at now: Tick) {
        if wasProbe {
            guard case .halfOpen = state else { return }
            if success { close() } else { open(at: now) }
            return
        }
        guard state == .closed else { return }
        let number = slot(of: now)
        slots.removeAll { $0.number <= number - Self.slotCount }
        if slots.last?.number != number { slots.append(Slot(number: number)) }
        slots[slots.count - 1].calls += 1
        if !success { slots[slots.count - 1].failures += 1 }
        let (calls, failures) = totals
        if !success, calls >= settings.minimumCalls, failures * 100 >= calls * settings.failurePercent {
            open(at: now)
        }
    }

    /// A call that was let through and says nothing about the target: it was not sent, or ended by its caller.
    package mutating func withdraw(wasProbe: Bool) {
        if wasProbe, case .halfOpen = state { state = .halfOpen(probe: nil) }
    }

    /// Of the window.
    package var totals: (calls: Int, failures: Int) {
        slots.reduce((0, 0)) { ($0.0 + $1.calls, $0.1 + $1.failures) }
    }

    private mutating func open(at now: Tick) {
        let doublings = min(openings, 30)
        let wait = min(settings.longestOpenMilliseconds, settings.openMilliseconds << doublings)
        openings += 1
        state = .open(until: now.advanced(byMilliseconds: wait))
        slots = []
    }

    private mutating func close() {
        state = .closed
        openings = 0
        slots = []
    }

    private func slot(of now: Tick) -> Int64 {
        now.nanoseconds / max(1, settings.windowMilliseconds * 1_000_000 / Self.slotCount)
    }
}
