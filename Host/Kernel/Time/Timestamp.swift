extension Instant {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T08:13:18.250Z`.
    package var timestamp: String {
        let day: Int64 = 86_400_000
        let date = CivilDate(daysSinceEpoch: Int(unixMilliseconds.floorDivided(by: day)))
        let time = unixMilliseconds.remainder(floorDividedBy: day)
        return "\(date)T\((time / 3_600_000).digits(2)):\((time / 60_000 % 60).digits(2)):"
            + "\((time / 1_000 % 60).digits(2)).\((time % 1_000).digits(3))Z"
    }
}

extension Instant {
    /// RFC 3339: `2026-11-21T08:13:18Z`, with a fraction or not, with `Z` or an offset such as `+01:00`. Milliseconds
    /// are kept, the rest of a fraction is cut off. Nil for anything else.
    package init?(timestamp text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self)),
            let time = Self.clockSeconds(bytes[11..<19]), bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        var rest = bytes[19...], milliseconds: Int64 = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (48...57).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            let padded = (Array(digits) + [48, 48, 48]).prefix(3)
            milliseconds = padded.reduce(0) { $0 * 10 + Int64($1 - 48) }
            rest = rest.dropFirst(digits.count + 1)
        }
        guard let offset = Self.offsetSeconds(rest) else { return nil }
        self.init(
            unixMilliseconds: (Int64(date.daysSinceEpoch) * 86_400 + time - offset) * 1_000 + milliseconds)
    }

    /// What people write for a time: RFC 3339, or how long it is from `now` on, such as `90s` or `2h30m`.
    package init?(when text: String, from now: Instant) {
        if let length = DurationText.milliseconds(text) {
            self = now.advanced(byMilliseconds: length)
        } else {
            self.init(timestamp: text)
        }
    }

    /// `08:13:18`; the leap second counts as the one after it.
    private static func clockSeconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2, 2] else { return nil }
        let numbers = parts.compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 3, (0...23).contains(numbers[0]), (0...59).contains(numbers[1]),
            (0...60).contains(numbers[2])
        else { return nil }
        return numbers[0] * 3_600 + numbers[1] * 60 + numbers[2]
    }

    private static func offsetSeconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        if bytes.elementsEqual([UInt8(ascii: "Z")]) || bytes.elementsEqual([UInt8(ascii: "z")]) { return 0 }
        guard bytes.count == 6, let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let seconds = clockSeconds(bytes.dropFirst() + Array(":00".utf8))
        else { return nil }
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }
}
