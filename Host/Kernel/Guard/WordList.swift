/// Words and phrases that are looked for as whole words, whatever their case and the blanks between them: "ass" is
/// not in "assessment".
package struct WordList: Hashable, Sendable {
    private let phrases: [[String]]
    private let starts: Set<String>

    /// Nil when a phrase has no word.
    package init?(_ phrases: [String]) {
        self.phrases = phrases.map(Self.words)
        guard self.phrases.allSatisfy({ !$0.isEmpty }) else { return nil }
        starts = Set(self.phrases.compactMap(\.first))
    }

    /// The first phrase that stands in the text.
    package func first(in text: String) -> String? {
        let words = Self.words(text)
        for index in words.indices where starts.contains(words[index]) {
            if let phrase = phrases.first(where: { words[index...].starts(with: $0) }) {
                return phrase.joined(separator: " ")
            }
        }
        return nil
    }

    /// Letters and digits that stand together, in lower case.
    static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }
}
