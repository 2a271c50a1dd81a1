/// When a schedule fires: its *nominal* times, which do not depend on when anyone looks.
///
/// ```swift
/// let daily = try Recurrence("0 9 * * MON-FRI", clock: WallClock(zone: berlin), anchor: createdAt)
/// daily.preview(after: now, count: 5)
/// ```
package enum Recurrence: Hashable, Sendable {
    case cron(CronExpression, WallClock)
    /// At `anchor` plus each whole multiple of the interval, without regard to any clock on a wall.
    case every(milliseconds: Int64, anchor: Instant)

    package static let maximumPreview = 1_000
    /// One turn of the calendar. What does not come in that time never does.
    package static let searchYears = 400
    /// The end of the year 9999.
    private static let endOfTime: Int64 = 253_402_300_800
    package static let intervalRange: ClosedRange<Int64> = 1_000...366 * 86_400_000

    /// - Parameters:
    ///   - clock: for cron expressions.
    ///   - anchor: from which `@every` counts: when the schedule was made.
    package init(_ text: String, clock: WallClock, anchor: Instant) throws(CronError) {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.first?.lowercased() == "@every", words.count > 1 else {
            self = .cron(try CronExpression(text), clock)
            return
        }
        guard words.count == 2, let interval = DurationText.milliseconds(words[1]),
            Self.intervalRange.contains(interval)
        else {
            throw CronError(
                expression: text, field: nil,
                position: text.distance(from: text.startIndex, to: words[1].startIndex) + 1,
                message: "write one duration from 1s to 366d in days, hours, minutes and seconds, such as 90s or 1h30m")
        }
        self = .every(milliseconds: interval, anchor: anchor)
    }

    /// The first nominal time after `instant`; nil when there is none within ``searchYears``.
    package func next(after instant: Instant) -> Instant? {
        switch self {
        case .every(let interval, let anchor): Self.multiple(of: interval, from: anchor, after: instant)
        case .cron(let expression, let clock):
            Self.first(expression, clock, from: instant.unixMilliseconds.floorDivided(by: 1_000) + 1)
                .map { Instant(unixMilliseconds: $0 * 1_000) }
        }
    }

    /// The last nominal time before `instant`; nil when there is none within ``searchYears``.
    package func previous(before instant: Instant) -> Instant? {
        switch self {
        case .every(let interval, let anchor): Self.multiple(of: interval, from: anchor, before: instant)
        case .cron(let expression, let clock):
            Self.last(
                expression, clock,
                through: instant.advanced(byMilliseconds: -1).unixMilliseconds.floorDivided(by: 1_000)
            )
            .map { Instant(unixMilliseconds: $0 * 1_000) }
        }
    }

    /// - Parameter count: at most ``maximumPreview``.
    package func preview(after instant: Instant, count: Int) -> [Instant] {
        var times: [Instant] = []
        var last = instant
        while times.count < min(count, Self.maximumPreview), let next = next(after: last) {
            times.append(next)
            last = next
        }
        return times
    }
}

// MARK: - Cron

extension Recurrence {
    private static func first(_ expression: CronExpression, _ clock: WallClock, from lower: Int64) -> Int64? {
        guard (-endOfTime..<endOfTime).contains(lower) else { return nil }
        let limit = min(lower + CronExpression.calendarCycleSeconds, endOfTime)
        var start = lower
        while start < limit {
            let segment = ClockSegment(of: clock.zone, at: start)
            let end = min(segment.closed?.at ?? limit, limit)
            let found = sources(segment, start..<end, expression, clock)
                .compactMap { source in expression.firstLocal(in: source.local).map(source.instant) }.min()
            if let found { return found }
            start = end
        }
        return nil
    }

    private static func last(_ expression: CronExpression, _ clock: WallClock, through upper: Int64) -> Int64? {
        guard (-endOfTime..<endOfTime).contains(upper) else { return nil }
        let limit = max(upper - CronExpression.calendarCycleSeconds, -endOfTime)
        var end = upper + 1
        while end > limit {
            let segment = ClockSegment(of: clock.zone, at: end - 1)
            let start = max(segment.opened?.at ?? limit, limit)
            let found = sources(segment, start..<end, expression, clock)
                .compactMap { source in expression.lastLocal(in: source.local).map(source.instant) }.max()
            if let found { return found }
            end = start
        }
        return nil
    }

    private static func sources(
        _ segment: ClockSegment, _ range: Range<Int64>, _ expression: CronExpression, _ clock: WallClock
    ) -> [ClockSegment.Source] {
        expression.isEveryHour
            ? segment.sources(in: range, gap: .skip, fold: .both)
            : segment.sources(in: range, gap: clock.gap, fold: clock.fold)
    }
}

// MARK: - Intervals

extension Recurrence {
    /// The anchor itself is no fire: the first comes one interval later.
    private static func multiple(of interval: Int64, from anchor: Instant, after instant: Instant) -> Instant? {
        let (passed, overflow) = instant.unixMilliseconds.subtractingReportingOverflow(anchor.unixMilliseconds)
        guard !overflow else { return nil }
        let (span, tooFar) = (max(0, passed.floorDivided(by: interval)) + 1).multipliedReportingOverflow(by: interval)
        let (time, tooLate) = anchor.unixMilliseconds.addingReportingOverflow(span)
        return tooFar || tooLate || time >= endOfTime * 1_000 ? nil : Instant(unixMilliseconds: time)
    }

    private static func multiple(of interval: Int64, from anchor: Instant, before instant: Instant) -> Instant? {
        let (passed, overflow) = instant.unixMilliseconds.subtractingReportingOverflow(anchor.unixMilliseconds)
        guard !overflow, passed > interval else { return nil }
        return anchor.advanced(byMilliseconds: (passed - 1) / interval * interval)
    }
}
