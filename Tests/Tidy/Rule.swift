/// Something that a rule refuses, in the form that editors can jump to.
struct Finding: Hashable, CustomStringConvertible {
    var path: String
    var line: Int
    var text: String
    var description: String { "\(path):\(line): \(text)" }
}

/// One rule over one file.
struct Rule: Sendable, CustomStringConvertible {
    let name: String
    let applies: @Sendable (SourceFile) -> Bool
    /// Line numbers from 1, and what is wrong there.
    let check: @Sendable (SourceFile) -> [(line: Int, text: String)]

    var description: String { name }

    func findings(in file: SourceFile) -> [Finding] {
        guard applies(file) else { return [] }
        return check(file).map { Finding(path: file.path, line: $0.line, text: $0.text) }
    }

    /// A rule that looks at each line of code alone.
    static func eachLine(
        _ name: String, of lines: @escaping @Sendable (SourceFile) -> [Substring] = \.code,
        where applies: @escaping @Sendable (SourceFile) -> Bool, _ check: @escaping @Sendable (Substring) -> String?
    ) -> Rule {
        Rule(name: name, applies: applies) { file in
            lines(file).enumerated().compactMap { index, line in check(line).map { (index + 1, $0) } }
        }
    }
}

extension Substring {
    /// Where `word` stands by itself: not inside a longer identifier, and not as a member after a dot.
    func occurrences(of word: String) -> [Index] {
        var found: [Index] = []
        var start = startIndex
        while let range = self[start...].firstRange(of: word) {
            let before = range.lowerBound == startIndex ? " " : self[index(before: range.lowerBound)]
            let after = range.upperBound == endIndex ? " " : self[range.upperBound]
            let opensWord = word.first.map(Self.isWord) ?? false
            let closesWord = word.last.map(Self.isWord) ?? false
            if !(opensWord && (Self.isWord(before) || before == ".")), !(closesWord && Self.isWord(after)) {
                found.append(range.lowerBound)
            }
            start = range.upperBound
        }
        return found
    }

    func has(_ word: String) -> Bool { !occurrences(of: word).isEmpty }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    var trimmed: Substring { drop { $0 == " " } }
}
