/// A moment of RFC 3339, to the millisecond.
struct Timestamp: Comparable {
    let milliseconds: Int

    static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    init(milliseconds: Int) { self.milliseconds = milliseconds }

    /// `2026-11-22T04:00:00Z`, with a fraction, with `+01:00` for `Z`. Leap seconds are refused.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let day = CivilDay(String(decoding: bytes[..<10], as: UTF8.self)),
            let hour = Self.number(bytes[11..<13], upTo: 23), let minute = Self.number(bytes[14..<16], upTo: 59),
            let second = Self.number(bytes[17..<19], upTo: 59)
        else { return nil }
        var rest = bytes[19...], fraction = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (48...57).contains($0) }
            guard !digits.isEmpty, digits.count <= 9 else { return nil }
            for index in 0..<3 {
                let position = digits.startIndex + index
                fraction = fraction * 10 + (position < digits.endIndex ? Int(digits[position] - 48) : 0)
            }
            rest = rest[digits.endIndex...]
        }
        guard let offset = Self.offset(Array(rest)) else { return nil }
        let seconds = ((day.number * 24 + hour) * 60 + minute) * 60 + second
        milliseconds = (seconds - offset * 60) * 1_000 + fraction
    }

    private static func number(_ digits: ArraySlice<UInt8>, upTo most: Int) -> Int? {
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        return value <= most ? value : nil
    }

    /// Minutes east of Greenwich.
    private static func offset(_ text: [UInt8]) -> Int? {
        if text == [UInt8(ascii: "Z")] || text == [UInt8(ascii: "z")] { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"), "+-".utf8.contains(text[0]),
            let hour = number(text[1..<3], upTo: 23), let minute = number(text[4..<6], upTo: 59)
        else { return nil }
        return (text[0] == UInt8(ascii: "-") ? -1 : 1) * (hour * 60 + minute)
    }

    /// In UTC, whole seconds.
    var text: String {
        let seconds = Int((Double(milliseconds) / 1_000).rounded(.down))
        let day = Int((Double(seconds) / 86_400).rounded(.down)), rest = seconds - day * 86_400
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return CivilDay(number: day).description + "T\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    func minutes(since other: Timestamp) -> Double { Double(milliseconds - other.milliseconds) / 60_000 }

    func adding(minutes: Int) -> Timestamp { Timestamp(milliseconds: milliseconds + minutes * 60_000) }
}
