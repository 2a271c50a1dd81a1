/// When a zone's local clock is how far from UTC. A value: who reads it from a file is another room.
///
/// ```swift
/// let berlin = try TimeZoneRules(name: "Europe/Berlin", tzif: bytes)
/// let date = berlin.date(at: now)
/// let today = berlin.start(of: date), tomorrow = berlin.start(of: date.adding(days: 1))   // 23, 24 or 25 h apart
/// ```
///
/// Wrong: adding 24 hours to get to tomorrow.
package struct TimeZoneRules: Hashable, Sendable {
    struct Transition: Hashable, Sendable {
        /// Seconds since 1970-01-01 00:00 UTC.
        var at: Int64
        /// Seconds east of UTC from then on.
        var offset: Int64
    }

    /// What a local time stands for.
    package enum LocalTime: Hashable, Sendable {
        case once(Instant)
        /// The clock is set back over it: it happens twice.
        case twice(Instant, Instant)
        /// The clock jumps over it, at this instant.
        case never(jumpAt: Instant)

        /// The first moment at which the local clock shows this time or a later one.
        package var earliest: Instant {
            switch self {
            case .once(let instant), .twice(let instant, _), .never(jumpAt: let instant): instant
            }
        }
    }

    package let name: String
    private let first: Int64
    let transitions: [Transition]
    let rule: POSIXZoneRule?

    package static let utc = TimeZoneRules(name: "UTC", first: 0, transitions: [], rule: nil)

    init(name: String, first: Int64, transitions: [Transition], rule: POSIXZoneRule?) {
        self.name = name
        self.first = first
        self.transitions = transitions
        self.rule = rule
    }

    /// Seconds east of UTC.
    package func offsetSeconds(at instant: Instant) -> Int64 {
        offset(at: instant.unixMilliseconds.floorDivided(by: 1_000))
    }

    func offset(at seconds: Int64) -> Int64 {
        guard let last = transitions.last else { return rule?.offset(at: seconds) ?? first }
        if seconds >= last.at { return rule?.offset(at: seconds) ?? last.offset }
        let index = transitions.partitioningIndex { $0.at > seconds }
        return index == 0 ? first : transitions[index - 1].offset
    }

    package func date(at instant: Instant) -> CivilDate {
        let seconds = instant.unixMilliseconds.floorDivided(by: 1_000)
        return CivilDate(daysSinceEpoch: Int((seconds + offset(at: seconds)).floorDivided(by: 86_400)))
    }

    /// The first moment of a day. Where the clock jumps over midnight, that is the jump.
    package func start(of date: CivilDate) -> Instant { resolve(date, secondOfDay: 0).earliest }

    package func resolve(_ date: CivilDate, secondOfDay: Int) -> LocalTime {
        let local = Int64(date.daysSinceEpoch) * 86_400 + Int64(secondOfDay)
        // No zone is a whole day from UTC, so these are the offsets before and after any one change that matters.
        let before = offset(at: local - 86_400), after = offset(at: local + 86_400)
        var moments: [Int64] = []
        for candidate in [before, offset(at: local), after] {
            let seconds = local - candidate
            if offset(at: seconds) == candidate, !moments.contains(seconds) { moments.append(seconds) }
        }
        moments.sort()
        if let first = moments.first, let last = moments.last {
            return first == last ? .once(Self.instant(first)) : .twice(Self.instant(first), Self.instant(last))
        }
        return .never(jumpAt: Self.instant(jump(over: local)))
    }

    /// The first second whose local clock shows more than `local`; it lies within a day of it.
    private func jump(over local: Int64) -> Int64 {
        var low = local - 2 * 86_400, high = local + 2 * 86_400
        while low < high {
            let middle = low + (high - low) / 2
            if middle + offset(at: middle) > local { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func instant(_ seconds: Int64) -> Instant { Instant(unixMilliseconds: seconds * 1_000) }
}
