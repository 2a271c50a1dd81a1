/// Looks for the phrases of a ``WordList`` in texts of any length. ASCII, which nearly all is, is read byte by byte
/// without an allocation; other text word by word, by Unicode's letters and digits.
///
/// What cannot be seen does not hide a word: soft hyphens, joiners and other ignorable characters are passed over.
package struct WordScanner: Hashable, Sendable {
    private let list: WordList
    /// ASCII phrases in lower case, by the first byte of their first word.
    private let phrases: [UInt8: [Phrase]]

    private struct Phrase: Hashable, Sendable {
        var text: String
        var words: [[UInt8]]
    }

    /// Nil when a phrase has no word.
    package init?(_ phrases: [String]) {
        guard let list = WordList(phrases) else { return nil }
        self.list = list
        var byFirst: [UInt8: [Phrase]] = [:]
        for words in phrases.map(WordList.words) where words.allSatisfy({ $0.utf8.allSatisfy { $0 < 0x80 } }) {
            guard let first = words.first?.utf8.first else { continue }
            byFirst[first, default: []].append(
                Phrase(text: words.joined(separator: " "), words: words.map { Array($0.utf8) }))
        }
        self.phrases = byFirst
    }

    /// The first phrase that stands in the text.
    package func first(in text: String) -> String? {
        var text = text
        if let quick = text.withUTF8({ scan($0) }) { return quick.phrase }
        return list.first(in: String(String.UnicodeScalarView(text.unicodeScalars.filter { !Self.isHidden($0) })))
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isDefaultIgnorableCodePoint }

    private struct Quick { var phrase: String? }

    /// Nil for text that is not ASCII.
    private func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Quick? {
        guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        var isInWord = false
        for position in bytes.indices {
            let byte = bytes[position]
            let isWord = PersonalData.isAlphanumeric(byte)
            defer { isInWord = isWord }
            guard isWord, !isInWord, let candidates = phrases[Self.lower(byte)] else { continue }
            for phrase in candidates where Self.stands(phrase.words, in: bytes, at: position) {
                return Quick(phrase: phrase.text)
            }
        }
        return Quick(phrase: nil)
    }

    private static func stands(
        _ words: [[UInt8]], in bytes: UnsafeBufferPointer<UInt8>, at start: Int
    ) -> Bool {
        var position = start
        for (number, word) in words.enumerated() {
            if number > 0 {
                while position < bytes.count, !PersonalData.isAlphanumeric(bytes[position]) { position += 1 }
            }
            for byte in word {
                guard position < bytes.count, lower(bytes[position]) == byte else { return false }
                position += 1
            }
            guard position == bytes.count || !PersonalData.isAlphanumeric(bytes[position]) else { return false }
        }
        return true
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}
