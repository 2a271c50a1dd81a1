/// A licence expression of SPDX 2.3, annex D: `(MIT OR Apache-2.0) AND BSD-3-Clause`, `GPL-2.0-only WITH
/// Classpath-exception-2.0`. OR binds weaker than AND, AND weaker than WITH.
indirect enum LicenceExpression: Hashable {
    case licence(id: String, exception: String?)
    case all(LicenceExpression, LicenceExpression)
    case any(LicenceExpression, LicenceExpression)

    /// Nil where the text is no such expression; at most 100 operators and brackets.
    init?(_ text: String) {
        var parser = Parser(text)
        guard let found = parser.any(0), parser.isAtEnd else { return nil }
        self = found
    }

    /// Each way to satisfy the expression, as the licences that then hold together; at most 64.
    var choices: [[String]] {
        switch self {
        case .licence(let id, let exception): return [[exception.map { "\(id) WITH \($0)" } ?? id]]
        case .any(let left, let right): return Array((left.choices + right.choices).prefix(64))
        case .all(let left, let right):
            return Array(left.choices.flatMap { first in right.choices.map { first + $0 } }.prefix(64))
        }
    }

    private struct Parser {
        private let tokens: [String]
        private var position = 0

        init(_ text: String) {
            var tokens: [String] = [], word = ""
            func flush() { if !word.isEmpty { tokens.append(word); word = "" } }
            for character in text {
                switch character {
                case "(", ")": flush(); tokens.append(String(character))
                // Older package.json and Cargo files write "MIT/Apache-2.0" for OR.
                case "/": flush(); tokens.append("OR")
                case " ", "\t", "\n": flush()
                default: word.append(character)
                }
            }
            flush()
            self.tokens = tokens.count <= 200 ? tokens : []
        }

        var isAtEnd: Bool { position == tokens.count && !tokens.isEmpty }

        private mutating func takes(_ word: String) -> Bool {
            guard position < tokens.count, tokens[position].uppercased() == word else { return false }
            position += 1
            return true
        }

        mutating func any(_ depth: Int) -> LicenceExpression? {
            guard var left = all(depth) else { return nil }
            while takes("OR") {
                guard let right = all(depth) else { return nil }
                left = .any(left, right)
            }
            return left
        }

        private mutating func all(_ depth: Int) -> LicenceExpression? {
            guard var left = simple(depth) else { return nil }
            while takes("AND") {
                guard let right = simple(depth) else { return nil }
                left = .all(left, right)
            }
            return left
        }

        private mutating func simple(_ depth: Int) -> LicenceExpression? {
            if takes("(") {
                guard depth < 50, let inner = any(depth + 1), takes(")") else { return nil }
                return inner
            }
            guard let id = identifier() else { return nil }
            guard takes("WITH") else { return .licence(id: id, exception: nil) }
            return identifier().map { .licence(id: id, exception: $0) }
        }

        private mutating func identifier() -> String? {
            guard position < tokens.count, !["(", ")", "AND", "OR", "WITH"].contains(tokens[position].uppercased()),
                tokens[position].utf8.allSatisfy({ byte in
                    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                        || "-.+:".utf8.contains(byte)
                })
            else { return nil }
            position += 1
            return tokens[position - 1]
        }
    }
}
