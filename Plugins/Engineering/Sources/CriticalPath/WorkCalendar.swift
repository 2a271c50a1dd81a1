import PluginKit

/// A day of the proleptic Gregorian calendar, counted from 1970-01-01.
struct CivilDay: Comparable, Hashable, Sendable {
    var number: Int

    static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    /// 0 is Monday.
    var weekday: Int { ((number % 7) + 7 + 3) % 7 }

    init(number: Int) { self.number = number }

    /// Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (`days_from_civil`, `civil_from_days`).
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).compactMap { Int($0) }
        guard text.utf8.count == 10, parts.count == 3, (1...12).contains(parts[1]), (1...31).contains(parts[2]) else {
            return nil
        }
        let year = parts[1] <= 2 ? parts[0] - 1 : parts[0]
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (parts[1] + (parts[1] > 2 ? -3 : 9)) + 2) / 5 + parts[2] - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        // 2026-02-30 becomes another day when written back.
        guard description == text else { return nil }
    }

    var description: String {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// Turns working-day offsets into dates.
struct WorkCalendar: Sendable {
    private let start: CivilDay
    private let isWorking: [Bool]
    private let holidays: Set<CivilDay>
    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    init(startDate: String, workingDays: [String]?, holidays: [String]) throws(TaskFailure) {
        var working = Array(repeating: false, count: 7)
        for name in workingDays ?? Array(Self.names.prefix(5)) {
            guard let weekday = Self.names.firstIndex(of: name.lowercased()) else {
                throw TaskFailure.invalid("/working_days: \"\(name)\" is none of \(Self.names.joined(separator: ", "))")
            }
            working[weekday] = true
        }
        var days: Set<CivilDay> = []
        for text in holidays {
            guard let day = CivilDay(text) else { throw TaskFailure.invalid("/holidays: \"\(text)\" is no date") }
            days.insert(day)
        }
        guard let first = CivilDay(startDate) else {
            throw TaskFailure.invalid("/start_date: \"\(startDate)\" is no date")
        }
        guard working.contains(true) else { throw TaskFailure.invalid("/working_days: at least one day is needed") }
        isWorking = working
        self.holidays = days
        start = first
    }

    /// The day on which work that starts so many working days after the beginning starts.
    func firstDay(start offset: Double) -> String { day(Int((offset + 1e-9).rounded(.down))) }

    /// The last day of work that finishes so many working days after the beginning.
    func lastDay(finish offset: Double) -> String { day(max(0, Int((offset - 1e-9).rounded(.up)) - 1)) }

    /// Whole weeks at once, then day by day; each holiday on a working day costs one more.
    private func day(_ offset: Int) -> String {
        let perWeek = isWorking.count { $0 }
        var day = firstWorkingDay(from: start)
        var left = offset
        let weeks = left / perWeek
        let jump = CivilDay(number: day.number + 7 * weeks)
        left -= weeks * perWeek
        left += holidays.count { $0 >= day && $0 < jump && isWorking[$0.weekday] }
        day = firstWorkingDay(from: jump)
        while left > 0 {
            day = firstWorkingDay(from: CivilDay(number: day.number + 1))
            left -= 1
        }
        return day.description
    }

    private func firstWorkingDay(from first: CivilDay) -> CivilDay {
        var day = first
        while !isWorking[day.weekday] || holidays.contains(day) { day.number += 1 }
        return day
    }
}
