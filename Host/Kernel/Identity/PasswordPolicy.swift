/// What a password must be: long, and none of those that everybody tries. Character classes are asked for only where
/// an operator wants them (ASVS 5.0, 6.2.5 forbids it as a rule).
package struct PasswordPolicy: Hashable, Sendable {
    /// Of UTF-8, after NFKC: what is longer is not a password but a load on the hash.
    package static let maximumBytes = 1_024

    package var minimumCharacters: Int
    /// How many of the four classes (lower case, upper case, digits, others) it must have; 0: any.
    package var minimumClasses: Int

    package init(minimumCharacters: Int = 12, minimumClasses: Int = 0) {
        self.minimumCharacters = minimumCharacters
        self.minimumClasses = minimumClasses
    }

    package enum Problem: Hashable, Sendable, CustomStringConvertible {
        case short(Int)
        case long
        case control
        case common
        case pattern
        case personal
        case classes(Int)

        package var description: String {
            switch self {
            case .short(let least): "a password has at least \(least) characters"
            case .long: "a password has at most \(maximumBytes) bytes"
            case .control: "a password has no control characters"
            case .common: "this password is one of those that everybody tries first"
            case .pattern: "this password is a row or a repetition: it has fewer parts than characters"
            case .personal: "this password is made of the name it belongs to"
            case .classes(let least):
                "this host wants \(least) of: lower case, upper case, digits, other characters"
            }
        }
    }

    /// - Parameters:
    ///   - password: in NFKC.
    ///   - names: what its owner is called: e-mail, display name.
    package func problem(_ password: String, names: [String] = []) -> Problem? {
        if password.utf8.count > Self.maximumBytes { return .long }
        if password.count < minimumCharacters { return .short(minimumCharacters) }
        if password.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return .control }
        let folded = password.lowercased()
        if CommonPasswords.contains(folded) || CommonPasswords.contains(Self.core(folded)) { return .common }
        if Self.isRow(folded) || Self.isRepetition(folded) { return .pattern }
        if Self.isPersonal(folded, names) { return .personal }
        return Self.classes(of: password) < minimumClasses ? .classes(minimumClasses) : nil
    }

    /// Without what is put around a word to make it longer: `!!Password2024` is `password`.
    static func core(_ password: String) -> String {
        let isAround = { (character: Character) in !character.isLetter }
        return String(password.drop(while: isAround).reversed().drop(while: isAround).reversed())
    }

    /// Each character a step of one from that before it, or the same: `123456789012`, `abcdefghijkl`, `aaaaaaaaaaaa`.
    static func isRow(_ password: String) -> Bool {
        let codes = password.unicodeScalars.map { Int($0.value) }
        let steps = zip(codes, codes.dropFirst()).filter { abs($0 - $1) <= 1 || ($0, $1) == (57, 48) }
        return steps.count >= codes.count - 2
    }

    /// A short part, or a common password, again and again: `abcabcabcabc`, `passwordpassword`.
    static func isRepetition(_ password: String) -> Bool {
        let characters = Array(password)
        for length in 1...max(1, characters.count / 2) where characters.count >= 2 * length {
            guard characters.indices.allSatisfy({ characters[$0] == characters[$0 % length] }) else { continue }
            let part = String(characters.prefix(length))
            return length <= 5 || CommonPasswords.contains(part)
        }
        return false
    }

    /// Whether little is left once the owner's names, and their parts, are taken out.
    static func isPersonal(_ password: String, _ names: [String]) -> Bool {
        let parts = names.flatMap { name -> [String] in
            let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
            let whole = [name.lowercased()[...]] + name.lowercased().split(separator: "@").prefix(1)
            return (whole + words).map(String.init)
        }
        return parts.contains { part in
            guard part.count >= 4, let range = Self.range(of: part, in: password) else { return false }
            return password.count - part.count < 6 && !range.isEmpty
        }
    }

    private static func range(of part: String, in text: String) -> Range<Int>? {
        let (part, text) = (Array(part.utf8), Array(text.utf8))
        guard part.count <= text.count else { return nil }
        for start in 0...text.count - part.count where text[start..<start + part.count].elementsEqual(part) {
            return start..<start + part.count
        }
        return nil
    }

    static func classes(of password: String) -> Int {
        let tests: [(Character) -> Bool] = [
            { $0.isLowercase }, { $0.isUppercase }, { $0.isNumber }, { !$0.isLetter && !$0.isNumber },
        ]
        return tests.filter { test in password.contains(where: test) }.count
    }
}
