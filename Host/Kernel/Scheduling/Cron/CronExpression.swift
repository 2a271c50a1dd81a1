/// Which seconds of the local clock a schedule names.
///
/// Five fields (minute, hour, day of the month, month, day of the week) as in POSIX `crontab`, or six with the second
/// first. Values, `a-b`, `*`, `/step`, lists, names of months and days in any case; `?` is `*` in the two fields for
/// days. Day of the month: `L` the last day, `L-3` three days before it, `15W` the weekday (Monday to Friday) nearest
/// to the 15th in the same month, `LW` the last weekday. Day of the week: `5L` the last Friday of the month, `MON#2`
/// the second Monday; 0 and 7 are Sunday. `@yearly`, `@annually`, `@monthly`, `@weekly`, `@daily`, `@midnight` and
/// `@hourly` are short forms.
///
/// **Either day is enough.** When both fields for days are restricted, a day that matches one of them matches (POSIX
/// `crontab`); when one is `*`, the other decides. `*/2` restricts: Vixie cron, which looks at the first character
/// only, would ask for both.
package struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    package static let maximumBytes = 256

    /// Which days of a month.
    struct MonthDays: Hashable, Sendable {
        var isRestricted = false
        var numbers = CronMask()
        /// Days before the last one.
        var beforeLast = CronMask()
        /// The weekdays nearest to these.
        var nearest = CronMask()
        var isLastWeekday = false
    }

    /// Which days of a week; 0 is Sunday.
    struct WeekDays: Hashable, Sendable {
        static let last = 6

        var isRestricted = false
        var numbers = CronMask()
        /// By weekday: 1 to 5 for the first to the fifth of the month, ``last`` for the last.
        var inMonth = [CronMask](repeating: CronMask(), count: 7)
    }

    /// With single spaces, and short forms as written.
    package let description: String
    var seconds = CronMask()
    var minutes = CronMask()
    var hours = CronMask()
    var months = CronMask()
    var monthDays = MonthDays()
    var weekDays = WeekDays()

    /// - Throws: also for a date that no year has, such as 30 February.
    package init(_ text: String) throws(CronError) {
        let reader = try CronReader(text)
        description = reader.normalized
        seconds = try reader.numbers(.second)
        minutes = try reader.numbers(.minute)
        hours = try reader.numbers(.hour)
        monthDays = try reader.monthDays()
        months = try reader.numbers(.month)
        weekDays = try reader.weekDays()
        // The calendar repeats itself after 400 years to the day and the weekday.
        guard firstLocal(in: 0..<Self.calendarCycleSeconds) != nil else {
            throw CronError(
                expression: text, field: .dayOfMonth, position: reader.position(of: .dayOfMonth),
                message: "no month has such a day, so it would never fire; name a day that exists")
        }
    }

    static let calendarCycleSeconds: Int64 = 146_097 * 86_400

    /// A list of hours is a wish about the wall clock; every hour is a wish about time that passes.
    var isEveryHour: Bool { hours == CronField.hour.all }
}

// MARK: - Search

extension CronExpression {
    /// The first match, in seconds of the local clock since 1970-01-01 00:00.
    func firstLocal(in range: Range<Int64>) -> Int64? {
        guard !range.isEmpty else { return nil }
        var day = Int(range.lowerBound.floorDivided(by: 86_400))
        var second = Int(range.lowerBound.remainder(floorDividedBy: 86_400))
        while Int64(day) * 86_400 < range.upperBound {
            let date = CivilDate(daysSinceEpoch: day)
            if !months.contains(date.month) {
                day = date.month(offset: 1, anchor: 1).daysSinceEpoch
            } else if matches(date), let found = firstTime(from: second) {
                let local = Int64(day) * 86_400 + Int64(found)
                return local < range.upperBound ? local : nil
            } else {
                day += 1
            }
            second = 0
        }
        return nil
    }

