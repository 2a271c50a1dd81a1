/// Symbol names as people read them.
///
/// Not the runtime's `swift_demangle`: a name of a few hundred bytes can be made that unfolds to gigabytes, and the
/// names are the plugin's. This reads only the path of a Swift name (module, types, function), in one pass, and
/// leaves its types away: `$s8Research7RankingV4sortyyF` is `Research.Ranking.sort`. Other names stay as they are.
enum SymbolName {
    static let maximumBytes = 200

    static func readable(_ name: [UInt8]) -> String {
        for prefix in ["$s", "_$s", "$S"] where name.starts(with: prefix.utf8) {
            var reader = SwiftPath(rest: name.dropFirst(prefix.utf8.count))
            let path = reader.path()
            if !path.isEmpty { return CrashPage.text(Array(path.joined(separator: [46]).prefix(maximumBytes))) }
        }
        return CrashPage.text(Array(name.prefix(maximumBytes)))
    }
}

/// The identifiers at the start of a mangled name (docs/ABI/Mangling.rst of the Swift project, "Identifiers").
private struct SwiftPath {
    private static let maximumWords = 26
    private static let maximumIdentifiers = 8

    var rest: ArraySlice<UInt8>
    private var words: [ArraySlice<UInt8>] = []

    init(rest: ArraySlice<UInt8>) { self.rest = rest }

    mutating func path() -> [[UInt8]] {
        var path: [[UInt8]] = []
        while path.count < Self.maximumIdentifiers, let first = rest.first, Self.isDigit(first) {
            guard let identifier = identifier() else { break }
            // A private declaration carries a digest of its file.
            if identifier.first != 95 || identifier.count != 33 { path.append(identifier) }
            // Kinds of types (structure, class, enumeration, protocol) are followed by what is inside them.
            if let kind = rest.first, "VCOP".utf8.contains(kind) { rest = rest.dropFirst() }
        }
        return path
    }

    /// A length and so many letters; or `0`, words that came before by their letter, and then letters again.
    private mutating func identifier() -> [UInt8]? {
        var result: [UInt8] = []
        var hasWords = false
        if rest.first == 48 {
            rest = rest.dropFirst()
            hasWords = true
        }
        repeat {
            while hasWords, let letter = rest.first, Self.isLetter(letter) {
                rest = rest.dropFirst()
                let isLast = letter < 97
                let index = Int(letter) - (isLast ? 65 : 97)
                guard words.indices.contains(index) else { return nil }
                result += words[index]
                if isLast { hasWords = false }
                guard result.count <= 1024 else { return nil }
            }
            if rest.first == 48 {
                rest = rest.dropFirst()
                break
            }
            guard let count = number(), count > 0, count <= rest.count else { return result.isEmpty ? nil : result }
            let part = rest.prefix(count)
            rest = rest.dropFirst(count)
            result += part
            note(part)
        } while hasWords
        return result
    }

    private mutating func number() -> Int? {
        var value = 0
        var found = false
        while let digit = rest.first, Self.isDigit(digit), value < 10_000 {
            value = value * 10 + Int(digit - 48)
            rest = rest.dropFirst()
            found = true
        }
        return found ? value : nil
    }

    /// Remembers the words of an identifier: later ones refer to them.
    private mutating func note(_ part: ArraySlice<UInt8>) {
        var start: Int?
        for index in part.startIndex...part.endIndex {
            let letter = index < part.endIndex ? part[index] : 0
            if let first = start, index > first, Self.endsWord(letter, after: part[index - 1]) {
                if index - first >= 2, words.count < Self.maximumWords { words.append(part[first..<index]) }
                start = nil
            }
            if start == nil, letter != 0, letter != 95, !Self.isDigit(letter) { start = index }
        }
    }

    private static func endsWord(_ letter: UInt8, after previous: UInt8) -> Bool {
        letter == 0 || letter == 95 || (isUpper(letter) && !isUpper(previous))
    }
    private static func isDigit(_ letter: UInt8) -> Bool { (48...57).contains(letter) }
    private static func isUpper(_ letter: UInt8) -> Bool { (65...90).contains(letter) }
    private static func isLetter(_ letter: UInt8) -> Bool { isUpper(letter) || (97...122).contains(letter) }
}
