/// A set of hours of the week in UTC, read from `mon-fri 0-1 4-6 10-24; sat-sun 0-24`.
package struct WeeklyHours: Hashable, Sendable {
    private static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    private static let millisecondsPerHour: Int64 = 3_600_000

    /// For each day from Monday, one bit an hour.
    private var days = [UInt32](repeating: 0, count: 7)

    /// Nil when the text is anything but day ranges with hour ranges; the end hour is the first that is outside.
    package init?(_ text: String) {
        for rule in text.split(separator: ";") {
            let words = rule.split(separator: " ")
            guard words.count >= 2, let days = Self.dayRange(words[0]) else { return nil }
            for word in words.dropFirst() {
                let ends = word.split(separator: "-").map { Int($0) }
                guard ends.count == 2, let from = ends[0], let to = ends[1], 0 <= from, from < to, to <= 24 else {
                    return nil
                }
                for day in days { for hour in from..<to { self.days[day] |= 1 << UInt32(hour) } }
            }
        }
        guard days.contains(where: { $0 != 0 }) else { return nil }
    }

    package func contains(_ instant: Instant) -> Bool {
        let hours = Self.floorDivide(instant.unixMilliseconds, by: Self.millisecondsPerHour)
        let day = Self.floorDivide(hours, by: 24)
        // 1970-01-01 was a Thursday.
        let weekday = Int(((day % 7) + 7 + 3) % 7)
        return days[weekday] & (1 << UInt32(hours - day * 24)) != 0
    }

    private static func dayRange(_ text: Substring) -> ClosedRange<Int>? {
        let names = text.split(separator: "-").map { dayNames.firstIndex(of: String($0)) }
        guard let first = names.first, let from = first, let last = names.last, let to = last,
            names.count <= 2, from <= to
        else { return nil }
        return from...to
    }

    private static func floorDivide(_ value: Int64, by divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
    }
}