    /// The last match, in seconds of the local clock since 1970-01-01 00:00.
    func lastLocal(in range: Range<Int64>) -> Int64? {
        guard !range.isEmpty else { return nil }
        var day = Int((range.upperBound - 1).floorDivided(by: 86_400))
        var second = Int((range.upperBound - 1).remainder(floorDividedBy: 86_400))
        while Int64(day) * 86_400 + Int64(second) >= range.lowerBound {
            let date = CivilDate(daysSinceEpoch: day)
            if !months.contains(date.month) {
                day = date.month(offset: 0, anchor: 1).daysSinceEpoch - 1
            } else if matches(date), let found = lastTime(through: second) {
                let local = Int64(day) * 86_400 + Int64(found)
                return local >= range.lowerBound ? local : nil
            } else {
                day -= 1
            }
            second = 86_399
        }
        return nil
    }

    private func firstTime(from second: Int) -> Int? {
        let (hour, minute) = (second / 3_600, second / 60 % 60)
        guard let firstMinute = minutes.first(from: 0), let firstSecond = seconds.first(from: 0) else { return nil }
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.first(from: second % 60) {
                return hour * 3_600 + minute * 60 + found
            }
            if let later = minutes.first(from: minute + 1) { return hour * 3_600 + later * 60 + firstSecond }
        }
        return hours.first(from: hour + 1).map { $0 * 3_600 + firstMinute * 60 + firstSecond }
    }

    private func lastTime(through second: Int) -> Int? {
        let (hour, minute) = (second / 3_600, second / 60 % 60)
        guard let lastMinute = minutes.last(through: 59), let lastSecond = seconds.last(through: 59) else {
            return nil
        }
        if hours.contains(hour) {
            if minutes.contains(minute), let found = seconds.last(through: second % 60) {
                return hour * 3_600 + minute * 60 + found
            }
            if let earlier = minutes.last(through: minute - 1) { return hour * 3_600 + earlier * 60 + lastSecond }
        }
        return hours.last(through: hour - 1).map { $0 * 3_600 + lastMinute * 60 + lastSecond }
    }
}

// MARK: - Days

extension CronExpression {
    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        return switch (monthDays.isRestricted, weekDays.isRestricted) {
        case (true, true): monthDays.contains(date) || weekDays.contains(date)
        case (true, false): monthDays.contains(date)
        case (false, true): weekDays.contains(date)
        case (false, false): true
        }
    }
}

extension CronExpression.MonthDays {
    func contains(_ date: CivilDate) -> Bool {
        let last = CivilDate.lastDay(ofMonth: date.month, year: date.year)
        if numbers.contains(date.day) || beforeLast.contains(last - date.day) { return true }
        guard isLastWeekday || !nearest.isEmpty, date.weekday <= 5 else { return false }
        if isLastWeekday, date.day == Self.weekday(nearestTo: last, of: date, last) { return true }
        // A nearest weekday is at most two days away.
        return (max(1, date.day - 2)...min(last, date.day + 2)).contains {
            nearest.contains($0) && Self.weekday(nearestTo: $0, of: date, last) == date.day
        }
    }

    /// Saturday gives Friday and Sunday Monday, but never in another month.
    private static func weekday(nearestTo day: Int, of date: CivilDate, _ last: Int) -> Int {
        switch date.adding(days: day - date.day).weekday {
        case 6: day > 1 ? day - 1 : day + 2
        case 7: day < last ? day + 1 : day - 2
        default: day
        }
    }
}

extension CronExpression.WeekDays {
    func contains(_ date: CivilDate) -> Bool {
        let weekday = date.weekday % 7
        if numbers.contains(weekday) { return true }
        let last = CivilDate.lastDay(ofMonth: date.month, year: date.year)
        return inMonth[weekday].contains((date.day - 1) / 7 + 1)
            || inMonth[weekday].contains(Self.last) && date.day + 7 > last
    }
}
