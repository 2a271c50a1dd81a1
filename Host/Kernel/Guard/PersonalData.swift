/// Data about people, and secrets, in text. Found by shape and, where there is one, by check digit, so that an order
/// number is not taken for a card. Names and addresses have no shape: nothing here claims to find them.
package enum PersonalData: String, Hashable, Sendable, CaseIterable {
    case email, phone, card, iban
    /// A number of the United States' social security.
    case ssn
    /// An address of the internet, version 4.
    case ip
    /// A key or token by its vendor's prefix, a private key, a JSON Web Token.
    case secret

    /// One place, in bytes of the text's UTF-8.
    package struct Finding: Hashable, Sendable {
        package var kind: PersonalData
        package var range: Range<Int>

        package init(kind: PersonalData, range: Range<Int>) {
            self.kind = kind
            self.range = range
        }
    }

    /// In order, none overlapping another. Time is linear in the text but for a small factor.
    package static func findings(in text: String, kinds: Set<PersonalData> = Set(allCases)) -> [Finding] {
        let bytes = Array(text.utf8)
        var findings: [Finding] = []
        var position = 0
        while position < bytes.count {
            if let finding = finding(in: bytes, at: position), finding.range.upperBound > position {
                if kinds.contains(finding.kind) { findings.append(finding) }
                // What was found is not looked at again as something else: a card's end is no telephone number.
                position = finding.range.upperBound
            } else {
                position = wordEnd(bytes, position)
            }
        }
        return findings
    }

    /// Something that begins at the position, which begins a word.
    private static func finding(in bytes: [UInt8], at position: Int) -> Finding? {
        let byte = bytes[position]
        if let end = secretEnd(bytes, position) { return Finding(kind: .secret, range: position..<end) }
        if isAlphanumeric(byte) || byte == 95, let end = emailEnd(bytes, position) {
            return Finding(kind: .email, range: position..<end)
        }
        if isLetter(byte), let end = ibanEnd(bytes, position) {
            return Finding(kind: .iban, range: position..<end)
        }
        guard isDigit(byte) || byte == 43 || byte == 40 else { return nil }
        return number(bytes, position)
    }

    /// The start of the next word: letters and digits are passed over together, anything else by itself.
    private static func wordEnd(_ bytes: [UInt8], _ position: Int) -> Int {
        guard isAlphanumeric(bytes[position]) else { return position + 1 }
        var end = position
        while end < bytes.count, isAlphanumeric(bytes[end]) { end += 1 }
        return end
    }

    /// `local@domain.tld` as people write it; not all that RFC 5322 allows.
    private static func emailEnd(_ bytes: [UInt8], _ start: Int) -> Int? {
        var at = start
        while at < bytes.count, at - start <= 64, isLocal(bytes[at]) { at += 1 }
        guard at > start, at < bytes.count, bytes[at] == 64 else { return nil }
        var end = at + 1
        while end < bytes.count, end - at <= 253, isAlphanumeric(bytes[end]) || bytes[end] == 45 || bytes[end] == 46 {
            end += 1
        }
        while end > at + 1, !isAlphanumeric(bytes[end - 1]) { end -= 1 }
        let labels = bytes[(at + 1)..<end].split(separator: 46, omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty }), let top = labels.last, top.count >= 2,
            top.allSatisfy(isLetter)
        else { return nil }
        return end
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || [46, 95, 37, 43, 45].contains(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
}
