import PluginKit

/// Dates of the monthly table: the same day of each month, or the last one where a month is shorter.
struct CivilMonth: Sendable {
    private let year: Int
    private let month: Int
    private let day: Int

    init(_ text: String) throws(TaskFailure) {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, (1...12).contains(parts[1]), parts[2] >= 1,
            parts[2] <= Self.length(of: parts[1], in: parts[0])
        else { throw .invalid("/start_date: \(text) is not a day of the calendar") }
        (year, month, day) = (parts[0], parts[1], parts[2])
    }

    /// `YYYY-MM-DD`, `months` later.
    func date(after months: Int) -> String {
        let index = year * 12 + month - 1 + months
        let newYear = index / 12, newMonth = index % 12 + 1
        let newDay = min(day, Self.length(of: newMonth, in: newYear))
        return "\(padded(newYear, 4))-\(padded(newMonth, 2))-\(padded(newDay, 2))"
    }

    private func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
