/// Makes a prompt fit into a length without losing what must stay.
///
/// The seed's rule keeps lines that begin with "You are" or "Please" and the last 20 lines, and then cuts at the
/// length: a long prompt loses its guard rails, or ends in the middle of a word. Here pinned sections stay whole, or
/// the prompt is refused.
package enum PromptFit {
    package struct Section: Hashable, Sendable {
        package var text: String
        /// Never dropped and never cut.
        package var isPinned: Bool

        package init(_ text: String, isPinned: Bool = false) {
            self.text = text
            self.isPinned = isPinned
        }
    }

    package struct Result: Hashable, Sendable {
        package var text: String
        package var droppedLines: Int
    }

    package static let seedLength = 4_000
    private static let seedRecentLines = 20

    /// The seed's `optimize_prompt`, exactly, in Unicode scalars as its language counts.
    package static func seed(_ prompt: String, maximumLength: Int = seedLength) -> String {
        let scalars = prompt.unicodeScalars
        if scalars.count <= maximumLength { return prompt }
        let lines = prompt.split(separator: "\n", omittingEmptySubsequences: false)
        let instructions = lines.filter { $0.hasPrefix("You are") || $0.hasPrefix("Please") }
        let text = (instructions + lines.suffix(seedRecentLines)).joined(separator: "\n")
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(maximumLength)))
    }

    /// Pinned sections and instructions whole, then of the rest as many of the newest lines as fit, in their order.
    /// Repeated blank lines go first. Where lines are left out, one line says how many.
    ///
    /// - Parameter maximumBytes: of UTF-8, an upper bound of tokens for all known tokenizers but for compatibility
    ///   characters.
    /// - Returns: nil when what must stay does not fit.
    package static func fit(_ sections: [Section], maximumBytes: Int) -> Result? {
        var lines = sections.flatMap { section in
            section.text.split(separator: "\n", omittingEmptySubsequences: false).map {
                Line(text: String($0), stays: section.isPinned || isInstruction($0))
            }
        }
        if bytes(lines) <= maximumBytes { return Result(text: joined(lines), droppedLines: 0) }
        lines = withoutRepeatedBlanks(lines)
        if bytes(lines) <= maximumBytes { return Result(text: joined(lines), droppedLines: 0) }
        let count = lines.count
        // The note is as long as it can get.
        var room = maximumBytes - bytes(lines.filter(\.stays)) - note(count).utf8.count - 1
        guard room >= 0 else { return nil }
        var kept = Set<Int>()
        for index in lines.indices.reversed() where !lines[index].stays {
            room -= lines[index].text.utf8.count + 1
            guard room >= 0 else { break }
            kept.insert(index)
        }
        let first = lines.indices.first { !lines[$0].stays && !kept.contains($0) }
        let dropped = lines.indices.count { !lines[$0].stays && !kept.contains($0) }
        var result: [String] = []
        for index in lines.indices {
            if index == first { result.append(note(dropped)) }
            if lines[index].stays || kept.contains(index) { result.append(lines[index].text) }
        }
        return Result(text: result.joined(separator: "\n"), droppedLines: dropped)
    }

    private struct Line {
        var text: String
        var stays: Bool
    }

    private static func isInstruction(_ line: Substring) -> Bool {
        line.hasPrefix("You are") || line.hasPrefix("Please")
    }
    private static func note(_ lines: Int) -> String { "[\(lines) lines left out]" }
    private static func bytes(_ lines: [Line]) -> Int { max(0, lines.reduce(-1) { $0 + $1.text.utf8.count + 1 }) }
    private static func joined(_ lines: [Line]) -> String { lines.map(\.text).joined(separator: "\n") }

    private static func withoutRepeatedBlanks(_ lines: [Line]) -> [Line] {
        var result: [Line] = []
        for line in lines {
            let repeats =
                !line.stays && line.text.allSatisfy(\.isWhitespace)
                && result.last.map { last in
                    last.text.allSatisfy(\.isWhitespace)
                } ?? false
            if !repeats { result.append(line) }
        }
        return result
    }
}
