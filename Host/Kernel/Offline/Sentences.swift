/// Splits prose into sentences, by simple rules that hold for most European languages.
package enum Sentences {
    private static let abbreviations: Set<String> = [
        "e.g", "i.e", "dr", "mr", "mrs", "ms", "prof", "vs", "fig", "approx", "cf", "al", "inc", "ltd", "z.b",
    ]

    /// In order of appearance, without surrounding white space and list marks. A sentence ends at `.`, `!`, `?` or
    /// `…` before white space, or at the end of a line.
    package static func split(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).flatMap { inLine(trimmed($0)) }
    }

    private static func inLine(_ line: Substring) -> [String] {
        var sentences = [String]()
        var start = line.startIndex
        var index = line.startIndex
        while index < line.endIndex {
            let next = line.index(after: index)
            let isEnd = next == line.endIndex || line[next].isWhitespace
            if isEnd, ".!?…".contains(line[index]), !endsInAbbreviation(line[start..<index]) {
                append(line[start..<next], to: &sentences)
                start = next
            }
            index = next
        }
        append(line[start...], to: &sentences)
        return sentences
    }

    private static func append(_ text: Substring, to sentences: inout [String]) {
        let sentence = trimmed(text)
        if sentence.contains(where: { $0.isLetter || $0.isNumber }) { sentences.append(String(sentence)) }
    }

    private static func endsInAbbreviation(_ text: Substring) -> Bool {
        guard let word = text.split(separator: " ").last else { return false }
        return abbreviations.contains(word.lowercased())
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let isMargin = { (character: Character) in character.isWhitespace || "-*#>•".contains(character) }
        return text.drop(while: isMargin).dropLast(while: \.isWhitespace)
    }
}

extension Substring {
    fileprivate func dropLast(while predicate: (Character) -> Bool) -> Substring {
        var end = endIndex
        while end > startIndex, predicate(self[index(before: end)]) { end = index(before: end) }
        return self[startIndex..<end]
    }
}
