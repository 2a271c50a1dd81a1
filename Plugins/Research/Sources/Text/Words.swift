/// One word of a text and where it stands.
struct Word: Hashable, Sendable {
    /// Lower case, as written.
    var text: String
    /// What is compared: ``text`` without a plural ending.
    var stem: String
    /// UTF-8 byte offsets in the text.
    var start: Int
    var end: Int
    /// A sign other than a blank stands between this word and the one before.
    var followsBreak: Bool
}

/// Splits texts into words: runs of letters and digits (Unicode's `Alphabetic` and numeric properties), with inner
/// apostrophes (`can't`) and trailing `+` or `#` (`c++`, `c#`). Hyphens part words, but do not break a phrase.
enum Words {
    static func split(_ text: String) -> [Word] {
        var words: [Word] = []
        var current = ""
        var start = 0
        var offset = 0
        var hasBreak = false
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isApostrophe = scalar == "'" || scalar == "\u{2019}"
            let isInner = isApostrophe && !current.isEmpty && index + 1 < scalars.count && isWordy(scalars[index + 1])
            let isSuffix = !current.isEmpty && (scalar == "+" || scalar == "#")
            if isWordy(scalar) || isInner || isSuffix {
                if current.isEmpty { start = offset }
                current.unicodeScalars.append(isApostrophe ? "'" : scalar)
            } else {
                if !current.isEmpty {
                    words.append(word(current, start: start, end: offset, followsBreak: hasBreak))
                    current = ""
                    hasBreak = false
                }
                if scalar != " " && scalar != "-" && scalar != "\u{2011}" { hasBreak = true }
            }
            offset += UTF8.width(scalar)
        }
        if !current.isEmpty { words.append(word(current, start: start, end: offset, followsBreak: hasBreak)) }
        return words
    }

    static func stems(_ text: String) -> [String] { split(text).map(\.stem) }

    private static func word(_ text: String, start: Int, end: Int, followsBreak: Bool) -> Word {
        let lower = text.lowercased()
        return Word(text: lower, stem: stem(lower), start: start, end: end, followsBreak: followsBreak)
    }

    private static func isWordy(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return (scalar >= "a" && scalar <= "z") || (scalar >= "A" && scalar <= "Z")
                || (scalar >= "0" && scalar <= "9")
        }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// The S stemmer of Harman, "How effective is suffixing?", JASIS 42(1), 1991: it only removes plurals, so that
    /// words stay readable and few different words become one. Words of three letters or fewer stay.
    static func stem(_ word: String) -> String {
        guard word.utf8.count > 3, word.hasSuffix("s") else { return word }
        if word.hasSuffix("ies"), !word.hasSuffix("eies"), !word.hasSuffix("aies") { return word.dropLast(3) + "y" }
        if word.hasSuffix("es"), !["aes", "ees", "oes"].contains(where: word.hasSuffix) {
            return String(word.dropLast())
        }
        if word.hasSuffix("us") || word.hasSuffix("ss") || word.hasSuffix("'s") {
            return word.hasSuffix("'s") ? String(word.dropLast(2)) : word
        }
        return String(word.dropLast())
    }
}
