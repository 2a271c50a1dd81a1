extension Recurrence {
    /// In plain words: `every weekday at 09:00 Europe/Berlin`.
    package var words: String {
        switch self {
        case .every(let milliseconds, _): "every \(CronWords.duration(milliseconds))"
        case .cron(let expression, let clock): CronWords(expression).sentence + " " + clock.zone.name
        }
    }
}

/// Says what a cron expression means.
struct CronWords {
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    private static let months = [
        "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let counts = ["", "first", "second", "third", "fourth", "fifth", "last"]
    /// More times of day than these are said by their fields.
    private static let maximumTimes = 6

    private let expression: CronExpression

    init(_ expression: CronExpression) { self.expression = expression }

    var sentence: String {
        let isDaily = !expression.monthDays.isRestricted && !expression.weekDays.isRestricted
        let months = expression.months == CronField.month.all ? "" : "in \(Self.list(expression.months, Self.months))"
        if let times {
            let day = isDaily && !months.isEmpty ? "every day" : days
            return [day, months, "at", times].filter { !$0.isEmpty }.joined(separator: " ")
        }
        return [rhythm, isDaily ? "" : days, months].filter { !$0.isEmpty }.joined(separator: ", ")
    }

    static func duration(_ milliseconds: Int64) -> String {
        var rest = milliseconds / 1_000
        var parts: [String] = []
        for (seconds, unit) in [(Int64(86_400), "day"), (3_600, "hour"), (60, "minute"), (1, "second")] {
            let count = rest / seconds
            rest %= seconds
            guard count > 0 else { continue }
            parts.append(
                count == 1 && milliseconds / 1_000 == seconds ? unit : "\(count) \(unit)\(count == 1 ? "" : "s")")
        }
        return join(parts, "and")
    }

    // MARK: Time of day

    /// Nil when there are too many to name each.
    private var times: String? {
        let (hours, minutes, seconds) = (expression.hours, expression.minutes, expression.seconds)
        guard hours.count * minutes.count * seconds.count <= Self.maximumTimes else { return nil }
        return Self.join(
            hours.values.flatMap { hour in
                minutes.values.flatMap { minute in
                    seconds.values.map { second in
                        "\(Self.two(hour)):\(Self.two(minute))" + (second == 0 ? "" : ":\(Self.two(second))")
                    }
                }
            }, "and")
    }

    private var rhythm: String {
        let (hours, minutes, seconds) = (expression.hours, expression.minutes, expression.seconds)
        let isOnTheMinute = seconds == CronMask(0...0, step: 1)
        var parts: [String] = []
        if !isOnTheMinute { parts.append(Self.repeated(seconds, .second, 60)) }
        let skipsMinutes = !isOnTheMinute && minutes == CronField.minute.all
        if !skipsMinutes, !(isOnTheMinute && minutes == CronMask(0...0, step: 1)) {
            parts.append(Self.repeated(minutes, .minute, 60))
        }
        if parts.isEmpty {
            parts.append(Self.repeated(hours, .hour, 24))
        } else if hours != CronField.hour.all {
            parts.append("of hour\(hours.count == 1 ? "" : "s") \(Self.numbers(hours))")
        } else if parts.last?.hasPrefix("at") == true {
            parts.append("of every hour")
        }
        return parts.joined(separator: " ")
    }

    /// `every 15 minutes` where that is so, else the values.
    private static func repeated(_ mask: CronMask, _ field: CronField, _ size: Int) -> String {
        for step in 1...size / 2 where size % step == 0 && mask == CronMask(0...size - 1, step: step) {
            return step == 1 ? "every \(field.rawValue)" : "every \(step) \(field.rawValue)s"
        }
        return "at \(field.rawValue)\(mask.count == 1 ? "" : "s") \(numbers(mask))"
    }

    // MARK: Days

    private var days: String {
        let month = monthDays, week = weekDays
        switch (expression.monthDays.isRestricted, expression.weekDays.isRestricted) {
        case (true, true): return "on \(month) or \(week)"
        case (true, false): return "on \(month)"
        case (false, true): return week
        case (false, false): return "every day"
        }
    }

    private var monthDays: String {
        let days = expression.monthDays
        var parts: [String] = []
        if !days.numbers.isEmpty {
            parts.append("day\(days.numbers.count == 1 ? "" : "s") \(Self.numbers(days.numbers)) of the month")
        }
        for count in days.beforeLast.values {
            parts.append(count == 0 ? "the last day of the month" : "the day \(count) before the last of the month")
        }
        for day in days.nearest.values { parts.append("the weekday nearest to day \(day)") }
        if days.isLastWeekday { parts.append("the last weekday of the month") }
        return Self.join(parts, "and")
    }

    private var weekDays: String {
        let days = expression.weekDays
        var parts: [String] = []
        for (weekday, mask) in days.inMonth.enumerated() where !mask.isEmpty {
            parts.append("on the \(Self.list(mask, Self.counts)) \(Self.weekdays[weekday]) of the month")
        }
        guard !days.numbers.isEmpty else { return Self.join(parts, "and") }
        let plain =
            switch days.numbers.values {
            case [1, 2, 3, 4, 5]: "every weekday"
            case [0, 1, 2, 3, 4, 5, 6]: "every day"
            // The week begins with Monday where it is read aloud.
            default: "every \(Self.join(Self.fromMonday(days.numbers).map { Self.weekdays[$0] }, "and"))"
            }
        return Self.join([plain] + parts, "and")
    }

    private static func fromMonday(_ days: CronMask) -> [Int] {
        days.values.filter { $0 > 0 } + (days.contains(0) ? [0] : [])
    }

    // MARK: Lists

    private static func list(_ mask: CronMask, _ names: [String]) -> String {
        join(mask.values.map { names[$0] }, "and")
    }

    /// Three or more in a row as a range.
    private static func numbers(_ mask: CronMask) -> String {
        var runs: [ClosedRange<Int>] = []
        for value in mask.values {
            if let last = runs.last, last.upperBound == value - 1 {
                runs[runs.count - 1] = last.lowerBound...value
            } else {
                runs.append(value...value)
            }
        }
        return join(
            runs.flatMap { run in
                run.count > 2 ? ["\(run.lowerBound)–\(run.upperBound)"] : run.map { String($0) }
            }, "and")
    }

    private static func join(_ parts: [String], _ word: String) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + " \(word) \(last)"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
