/// Reads the time at a line's start, in the forms that logs use.
enum LogTime {
    typealias Read = (seconds: Int64, message: ArraySlice<UInt8>)

    /// Seconds since 1970 and where the message begins. Nil without a time that is understood.
    ///
    /// ISO 8601 (`2026-11-21T09:00:00.5+01:00`, a space for the T, UTC without an offset), syslog (`Nov 21 09:00:00`,
    /// counted in `year`), common log format (`[21/Nov/2026:09:00:00 +0000]` anywhere), seconds since 1970.
    static func read(_ line: ArraySlice<UInt8>, year: Int) -> Read? {
        iso(line) ?? syslog(line, year: year) ?? common(line) ?? epoch(line)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        .map { Array($0.utf8) }

    /// Days since 1970 (Hinnant's days_from_civil); nil for a day that the calendar has not.
    static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
        guard (1...length).contains(day) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return Int64(era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468)
    }

    private static func number(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ count: Int) -> Int? {
        let part = bytes.dropFirst(offset).prefix(count)
        guard part.count == count, part.allSatisfy(Digits.isDigit) else { return nil }
        return part.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func clockSeconds(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> Int64? {
        guard let hour = number(bytes, offset, 2), let minute = number(bytes, offset + 3, 2),
            let second = number(bytes, offset + 6, 2), hour < 24, minute < 60, second <= 60,
            bytes[bytes.startIndex + offset + 2] == 0x3A, bytes[bytes.startIndex + offset + 5] == 0x3A
        else { return nil }
        return Int64(hour * 3600 + minute * 60 + second)
    }

    private static func iso(_ line: ArraySlice<UInt8>) -> Read? {
        guard line.count >= 19, let year = number(line, 0, 4), let month = number(line, 5, 2),
            let day = number(line, 8, 2), line[line.startIndex + 4] == 0x2D,
            let days = dayNumber(year, month, day), [0x54, 0x20].contains(line[line.startIndex + 10]),
            let clock = clockSeconds(line, 11)
        else { return nil }
        var rest = line.dropFirst(19)
        if rest.first == 0x2E || rest.first == 0x2C { rest = rest.dropFirst().drop(while: Digits.isDigit) }
        var seconds = days * 86_400 + clock
        if rest.first == 0x5A {
            rest = rest.dropFirst()
        } else if let (offset, length) = zone(rest) {
            seconds -= offset
            rest = rest.dropFirst(length)
        }
        return (seconds, rest)
    }

    /// `+01:00` or `+0100`, in seconds, and its length.
    private static func zone(_ bytes: ArraySlice<UInt8>) -> (Int64, Int)? {
        guard let sign = bytes.first, sign == 0x2B || sign == 0x2D, let hours = number(bytes, 1, 2) else { return nil }
        let hasColon = bytes.dropFirst(3).first == 0x3A
        guard let minutes = number(bytes, hasColon ? 4 : 3, 2), hours <= 15, minutes < 60 else { return nil }
        return (Int64(hours * 3600 + minutes * 60) * (sign == 0x2D ? -1 : 1), hasColon ? 6 : 5)
    }

    private static func syslog(_ line: ArraySlice<UInt8>, year: Int) -> Read? {
        guard line.count >= 15, let month = months.firstIndex(where: { line.starts(with: $0) }),
            line[line.startIndex + 3] == 0x20
        else { return nil }
        let isShort = line[line.startIndex + 4] == 0x20
        guard let day = isShort ? number(line, 5, 1) : number(line, 4, 2), let days = dayNumber(year, month + 1, day),
            let clock = clockSeconds(line, 7)
        else { return nil }
        return (days * 86_400 + clock, line.dropFirst(15))
    }

    private static func common(_ line: ArraySlice<UInt8>) -> Read? {
        guard let start = line.firstIndex(of: 0x5B) else { return nil }
        let time = line[(start + 1)...]
        guard time.count >= 27, let day = number(time, 0, 2), let year = number(time, 7, 4),
            let month = months.firstIndex(where: { time.dropFirst(3).starts(with: $0) }),
            let days = dayNumber(year, month + 1, day), let clock = clockSeconds(time, 12),
            let (offset, length) = zone(time.dropFirst(21))
        else { return nil }
        // The client's address before the time belongs to the message.
        return (days * 86_400 + clock - offset, line[..<start] + time.dropFirst(22 + length))
    }

    private static func epoch(_ line: ArraySlice<UInt8>) -> Read? {
        let digits = line.prefix(while: Digits.isDigit)
        guard digits.count == 10, let seconds = number(line, 0, 10) else { return nil }
        let rest = line[digits.endIndex...]
        guard rest.first == 0x20 || rest.first == 0x2E || rest.isEmpty else { return nil }
        return (Int64(seconds), rest.drop { $0 == 0x2E || Digits.isDigit($0) })
    }
}
