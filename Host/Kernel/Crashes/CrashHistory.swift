/// The crashes of one department in the last minutes, and whether they are a loop. A value: times are passed in.
///
/// One run that kills its process again and again is parked by ``CrashPolicy``, and is no reason to stop the
/// department. So crashes that one run alone can explain never add up to a quarantine.
package struct CrashHistory: Hashable, Sendable {
    package struct Limit: Hashable, Sendable {
        package var crashes: Int
        package var windowSeconds: Int

        package init(crashes: Int = 3, windowSeconds: Int = 300) {
            precondition(crashes > 0 && windowSeconds > 0)
            self.crashes = crashes
            self.windowSeconds = windowSeconds
        }
    }

    private struct Crash: Hashable {
        var at: Instant
        /// The runs that may have caused it. Empty: it crashed while none was open.
        var runs: Set<RunID>
    }

    /// Of more than these, and more than the limit, the newest are kept.
    private static let keptCrashes = 16

    private var crashes: [Crash] = []

    package init() {}

    package var count: Int { crashes.count }

    /// - Returns: true when the crashes of the window are a loop that no single run explains.
    package mutating func add(at now: Instant, suspects: Set<RunID>, limit: Limit) -> Bool {
        let oldest = now.advanced(byMilliseconds: -Int64(limit.windowSeconds) * 1000)
        crashes.append(Crash(at: now, runs: suspects))
        crashes.removeAll { $0.at < oldest }
        crashes.removeFirst(max(0, crashes.count - max(limit.crashes, Self.keptCrashes)))
        guard crashes.count >= limit.crashes else { return false }
        let explanations = crashes.reduce(crashes[0].runs) { $0.intersection($1.runs) }
        return explanations.isEmpty
    }

    package mutating func clear() { crashes = [] }
}
