/// Blanks comments and string literals of Swift or C source, keeping every line's length in bytes and all line ends.
/// Code inside Swift's string interpolation stays visible. Regex literals are not known: the tree has none that
/// holds a quote.
struct SourceMask {
    private let bytes: [UInt8]
    private var output: [UInt8]
    private var position = 0
    private let isSwift: Bool

    static func blank(_ text: String, isSwift: Bool) -> String {
        var mask = SourceMask(bytes: Array(text.utf8), isSwift: isSwift)
        mask.code(untilParenthesis: false)
        return String(decoding: mask.output, as: UTF8.self)
    }

    private init(bytes: [UInt8], isSwift: Bool) {
        self.bytes = bytes
        self.output = bytes
        self.isSwift = isSwift
    }

    private func at(_ offset: Int) -> UInt8 { position + offset < bytes.count ? bytes[position + offset] : 0 }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { prefix in prefix.indices.allSatisfy { at($0) == prefix[$0] } }
    }

    private mutating func hide(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] != UInt8(ascii: "\n") { output[position] = UInt8(ascii: " ") }
            position += 1
        }
    }

    /// Passes code; inside an interpolation, up to and with the parenthesis that closes it.
    private mutating func code(untilParenthesis: Bool) {
        var depth = 0
        while position < bytes.count {
            if starts(with: "//") {
                while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { hide() }
            } else if starts(with: "/*") {
                blockComment()
            } else if at(0) == UInt8(ascii: "\"") || (isSwift && at(0) == UInt8(ascii: "#") && isRawString) {
                string()
            } else if !isSwift, at(0) == UInt8(ascii: "'") {
                character()
            } else {
                if at(0) == UInt8(ascii: "(") { depth += 1 }
                if at(0) == UInt8(ascii: ")") {
                    depth -= 1
                    if untilParenthesis, depth < 0 { return hide() }
                }
                position += 1
            }
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth = isSwift ? depth + 1 : 1
                hide(2)
            } else if starts(with: "*/") {
                depth -= 1
                hide(2)
            } else {
                hide()
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func character() {
        hide()
        while position < bytes.count, at(0) != UInt8(ascii: "'"), at(0) != UInt8(ascii: "\n") {
            hide(at(0) == UInt8(ascii: "\\") ? 2 : 1)
        }
        hide()
    }

    private var isRawString: Bool {
        var offset = 0
        while at(offset) == UInt8(ascii: "#") { offset += 1 }
        return at(offset) == UInt8(ascii: "\"")
    }

    private func hasHashes(_ count: Int, after offset: Int) -> Bool {
        (0..<count).allSatisfy { at(offset + $0) == UInt8(ascii: "#") }
    }

    private mutating func string() {
        var hashes = 0
        while at(0) == UInt8(ascii: "#") {
            hashes += 1
            hide()
        }
        let quotes = isSwift && starts(with: "\"\"\"") ? 3 : 1
        hide(quotes)
        while position < bytes.count {
            let closes = (0..<quotes).allSatisfy { at($0) == UInt8(ascii: "\"") }
            if closes, hasHashes(hashes, after: quotes) { return hide(quotes + hashes) }
            if quotes == 1, at(0) == UInt8(ascii: "\n") { return }
            guard at(0) == UInt8(ascii: "\\"), hasHashes(hashes, after: 1) else {
                hide()
                continue
            }
            hide(1 + hashes)
            if isSwift, at(0) == UInt8(ascii: "(") {
                hide()
                code(untilParenthesis: true)
            } else {
                hide()
            }
        }
    }
}
