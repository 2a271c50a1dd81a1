/// What the built-in offline "model" answers: the most central sentences of the text it was given, word for word. It
/// understands no language and knows nothing; every answer is made of the input's own sentences, a list mark and, where
/// there is no text, one fixed sentence.
///
/// The text is all user and tool messages. Instructions are all system messages and the first paragraph of the last
/// user message, if more paragraphs follow it. It obeys:
///
/// - a number before "sentence(s)", "bullet(s)" or "point(s)" (digits, or one to ten): how many; otherwise three
/// - "bullet", "point" or "list": one sentence a line after `- `
/// - "title" or "headline": the most central sentence alone, at most 12 words, without its full stop
///
/// It obeys stop sequences and the output limit. Temperature and seed change nothing.
package struct OfflineAnswer: Hashable, Sendable {
    package static let model = "extractive-1"
    static let nothing = "There is no text to extract from."
    static let titleWords = 12

    package var text: String
    /// `stop` or `length`.
    package var finishReason: String

    package init(messages: [(role: String, content: String)], stop: [String], maximumOutputTokens: Int) {
        let (instruction, text) = Self.separate(messages)
        var answer = OfflineInstruction(instruction).apply(to: Sentences.split(text))
        for mark in stop {
            if let end = answer.firstRange(of: mark)?.lowerBound { answer = String(answer[..<end]) }
        }
        let cut = OfflineTokens.prefix(of: answer, tokens: maximumOutputTokens)
        self.text = cut
        finishReason = cut.utf8.count < answer.utf8.count ? "length" : "stop"
    }

    /// In pieces of a few words that add up to the text.
    package var pieces: [String] {
        var pieces = [String]()
        var piece = ""
        for character in text {
            piece.append(character)
            if character.isWhitespace, piece.utf8.count >= 24 {
                pieces.append(piece)
                piece = ""
            }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    private static func separate(
        _ messages: [(role: String, content: String)]
    ) -> (instruction: String, text: String) {
        var instructions = messages.filter { $0.role == "system" }.map(\.content)
        var texts = messages.filter { $0.role == "user" || $0.role == "tool" }.map(\.content)
        if messages.last(where: { $0.role == "user" || $0.role == "tool" })?.role == "user", let last = texts.last,
            let gap = last.firstRange(of: "\n\n"), last[gap.upperBound...].contains(where: \.isLetter)
        {
            instructions.append(String(last[..<gap.lowerBound]))
            texts[texts.count - 1] = String(last[gap.upperBound...])
        } else if let last = texts.last {
            instructions.append(last)
        }
        return (instructions.joined(separator: "\n"), texts.joined(separator: "\n"))
    }
}

/// The shape of answer that was asked for.
struct OfflineInstruction {
    private static let numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    private static let largestCount = 50

    var count = 3
    var isList = false
    var isTitle = false

    init(_ text: String) {
        let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        for (index, word) in words.enumerated() {
            switch word {
            case "title", "headline": isTitle = true
            case "list": isList = true
            case "bullet", "bullets", "point", "points", "sentence", "sentences":
                if !word.hasPrefix("sentence") { isList = true }
                if index > 0, let number = Self.number(words[index - 1]) { count = number }
            default: break
            }
        }
    }

    func apply(to sentences: [String]) -> String {
        guard !sentences.isEmpty else { return OfflineAnswer.nothing }
        if isTitle { return Self.title(sentences[SentenceRank.mostCentral(sentences, count: 1)[0]]) }
        let chosen = SentenceRank.mostCentral(sentences, count: count).map { sentences[$0] }
        return isList ? chosen.map { "- " + $0 }.joined(separator: "\n") : chosen.joined(separator: " ")
    }

    private static func number(_ word: String) -> Int? {
        let number = Int(word) ?? numbers.firstIndex(of: word).map { $0 + 1 }
        return number.flatMap { (1...largestCount).contains($0) ? $0 : nil }
    }

    private static func title(_ sentence: String) -> String {
        let words = sentence.split(separator: " ")
        guard words.count <= OfflineAnswer.titleWords else {
            return words.prefix(OfflineAnswer.titleWords).joined(separator: " ") + "…"
        }
        return sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }
}

/// The offline model has no tokeniser: it estimates one token for each four bytes begun, and says so.
package enum OfflineTokens {
    static let bytesPerToken = 4

    package static func estimate(_ text: String) -> Int64 {
        Int64((text.utf8.count + bytesPerToken - 1) / bytesPerToken)
    }

    /// The longest beginning that is at most so many tokens and does not cut a character.
    static func prefix(of text: String, tokens: Int) -> String {
        let limit = tokens.multipliedReportingOverflow(by: bytesPerToken)
        guard !limit.overflow, text.utf8.count > limit.partialValue else { return text }
        var cut = ""
        var bytes = 0
        for character in text {
            bytes += character.utf8.count
            if bytes > limit.partialValue { break }
            cut.append(character)
        }
        return cut
    }
}
