/// Size and complexity of one file, from its text alone.
struct CodeMetrics: Hashable, Sendable {
    /// Lines that hold more than blanks and comments.
    var codeLines = 0
    /// 1 + branch words and signs outside of comments and strings: McCabe's decisions counted for the whole file
    /// ("A Complexity Measure", 1976), without parsing.
    var complexity = 1
    /// Deepest level of indentation, in the file's own unit. Indentation stands for complexity across languages:
    /// Hindle, Godfrey & Holt, "Reading Beside the Lines", ICPC 2008; Tornhill, "Your Code as a Crime Scene", 2015.
    var deepestIndentation = 0
    /// Sum of the levels of all lines of code.
    var totalIndentation = 0

    init(_ text: String, language: Language) {
        var scanner = CodeScanner(language: language)
        let code = scanner.code(of: Array(text.utf8))
        var indents: [Int] = []
        for line in code.split(separator: 0x0A) {
            guard line.contains(where: { $0 > 0x20 }) else { continue }
            codeLines += 1
            indents.append(Self.columns(line))
        }
        complexity += Self.branches(code, language)
        let unit = Self.unit(of: indents)
        let levels = indents.map { $0 / unit }
        deepestIndentation = levels.max() ?? 0
        totalIndentation = levels.reduce(0, +)
    }

    /// The most frequent step to the right; lines that continue a statement step by odd amounts, but less often.
    private static func unit(of indents: [Int]) -> Int {
        let steps = zip(indents.dropFirst(), indents).map { $0 - $1 }.filter { $0 > 1 }
        let counts = steps.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 4
    }

    /// A tab counts as four columns.
    private static func columns(_ line: ArraySlice<UInt8>) -> Int {
        line.prefix { $0 == 0x20 || $0 == 0x09 }.reduce(0) { $0 + ($1 == 0x09 ? 4 : 1) }
    }

    private static func branches(_ code: [UInt8], _ language: Language) -> Int {
        let words = code.split { byte in
            let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
            return !(isLetter || (byte >= 0x30 && byte <= 0x39) || byte == 0x5F || byte >= 0x80)
        }
        let count = words.count { word in
            word.count <= 12 && language.branchWords.contains(String(decoding: word, as: UTF8.self))
        }
        // All branch signs are one byte twice.
        let signs = Set(language.branchSigns.compactMap(\.utf8.first))
        var doubled = 0
        var index = 0
        while index + 1 < code.count {
            if code[index] == code[index + 1], signs.contains(code[index]) {
                doubled += 1
                index += 1
            }
            index += 1
        }
        return count + doubled
    }
}

/// Takes comments out of a text, and what stands in strings. Triple quotes and backquotes go over lines; other quotes
/// end with their line, so an apostrophe in odd places costs one line at most.
private struct CodeScanner {
    private let lineComments: [[UInt8]]
    private let blockComment: (open: [UInt8], close: [UInt8])?
    private let quotes: Set<UInt8>

    init(language: Language) {
        lineComments = language.lineComments.map { Array($0.utf8) }
        blockComment = language.blockComment.map { (Array($0.open.utf8), Array($0.close.utf8)) }
        quotes = Set(language.quotes.compactMap(\.asciiValue))
    }

    /// The text with the same lines; a string is left as its quotes, so that a line with only a string is code.
    mutating func code(of text: [UInt8]) -> [UInt8] {
        var code: [UInt8] = []
        code.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if lineComments.contains(where: { Self.has($0, in: text, at: index) }) {
                while index < text.count, text[index] != 0x0A { index += 1 }
            } else if let block = blockComment, Self.has(block.open, in: text, at: index) {
                index += block.open.count
                while index < text.count, !Self.has(block.close, in: text, at: index) {
                    if text[index] == 0x0A { code.append(0x0A) }
                    index += 1
                }
                index += block.close.count
            } else if quotes.contains(text[index]) {
                index = skipString(text, from: index, into: &code)
            } else {
                code.append(text[index])
                index += 1
            }
        }
        return code
    }

    private func skipString(_ text: [UInt8], from start: Int, into code: inout [UInt8]) -> Int {
        let quote = text[start]
        let triple = [quote, quote, quote]
        let isLong = Self.has(triple, in: text, at: start) || quote == UInt8(ascii: "`")
        let end = quote == UInt8(ascii: "`") ? [quote] : isLong ? triple : [quote]
        code.append(quote)
        var index = start + end.count
        while index < text.count {
            if Self.has(end, in: text, at: index) { return index + end.count }
            if text[index] == 0x0A {
                if !isLong { return index }
                code += [0x0A, quote]
            }
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return text.count
    }

    private static func has(_ wanted: [UInt8], in text: [UInt8], at index: Int) -> Bool {
        guard index + wanted.count <= text.count else { return false }
        for offset in wanted.indices where text[index + offset] != wanted[offset] { return false }
        return true
    }
}
