/// Lengths of time as people write them, on the command line and in requests.
package enum DurationText {
    private static let units: [(letter: UInt8, milliseconds: Int64)] = [
        (UInt8(ascii: "d"), 86_400_000), (UInt8(ascii: "h"), 3_600_000), (UInt8(ascii: "m"), 60_000),
        (UInt8(ascii: "s"), 1_000),
    ]

    /// `1d12h`, `90s`, `1h30m`: each unit once, the larger first. Nil for anything else.
    package static func milliseconds(_ text: some StringProtocol) -> Int64? {
        var rest = Array(text.lowercased().utf8)[...]
        guard !rest.isEmpty else { return nil }
        var milliseconds: Int64 = 0
        var next = 0
        while !rest.isEmpty {
            let digits = rest.prefix { (48...57).contains($0) }
            guard (1...9).contains(digits.count), let number = Int64(String(decoding: digits, as: UTF8.self)),
                let letter = rest.dropFirst(digits.count).first,
                let unit = units[next...].firstIndex(where: { $0.letter == letter })
            else { return nil }
            milliseconds += number * units[unit].milliseconds
            next = unit + 1
            rest = rest.dropFirst(digits.count + 1)
        }
        return milliseconds
    }
}
