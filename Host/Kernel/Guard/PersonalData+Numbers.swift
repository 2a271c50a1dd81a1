extension PersonalData {
    /// A card (ISO/IEC 7812: 13 to 19 digits with Luhn's check digit), a social security number, an address or a
    /// telephone number, whichever the digits and their separators make.
    static func number(_ bytes: [UInt8], _ start: Int) -> Finding? {
        if let end = addressEnd(bytes, start) { return Finding(kind: .ip, range: start..<end) }
        let run = DigitRun(bytes, start)
        // The longest first; what follows after a blank may be another number.
        for count in run.groups.indices.reversed().map({ $0 + 1 }) {
            let end = run.ends[run.groups.prefix(count).reduce(0, +) - 1]
            guard end >= bytes.count || !isAlphanumeric(bytes[end]) else { continue }
            let groups = Array(run.groups.prefix(count))
            if let kind = kind(of: run.digits.prefix(groups.reduce(0, +)), groups, hasPlus: run.hasPlus) {
                // A bracket belongs to the number when it closes around the area.
                let area = run.ends[groups[0] - 1]
                let isWhole = bytes[start] != 40 || area < end && bytes[area] == 41
                return Finding(kind: kind, range: (isWhole ? start : run.start)..<end)
            }
        }
        return nil
    }

    /// E.164 has at most 15 digits; without a plus only North America's way of writing is sure enough.
    private static func kind(of digits: ArraySlice<UInt8>, _ groups: [Int], hasPlus: Bool) -> PersonalData? {
        if hasPlus { return (8...15).contains(digits.count) ? .phone : nil }
        if isCard(digits) { return .card }
        if groups == [3, 2, 4], isSocialSecurity(Array(digits)) { return .ssn }
        return groups == [3, 3, 4] && digits[0] >= 2 && digits[3] >= 2 ? .phone : nil
    }

    /// The digits from here with at most one separator between them (two where a bracket closes), where each ends,
    /// and how many stand together.
    private struct DigitRun {
        private(set) var digits: [UInt8] = []
        private(set) var ends: [Int] = []
        private(set) var groups: [Int] = []
        /// Of the first digit.
        let start: Int
        let hasPlus: Bool

        init(_ bytes: [UInt8], _ start: Int) {
            hasPlus = bytes[start] == 43
            self.start = isDigit(bytes[start]) ? start : start + 1
            var position = self.start
            var isNewGroup = true
            while position < bytes.count, digits.count < 24 {
                let byte = bytes[position]
                if isDigit(byte) {
                    digits.append(byte - 48)
                    ends.append(position + 1)
                    if isNewGroup { groups.append(1) } else { groups[groups.count - 1] += 1 }
                    isNewGroup = false
                } else {
                    guard !digits.isEmpty, isSeparator(byte), nextIsDigit(bytes, position) else { break }
                    isNewGroup = true
                }
                position += 1
            }
        }
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { [32, 40, 41, 45, 46].contains(byte) }

    /// After one separator, or after a bracket and a space.
    private static func nextIsDigit(_ bytes: [UInt8], _ position: Int) -> Bool {
        let next = position + 1
        guard next < bytes.count else { return false }
        if isDigit(bytes[next]) { return true }
        let isBracketed = bytes[position] == 41 && bytes[next] == 32 || bytes[position] == 32 && bytes[next] == 40
        return isBracketed && next + 1 < bytes.count && isDigit(bytes[next + 1])
    }

    private static func isCard(_ digits: ArraySlice<UInt8>) -> Bool {
        (13...19).contains(digits.count) && (2...6).contains(digits[0]) && isLuhn(digits) && Set(digits).count > 1
    }

    /// Hans Peter Luhn's check (ISO/IEC 7812-1, annex B).
    static func isLuhn(_ digits: ArraySlice<UInt8>) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let doubled = Int(digit) * (index % 2 == 0 ? 1 : 2)
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0
    }

    /// Areas 000, 666 and 900 to 999, group 00 and serial 0000 are never given out.
    private static func isSocialSecurity(_ digits: [UInt8]) -> Bool {
        let area = Int(digits[0]) * 100 + Int(digits[1]) * 10 + Int(digits[2])
        return area != 0 && area != 666 && area < 900 && digits[3...4] != [0, 0] && digits[5...8] != [0, 0, 0, 0]
    }

    /// Four numbers up to 255, not part of a longer dotted number such as a version of five parts.
    private static func addressEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        if start > 0, bytes[start - 1] == 46 { return nil }
        var position = start
        for part in 0..<4 {
            var value = 0, length = 0
            while position < bytes.count, isDigit(bytes[position]), length < 4 {
                value = value * 10 + Int(bytes[position] - 48)
                position += 1
                length += 1
            }
            guard (1...3).contains(length), value <= 255 else { return nil }
            if part < 3 {
                guard position < bytes.count, bytes[position] == 46 else { return nil }
                position += 1
            }
        }
        if position < bytes.count, isAlphanumeric(bytes[position]) { return nil }
        if position + 1 < bytes.count, bytes[position] == 46, isDigit(bytes[position + 1]) { return nil }
        return position
    }

    /// ISO 13616: country, two check digits, up to 30 more; the remainder by 97 is 1 (ISO/IEC 7064). Blanks between
    /// groups of four are read over.
    static func ibanEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        guard start + 4 < bytes.count, isLetter(bytes[start]), isLetter(bytes[start + 1]), isDigit(bytes[start + 2]),
            isDigit(bytes[start + 3])
        else { return nil }
        var characters: [UInt8] = []
        var ends: [Int] = []
        var position = start
        while position < bytes.count, characters.count < 34 {
            let byte = bytes[position]
            if isAlphanumeric(byte) {
                characters.append(byte >= 97 ? byte - 32 : byte)
                ends.append(position + 1)
            } else if byte == 32, characters.count % 4 == 0, position + 1 < bytes.count,
                isAlphanumeric(bytes[position + 1])
            {
                // The blank of a group, or the end of the number: the remainder tells.
            } else {
                break
            }
            position += 1
        }
        // The longest that fits: a word may follow after a blank.
        for length in stride(from: characters.count, through: 15, by: -1)
        where ends[length - 1] >= bytes.count || !isAlphanumeric(bytes[ends[length - 1]]) {
            if remainder(characters[..<length]) == 1 { return ends[length - 1] }
        }
        return nil
    }

    private static func remainder(_ characters: ArraySlice<UInt8>) -> Int {
        (characters.dropFirst(4) + characters.prefix(4)).reduce(0) { sum, byte in
            isDigit(byte) ? (sum * 10 + Int(byte - 48)) % 97 : (sum * 100 + Int(byte - 55)) % 97
        }
    }
}
