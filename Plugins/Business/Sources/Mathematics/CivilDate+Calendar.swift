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

    /// Months since year 0.
    var monthNumber: Int { components.year * 12 + components.month - 1 }

    /// `YYYY-MM`
    static func text(ofMonth number: Int) -> String {
        CivilDate(year: number / 12, month: number % 12 + 1, day: 1).map { String($0.text.prefix(7)) } ?? ""
    }

    /// Weeks since the one with 1970-01-01; a week starts on Monday.
    var weekNumber: Int { Int((Double(dayNumber + 3) / 7).rounded(.down)) }

    /// The Monday of a week.
    static func text(ofWeek number: Int) -> String { CivilDate(dayNumber: number * 7 - 3).text }

    /// The day that `text` names, or a failure that says where the text stood.
    static func parse(_ text: String, at pointer: String) throws(TaskFailure) -> CivilDate {
        guard let date = CivilDate(text) else { throw .invalid("\(pointer): \(text) is not a day of the calendar") }
        return date
    }
}
