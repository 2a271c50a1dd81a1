/// What becomes of a local time that the clock jumps over, such as 02:30 on the day when summer time begins.
package enum GapPolicy: String, Hashable, Sendable, CaseIterable {
    /// There is no such time on that day, so there is no fire.
    case skip
    /// At the jump: the first moment after it. Several times within one gap become one fire.
    case end
    /// As much after the jump as it would have been after the gap's begin: 02:30 becomes 03:30 (RFC 5545 §3.3.5).
    case shift
}

/// What becomes of a local time that comes twice, such as 02:30 on the day when summer time ends.
package enum FoldPolicy: String, Hashable, Sendable, CaseIterable {
    case first, second, both
}

/// The wall clock by which a cron expression is read.
///
/// The two policies are about times of day. An expression for every hour (`*/15 * * * *`) means time that passes: it
/// goes on through a fold and has nothing to make up after a gap, whatever the policies say.
package struct WallClock: Hashable, Sendable {
    package var zone: TimeZoneRules
    package var gap: GapPolicy
    package var fold: FoldPolicy

    package init(zone: TimeZoneRules = .utc, gap: GapPolicy = .end, fold: FoldPolicy = .first) {
        self.zone = zone
        self.gap = gap
        self.fold = fold
    }
}

/// A stretch of time with one offset from UTC, and the part of it that a search looks at.
struct ClockSegment {
    /// Local times that fire, and when.
    struct Source {
        var local: Range<Int64>
        /// Seconds east of UTC.
        var offset: Int64
        /// All of them fire at this one moment.
        var moment: Int64?

        func instant(_ local: Int64) -> Int64 { moment ?? local - offset }
    }

    let opened: TimeZoneRules.Change?
    let closed: TimeZoneRules.Change?
    let offset: Int64

    /// The segment that holds `seconds`.
    init(of zone: TimeZoneRules, at seconds: Int64) {
        opened = zone.lastChange(through: seconds)
        closed = zone.nextChange(after: seconds)
        offset = zone.offset(at: seconds)
    }

    /// - Parameter range: of seconds since 1970 UTC, within the segment.
    func sources(in range: Range<Int64>, gap: GapPolicy, fold: FoldPolicy) -> [Source] {
        var lower = range.lowerBound + offset, upper = range.upperBound + offset
        if let opened, opened.after < opened.before, fold == .first { lower = max(lower, opened.at + opened.before) }
        if let closed, closed.after < closed.before, fold == .second { upper = min(upper, closed.at + closed.after) }
        var sources = [Source(local: lower..<max(lower, upper), offset: offset)]
        guard let opened, opened.after > opened.before else { return sources }
        let missing = opened.at + opened.before..<opened.at + opened.after
        switch gap {
        case .skip: break
        case .end:
            guard range.contains(opened.at) else { break }
            sources.append(Source(local: missing, offset: offset, moment: opened.at))
        case .shift:
            let seen = range.lowerBound + opened.before..<range.upperBound + opened.before
            sources.append(Source(local: missing.clamped(to: seen), offset: opened.before))
        }
        return sources
    }
}
