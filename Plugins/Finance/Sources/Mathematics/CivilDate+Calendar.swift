import PluginKit

extension CivilDate {
    /// Hinnant's `civil_from_days`, the inverse of `days_from_civil`.
    package var components: (year: Int, month: Int, day: Int) {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// `YYYY-MM-DD`
    package var text: String {
        let (year, month, day) = components
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    /// 1 is Monday, 7 is Sunday.
    package var weekday: Int { ((dayNumber + 3) % 7 + 7) % 7 + 1 }

    package var isEndOfMonth: Bool {
        let (year, month, day) = components
        return day == Self.length(of: month, in: year)
    }

    /// Adds months to the anchor: the 31st becomes the last day of a shorter month. Nil beyond the years 0 to 9999.
    package func adding(months: Int, stayingAtMonthEnd: Bool = false) -> CivilDate? {
        let (year, month, day) = components
        let index = year * 12 + month - 1 + months
        guard index >= 0 else { return nil }
        let length = Self.length(of: index % 12 + 1, in: index / 12)
        return CivilDate(
            year: index / 12, month: index % 12 + 1,
            day: stayingAtMonthEnd && isEndOfMonth ? length : min(day, length))
    }

    package func adding(days: Int) -> CivilDate { CivilDate(dayNumber: dayNumber + days) }

    /// The day that `text` names, or a failure that says where the text stood.
    static func parse(_ text: String, at pointer: String) throws(TaskFailure) -> CivilDate {
        guard let date = CivilDate(text) else { throw .invalid("\(pointer): \(text) is not a day of the calendar") }
        return date
    }
}
