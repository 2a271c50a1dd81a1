/// Why a backfill is refused.
package enum BackfillError: Error, Hashable, Sendable, CustomStringConvertible {
    case empty
    /// The schedule itself fires from there on.
    case notPast(highWater: Instant)
    case tooMany(atLeast: Int, limit: Int)

    package var description: String {
        switch self {
        case .empty: "the range holds no time of this schedule that has not fired; name an earlier begin or a later end"
        case .notPast: "the range reaches past what the schedule has looked at; end it there, the rest fires by itself"
        case .tooMany(let count, let limit):
            "the range holds at least \(count) times, and \(limit) is the limit; split it"
        }
    }
}

extension ScheduleState {
    package static let maximumBackfill = 1_000

    /// The nominal times from `first` to `last`, both included, that have not fired, oldest first. They start beside
    /// the schedule's own runs: overlap is not looked at.
    ///
    /// - Parameter fired: whether that time has a run already; a nominal time fires once, ever.
    package func backfill(
        _ recurrence: Recurrence, from first: Instant, through last: Instant, limit: Int = maximumBackfill,
        fired: (Instant) -> Bool
    ) throws(BackfillError) -> [ScheduleFire] {
        guard last <= highWater else { throw .notPast(highWater: highWater) }
        var fires: [ScheduleFire] = []
        var seen = 0
        var next = recurrence.next(after: first.advanced(byMilliseconds: -1))
        while let nominal = next, nominal <= last {
            seen += 1
            // One that waits its turn will still fire.
            if nominal != held, !fired(nominal) { fires.append(ScheduleFire(nominal: nominal, cause: .backfill)) }
            guard seen <= limit else { throw .tooMany(atLeast: seen, limit: limit) }
            next = recurrence.next(after: nominal)
        }
        guard !fires.isEmpty else { throw .empty }
        return fires
    }
}
