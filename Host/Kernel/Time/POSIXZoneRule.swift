/// The rule after a zone file's last transition: a POSIX `TZ` string with the extensions of RFC 9636 (hours from −167
/// to 167), such as `CET-1CEST,M3.5.0,M10.5.0/3`.
package struct POSIXZoneRule: Hashable, Sendable {
    /// When a change happens, in the local time that holds before it.
    struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// The `week`-th (5: last) `weekday` (0 is Sunday) of a month.
            case month(Int, week: Int, weekday: Int)
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365; 29 February is counted.
            case ordinal(Int)
        }

        var day: Day
        /// Seconds after local midnight.
        var time: Int64

        /// Seconds from 1970-01-01 00:00 of the local clock.
        func local(year: Int) -> Int64 {
            Int64(days(year: year)) * 86_400 + time
        }

        private func days(year: Int) -> Int {
            let newYear = CivilDate(daysSinceEpoch: 0).month(offset: (year - 1970) * 12, anchor: 1)
            switch day {
            case .julian(let number):
                return newYear.daysSinceEpoch + number - 1 + (CivilDate.isLeap(year) && number >= 60 ? 1 : 0)
            case .ordinal(let number): return newYear.daysSinceEpoch + number
            case .month(let month, let week, let weekday):
                let first = newYear.month(offset: month - 1, anchor: 1)
                let days = (weekday - first.weekday % 7).remainder(floorDividedBy: 7) + (week - 1) * 7
                let isPastEnd = days >= CivilDate.lastDay(ofMonth: month, year: year)
                return first.daysSinceEpoch + (isPastEnd ? days - 7 : days)
            }
        }
    }

    struct Summer: Hashable, Sendable {
        var offset: Int64
        var start: Change
        var end: Change
    }

    /// Seconds east of UTC.
    let standard: Int64
    let summer: Summer?

    /// When the clock may be set in a year of the local clock, since 1970-01-01 00:00 UTC.
    func changes(year: Int) -> [Int64] {
        guard let summer else { return [] }
        return [summer.start.local(year: year) - standard, summer.end.local(year: year) - summer.offset]
    }

    /// - Parameter seconds: since 1970-01-01 00:00 UTC.
    func offset(at seconds: Int64) -> Int64 {
        guard let summer else { return standard }
        let year = CivilDate(daysSinceEpoch: Int((seconds + standard).floorDivided(by: 86_400))).year
        let start = summer.start.local(year: year) - standard, end = summer.end.local(year: year) - summer.offset
        let isSummer = start < end ? (start..<end).contains(seconds) : !(end..<start).contains(seconds)
        return isSummer ? summer.offset : standard
    }
}

// MARK: - Reading

extension POSIXZoneRule {
    /// Nil when `text` is no such rule.
    package init?(_ text: String) {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard reader.name(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.isAtEnd else {
            summer = nil
            return
        }
        guard reader.name() else { return nil }
        var summerOffset = standard + 3_600
        if !reader.next(is: ",") {
            guard let west = reader.time() else { return nil }
            summerOffset = -west
        }
        guard reader.take(","), let start = reader.change(), reader.take(","), let end = reader.change(),
            reader.isAtEnd
        else { return nil }
        summer = Summer(offset: summerOffset, start: start, end: end)
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool { rest.isEmpty }
        func next(is character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard next(is: character) else { return false }
            rest.removeFirst()
            return true
        }

        /// `CET`, or `<+0330>`.
        mutating func name() -> Bool {
            if take("<") {
                let name = rest.prefix { $0 != UInt8(ascii: ">") }
                rest.removeFirst(name.count)
                return name.count >= 3 && take(">")
            }
            let name = rest.prefix { (65...90).contains($0 & 0xDF) }
            rest.removeFirst(name.count)
            return name.count >= 3
        }

        mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let digits = rest.prefix { (48...57).contains($0) }
            guard !digits.isEmpty, digits.count <= 3, let number = Int(String(decoding: digits, as: UTF8.self)),
                range.contains(number)
            else { return nil }
            rest.removeFirst(digits.count)
            return number
        }

        /// `[+-]h[:m[:s]]` in seconds.
        mutating func time() -> Int64? {
            let isNegative = take("-")
            if !isNegative { _ = take("+") }
            guard let hours = number(0...167) else { return nil }
            var seconds = hours * 3_600
            for unit in [60, 1] where take(":") {
                guard let part = number(0...59) else { return nil }
                seconds += part * unit
            }
            return Int64(isNegative ? -seconds : seconds)
        }

        mutating func change() -> Change? {
            guard let day = day() else { return nil }
            guard take("/") else { return Change(day: day, time: 7_200) }
            return time().map { Change(day: day, time: $0) }
        }

        private mutating func day() -> Change.Day? {
            if take("J") { return number(1...365).map(Change.Day.julian) }
            guard take("M") else { return number(0...365).map(Change.Day.ordinal) }
            guard let month = number(1...12), take("."), let week = number(1...5), take("."),
                let weekday = number(0...6)
            else { return nil }
            return .month(month, week: week, weekday: weekday)
        }
    }
}
