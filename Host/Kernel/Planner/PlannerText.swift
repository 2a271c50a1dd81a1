/// What people write, as the planner's rules see it: whole words in lower case, plurals as singulars. Rules match words
/// and never parts of them: "secret" is not in "secretary".
package struct PlannerText: Hashable, Sendable {
    package static let maximumBytes = 8_192

    /// As written.
    package let text: String
    package let words: [String]

    package init(_ text: some StringProtocol) {
        self.text = String(text)
        words = Self.words(text)
    }

    static func words(_ text: some StringProtocol) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { singular(String($0)) }
    }

    /// Enough of English that "investments" is "investment"; what only looks like a plural stays.
    static func singular(_ word: String) -> String {
        let count = word.utf8.count
        if count > 4, word.hasSuffix("ies") { return word.dropLast(3) + "y" }
        for ending in ["sses", "xes", "ches", "shes", "zes"] where count > 4 && word.hasSuffix(ending) {
            return String(word.dropLast(2))
        }
        guard count > 3, word.hasSuffix("s"), !["ss", "us", "is"].contains(where: { word.hasSuffix($0) }) else {
            return word
        }
        return String(word.dropLast())
    }

    /// Where the words of a phrase stand one after the other.
    func contains(_ phrase: [String]) -> Bool {
        guard let first = phrase.first, phrase.count <= words.count else { return false }
        return (0...words.count - phrase.count).contains { start in
            words[start] == first && words[start..<start + phrase.count].elementsEqual(phrase)
        }
    }

    // MARK: Parts

    /// Said to follow one another.
    private static let sequences = [
        ["and", "then"], ["after", "that"], ["then"], ["afterwards"], ["finally"], ["next"], ["subsequently"],
    ]

    /// The parts that are to be done one after the other, in order: by sentences, and by words such as "then".
    package var parts: [PlannerText] {
        var parts: [String] = []
        for sentence in sentences() { parts += Self.split(sentence, at: Self.sequences) }
        return parts.map { PlannerText($0) }.filter { !$0.words.isEmpty }
    }

    /// The parts between "and" and commas: perhaps things to be done side by side.
    package var siblings: [PlannerText] {
        text.split(separator: ",").flatMap { Self.split($0, at: [["and"]]) }.map { PlannerText($0) }
            .filter { !$0.words.isEmpty }
    }

    private func sentences() -> [Substring] {
        var sentences: [Substring] = [], start = text.startIndex
        for index in text.indices {
            let next = text.index(after: index)
            // A point inside a number or a name ends nothing.
            let ends =
                text[index] == ";" || text[index] == "\n"
                || (".!?".contains(text[index]) && (next == text.endIndex || text[next].isWhitespace))
            guard ends else { continue }
            sentences.append(text[start..<index])
            start = next
        }
        return sentences + [text[start...]]
    }

    private static func split(_ text: Substring, at separators: [[String]]) -> [String] {
        let pieces = text.split { $0.isWhitespace }
        let plain = pieces.map { $0.lowercased().filter { $0.isLetter } }
        var parts: [[Substring]] = [[]], index = 0
        while index < pieces.count {
            let found = separators.first { words in
                index + words.count <= plain.count && plain[index..<index + words.count].elementsEqual(words)
            }
            if let found {
                parts.append([])
                index += found.count
            } else {
                parts[parts.count - 1].append(pieces[index])
                index += 1
            }
        }
        return parts.map { piece in
            var part = piece.joined(separator: " ")
            while part.last == "," || part.last == ":" { part.removeLast() }
            return part
        }
    }
}
