/// Holds a model's words against the computed figures: a sentence with a number that is not among them is left out. A
/// right number in a wrong place passes, and so do numbers in words.
package enum FigureCheck {
    /// - Returns: the sentences that stay, and how many do not.
    package static func kept(_ text: String, of facts: String) -> (text: String, leftOut: Int) {
        let known = numbers(in: facts)
        var kept = "", leftOut = 0
        for sentence in sentences(of: text) {
            if numbers(in: String(sentence)).isSubset(of: known) {
                kept += sentence
            } else {
                leftOut += 1
            }
        }
        return (String(kept.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()), leftOut)
    }

    /// Numbers as they are written in figures, without commas between thousands and zeros at the end of decimals.
    package static func numbers(in text: String) -> Set<String> {
        var numbers = Set<String>()
        var rest = text.unicodeScalars.drop { !isDigit($0) }
        while !rest.isEmpty {
            var number = ""
            while let next = rest.first {
                let isSeparator = next == "," || next == "."
                guard isDigit(next) || isSeparator && rest.dropFirst().first.map(isDigit) == true else { break }
                if next != "," { number.unicodeScalars.append(next) }
                rest = rest.dropFirst()
            }
            numbers.insert(plain(number))
            rest = rest.drop { !isDigit($0) }
        }
        return numbers
    }

    private static func plain(_ number: String) -> String {
        guard number.contains(".") else { return number }
        let digits = number.reversed().drop { $0 == "0" }
        return String(digits.drop { $0 == "." }.reversed())
    }

    /// Each with the space after it; together the text. A point inside of a number ends none.
    private static func sentences(of text: String) -> [Substring] {
        var sentences: [Substring] = []
        var start = text.startIndex
        for index in text.indices where text[index].isWhitespace {
            let before = text[start..<index].last { !$0.isWhitespace }
            let isEnd = before.map { ".!?".contains($0) } == true || text[index].isNewline
            let next = text.index(after: index)
            guard isEnd, next == text.endIndex || !text[next].isWhitespace else { continue }
            sentences.append(text[start..<next])
            start = next
        }
        return sentences + (start < text.endIndex ? [text[start...]] : [])
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
