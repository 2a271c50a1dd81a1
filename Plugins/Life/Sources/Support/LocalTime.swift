/// A minute on the wall clock of one place: no time zone, no change of daylight saving time.
struct LocalTime: Hashable, Comparable, Sendable {
    /// Since 1970-01-01T00:00.
    let minute: Int

    init(minute: Int) { self.minute = minute }

    /// Parses `YYYY-MM-DDTHH:MM`, also with a blank instead of the T, and with seconds, which are dropped.
    init?(_ text: String) {
        guard let separator = text.firstIndex(where: { $0 == "T" || $0 == " " }),
            let date = CivilDate(text[..<separator])
        else { return nil }
        var clock = text[text.index(after: separator)...]
        if clock.utf8.count == 8, clock.dropFirst(5).first == ":",
            clock.suffix(2).utf8.allSatisfy({ (48...57).contains($0) }), clock.suffix(2) < "60"
        {
            clock = clock.prefix(5)
        }
        guard let minute = Self.minuteOfDay(clock), minute < 1440 else { return nil }
        self.minute = date.dayNumber * 1440 + minute
    }

    static func < (left: LocalTime, right: LocalTime) -> Bool { left.minute < right.minute }

    static func minuteOfDay(_ text: some StringProtocol) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.map(\.utf8.count) == [2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour < 24 || (hour == 24 && minute == 0)
        else { return nil }
        return hour * 60 + minute
    }

    var day: CivilDate { CivilDate(dayNumber: minute >= 0 ? minute / 1440 : (minute - 1439) / 1440) }
    var minuteOfDay: Int { minute - day.dayNumber * 1440 }
    var text: String { day.text + "T" + Text.clock(minuteOfDay) }
}
