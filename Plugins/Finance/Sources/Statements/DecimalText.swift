import PluginKit

/// Reads a decimal that was written by a bank into whole minor units, without passing through binary floating point.
struct DecimalText {
    let currency: String
    let mark: DecimalMark

    /// Decimals of the currencies that do not have two (ISO 4217).
    private static let exponents: [String: Int] = {
        var exponents: [String: Int] = [:]
        for code in [
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ] { exponents[code] = 0 }
        for code in ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"] { exponents[code] = 3 }
        return exponents
    }()

    /// Nil if the text is no amount, has more decimals than the currency, or passes ±2^53 minor units.
    func minorUnits(_ text: some StringProtocol) -> Int? {
        var digits = Array(text.utf8)[...]
        var isNegative = false
        if let sign = digits.first, sign == 0x2B || sign == 0x2D {
            isNegative = sign == 0x2D
            digits = digits.dropFirst()
        }
        let point: UInt8 = mark == .point ? 0x2E : 0x2C, group: UInt8 = mark == .point ? 0x2C : 0x2E
        let halves = digits.split(separator: point, maxSplits: 1, omittingEmptySubsequences: false)
        // A fraction may stand alone: .50
        let isBare = halves.count > 1 && halves[0].isEmpty
        guard let whole = isBare ? [0x30] : Self.ungrouped(halves[0], group) else { return nil }
        let fraction = halves.count > 1 ? Array(halves[1]) : []
        guard halves.count == 1 || !fraction.isEmpty, fraction.allSatisfy(Self.isDigit) else { return nil }
        let exponent = Self.exponents[currency] ?? 2
        guard fraction.dropFirst(exponent).allSatisfy({ $0 == 0x30 }) else { return nil }
        let minor = fraction.prefix(exponent) + Array(repeating: 0x30, count: max(0, exponent - fraction.count))
        let all = whole + minor
        guard all.count <= 18 else { return nil }
        let value = all.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard value <= Amount.limit else { return nil }
        return isNegative ? -value : value
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Digits, with groups of three or without; no leading groups of another size.
    private static func ungrouped(_ bytes: ArraySlice<UInt8>, _ group: UInt8) -> [UInt8]? {
        let groups = bytes.split(separator: group, omittingEmptySubsequences: false)
        guard let first = groups.first, !first.isEmpty, groups.allSatisfy({ $0.allSatisfy(isDigit) }) else {
            return nil
        }
        if groups.count > 1 {
            guard first.count <= 3, groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return nil }
        }
        return groups.flatMap(Array.init)
    }
}

extension DateOrder {
    /// Nil if the text has another form or names no day.
    func date(_ text: some StringProtocol) -> CivilDate? {
        let separator: Character =
            switch self {
            case .iso: "-"
            case .dotted: "."
            case .slashedDayFirst, .slashedMonthFirst: "/"
            }
        let parts = text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == separator }).map { String($0) }
        guard parts.count == 3, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        let order =
            switch self {
            case .iso: (0, 1, 2)
            case .dotted, .slashedDayFirst: (2, 1, 0)
            case .slashedMonthFirst: (2, 0, 1)
            }
        guard parts[order.0].utf8.count == 4, (1...2).contains(parts[order.1].utf8.count),
            (1...2).contains(parts[order.2].utf8.count), let year = Int(parts[order.0]),
            let month = Int(parts[order.1]), let day = Int(parts[order.2])
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }
}
