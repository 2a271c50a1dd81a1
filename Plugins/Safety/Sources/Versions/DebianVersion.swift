/// Debian Policy Manual §5.6.12: epoch, upstream version, revision; digits as numbers, letters before other signs, `~`
/// before everything, even the end.
struct DebianVersion: Hashable, Sendable, Comparable {
    private let epoch: Digits
    private let upstream: [UInt8]
    private let revision: [UInt8]

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.allSatisfy({ Self.isAllowed($0) }) else { return nil }
        var rest = bytes[...]
        var epoch = Digits.zero
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            guard colon > rest.startIndex, rest[..<colon].allSatisfy(Digits.isDigit) else { return nil }
            epoch = Digits(rest[..<colon])
            rest = rest[(colon + 1)...]
        }
        let dash = rest.lastIndex(of: UInt8(ascii: "-"))
        upstream = Array(rest[..<(dash ?? rest.endIndex)])
        revision = dash.map { Array(rest[($0 + 1)...]) } ?? []
        guard !upstream.isEmpty else { return nil }
        self.epoch = epoch
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        Digits.isDigit(byte) || isLetter(byte) || [0x2E, 0x2B, 0x2D, 0x7E, 0x3A, 0x5F].contains(byte)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    static func < (left: Self, right: Self) -> Bool { order(left, right) < 0 }
    /// "1.0" and "1.00" are the same version.
    static func == (left: Self, right: Self) -> Bool { order(left, right) == 0 }
    func hash(into hasher: inout Hasher) { hasher.combine(epoch) }

    private static func order(_ left: Self, _ right: Self) -> Int {
        if left.epoch != right.epoch { return left.epoch < right.epoch ? -1 : 1 }
        let upstream = order(left.upstream[...], right.upstream[...])
        return upstream != 0 ? upstream : order(left.revision[...], right.revision[...])
    }

    private static func order(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        var left = left
        var right = right
        while !left.isEmpty || !right.isEmpty {
            while isSign(left.first) || isSign(right.first) {
                let difference = weight(left.first) - weight(right.first)
                if difference != 0 { return difference }
                left = left.dropFirst()
                right = right.dropFirst()
            }
            let numbers = (Digits(left.prefix(while: Digits.isDigit)), Digits(right.prefix(while: Digits.isDigit)))
            if numbers.0 != numbers.1 { return numbers.0 < numbers.1 ? -1 : 1 }
            left = left.drop(while: Digits.isDigit)
            right = right.drop(while: Digits.isDigit)
        }
        return 0
    }

    private static func isSign(_ byte: UInt8?) -> Bool { byte.map { !Digits.isDigit($0) } ?? false }

    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !Digits.isDigit(byte) else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        return isLetter(byte) ? Int(byte) : Int(byte) + 256
    }
}
