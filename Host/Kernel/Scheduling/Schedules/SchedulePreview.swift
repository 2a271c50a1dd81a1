/// The next nominal times for people, with the days on which the zone's clock is set.
package struct SchedulePreview: Hashable, Sendable {
    package enum ClockChange: String, Hashable, Sendable {
        /// The clock jumps forward: local times are missing.
        case gap
        /// The clock is set back: local times come twice.
        case fold
    }

    package struct Fire: Hashable, Sendable {
        package var at: Instant
        /// RFC 3339 with the zone's offset.
        package var local: String
        /// What happens to the clock on that local day.
        package var change: ClockChange?
    }

    /// A day on which the clock is set, from the begin of the preview to its last fire.
    package struct Day: Hashable, Sendable {
        package var date: CivilDate
        package var change: ClockChange
        /// The first moment after it.
        package var at: Instant
        /// Local times of day, such as `02:00:00` and `03:00:00`.
        package var from: String
        package var to: String
        /// Of this schedule on that day.
        package var fires: Int
    }

    package var fires: [Fire]
    package var days: [Day]

    package init(fires: [Fire], days: [Day]) {
        self.fires = fires
        self.days = days
    }
}

extension Recurrence {
    package func preview(after instant: Instant, count: Int, zone: TimeZoneRules) -> SchedulePreview {
        let times: [Instant] = preview(after: instant, count: count)
        let fires = times.map { time in
            SchedulePreview.Fire(
                at: time, local: zone.localTimestamp(of: time), change: zone.clockChange(on: zone.date(at: time)))
        }
        guard let last = times.last else { return SchedulePreview(fires: fires, days: []) }
        return SchedulePreview(fires: fires, days: days(after: instant, through: last, zone))
    }

    /// Fires on such a day are counted anew: the preview may begin or end within it.
    private func days(after first: Instant, through last: Instant, _ zone: TimeZoneRules) -> [SchedulePreview.Day] {
        var days: [SchedulePreview.Day] = []
        var seconds = first.unixMilliseconds.floorDivided(by: 1_000)
        while let change = zone.nextChange(after: seconds), change.at * 1_000 <= last.unixMilliseconds,
            days.count < Self.maximumPreview
        {
            seconds = change.at
            let at = Instant(unixMilliseconds: change.at * 1_000)
            // A change at midnight belongs to the day whose end or begin it moves: the one that it comes to.
            let date = zone.date(at: at)
            let range = zone.start(of: date)..<zone.start(of: date.adding(days: 1))
            days.append(
                SchedulePreview.Day(
                    date: date, change: change.after > change.before ? .gap : .fold, at: at,
                    from: TimeZoneRules.timeOfDay(change.at + change.before),
                    to: TimeZoneRules.timeOfDay(change.at + change.after), fires: count(in: range)))
        }
        return days
    }

    private func count(in range: Range<Instant>) -> Int {
        var count = 0
        var last = range.lowerBound.advanced(byMilliseconds: -1)
        while let next = next(after: last), next < range.upperBound {
            count += 1
            last = next
        }
        return count
    }
}

extension TimeZoneRules {
    /// RFC 3339 with the offset that holds then: `2026-03-29T09:00:00+02:00`.
    package func localTimestamp(of instant: Instant) -> String {
        let seconds = instant.unixMilliseconds.floorDivided(by: 1_000)
        let offset = offset(at: seconds)
        let minutes = (offset.magnitude + 30) / 60
        let zone = "\(offset < 0 ? "-" : "+")\((minutes / 60).digits(2)):\((minutes % 60).digits(2))"
        return "\(date(at: instant))T\(Self.timeOfDay(seconds + offset))\(zone)"
    }

    /// What happens to the clock on a local day.
    func clockChange(on date: CivilDate) -> SchedulePreview.ClockChange? {
        let start = self.start(of: date).unixMilliseconds.floorDivided(by: 1_000)
        let end = self.start(of: date.adding(days: 1)).unixMilliseconds.floorDivided(by: 1_000)
        guard let change = nextChange(after: start - 1), change.at < end else { return nil }
        return change.after > change.before ? .gap : .fold
    }

    /// - Parameter local: seconds since 1970-01-01 00:00 of the local clock.
    static func timeOfDay(_ local: Int64) -> String {
        let time = local.remainder(floorDividedBy: 86_400)
        return "\((time / 3_600).digits(2)):\((time / 60 % 60).digits(2)):\((time % 60).digits(2))"
    }
}
