/// Compares versions as the Debian Policy Manual §5.6.12 orders them: epoch, upstream version, revision; digits as
/// numbers, letters before other signs, `~` before everything, even the end.
package struct DebianVersion: Comparable {
    private let epoch: Int
    private let upstream: [UInt8]
    private let revision: [UInt8]

    package init(_ text: String) {
        var rest = Array(text.utf8)[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            epoch = Int(String(decoding: rest[..<colon], as: UTF8.self)) ?? 0
            rest = rest[(colon + 1)...]
        } else {
            epoch = 0
        }
        let dash = rest.lastIndex(of: UInt8(ascii: "-"))
        upstream = Array(rest[..<(dash ?? rest.endIndex)])
        revision = dash.map { Array(rest[($0 + 1)...]) } ?? []
    }

    package static func < (left: Self, right: Self) -> Bool {
        if left.epoch != right.epoch { return left.epoch < right.epoch }
        let order = compare(left.upstream, right.upstream)
        return order != 0 ? order < 0 : compare(left.revision, right.revision) < 0
    }

    package static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }

    private static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var left = left[...]
        var right = right[...]
        while !left.isEmpty || !right.isEmpty {
            while isSign(left.first) || isSign(right.first) {
                let difference = order(left.first) - order(right.first)
                if difference != 0 { return difference }
                left = left.dropFirst()
                right = right.dropFirst()
            }
            let difference = number(&left) - number(&right)
            if difference != 0 { return difference }
        }
        return 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isSign(_ byte: UInt8?) -> Bool { byte.map { !isDigit($0) } ?? false }

    private static func order(_ byte: UInt8?) -> Int {
        guard let byte, !isDigit(byte) else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
        return isLetter ? Int(byte) : Int(byte) + 256
    }

    /// Digits up to 15, which no real version passes.
    private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int {
        let digits = bytes.prefix(while: isDigit)
        bytes = bytes.dropFirst(digits.count)
        return digits.suffix(15).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
}
