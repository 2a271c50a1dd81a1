/// A sentence of a document.
struct Passage: Hashable, Sendable {
    /// Index of the document in the list that was split.
    var document: Int
    /// UTF-8 byte offsets in the document's text; `text[start..<end]` is ``quote``.
    var start: Int
    var end: Int
    var quote: String
    var words: [Word]
}

/// Splits documents into sentences. A sentence ends at a line break, or at `.`, `!`, `?` or `…` that a blank follows,
/// unless the point ends a common abbreviation or a single letter.
enum Passages {
    private static let abbreviations: Set<String> = [
        "e.g", "i.e", "etc", "vs", "cf", "approx", "no", "mr", "mrs", "ms", "dr", "prof", "inc", "ltd", "co", "st",
        "fig", "al", "ca", "min", "max", "est", "incl",
    ]

    static func split(_ text: String, document: Int) -> [Passage] {
        let bytes = Array(text.utf8)
        var passages: [Passage] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            if isEnd(at: index, of: bytes, sentenceStart: start) {
                append(bytes, start, index + 1, document, to: &passages)
                start = index + 1
            }
            index += 1
        }
        append(bytes, start, bytes.count, document, to: &passages)
        return passages
    }

    private static func isEnd(at index: Int, of bytes: [UInt8], sentenceStart: Int) -> Bool {
        if bytes[index] == UInt8(ascii: "\n") { return true }
        let next = index + 1 < bytes.count ? bytes[index + 1] : 0x20
        guard next <= 0x20, bytes[index] > 0x20 else { return false }
        // Closing quotes, parentheses and Markdown's emphasis belong to the sentence that they close.
        var last = index
        while last > sentenceStart, isCloser(bytes[last]) { last -= 1 }
        if bytes[last] == UInt8(ascii: "!") || bytes[last] == UInt8(ascii: "?") { return true }
        if last >= 2, bytes[(last - 2)...last] == [0xE2, 0x80, 0xA6] { return true }
        guard bytes[last] == UInt8(ascii: ".") else { return false }
        let tail = bytes[sentenceStart..<last].reversed().prefix { $0 > 0x20 && $0 != UInt8(ascii: "(") }
        let word = String(decoding: tail.reversed(), as: UTF8.self).lowercased()
        let isInitial = word.utf8.count == 1 && word.utf8.allSatisfy { $0 >= 0x61 && $0 <= 0x7A }
        return !isInitial && !abbreviations.contains(word)
    }

    private static func isCloser(_ byte: UInt8) -> Bool { "\"')*_]".utf8.contains(byte) }

    /// Blanks and list signs at both ends are not part of a quote; what is left must hold a word.
    private static func append(
        _ bytes: [UInt8], _ start: Int, _ end: Int, _ document: Int, to passages: inout [Passage]
    ) {
        var start = start
        var end = end
        let isTrimmed: (UInt8) -> Bool = { $0 <= 0x20 || $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: ">") }
        let isBullet: (UInt8) -> Bool = {
            $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "|")
        }
        while start < end, isTrimmed(bytes[start]) || isBullet(bytes[start]) { start += 1 }
        while end > start, isTrimmed(bytes[end - 1]) || isBullet(bytes[end - 1]) { end -= 1 }
        guard start < end else { return }
        let quote = String(decoding: bytes[start..<end], as: UTF8.self)
        let words = Words.split(quote)
        guard !words.isEmpty else { return }
        passages.append(Passage(document: document, start: start, end: end, quote: quote, words: words))
    }
}
