/// Finds function bodies without a parser: in Swift by the keyword and its braces, in C by the column of the braces.
enum Functions {
    struct Body: Equatable {
        var name: String
        /// The line of the declaration, from 1.
        var start: Int
        var lines: Int
    }

    static func bodies(in file: SourceFile) -> [Body] { file.isSwift ? swiftBodies(file.code) : cBodies(file.code) }

    private static func swiftBodies(_ code: [Substring]) -> [Body] {
        code.indices.compactMap { index in
            guard let name = declaredName(code[index]), let end = end(ofBodyFrom: index, in: code) else { return nil }
            return Body(name: name, start: index + 1, lines: end - index + 1)
        }
    }

    /// The name that a line declares with `func`, or `init`, `deinit`, `subscript`.
    private static func declaredName(_ line: Substring) -> String? {
        let words = line.trimmed.split(separator: " ")
        let leading: Set<Substring> = [
            "public", "package", "internal", "fileprivate", "private", "open", "static", "class", "final", "override",
            "mutating", "nonmutating", "convenience", "required", "nonisolated", "prefix", "postfix", "infix",
            "borrowing", "consuming",
        ]
        guard let first = words.firstIndex(where: { !leading.contains($0) && !$0.hasPrefix("@") }) else { return nil }
        if words[first] == "func" { return first + 1 < words.count ? nameOnly(words[first + 1]) : nil }
        let special = nameOnly(words[first])
        return ["init", "deinit", "subscript"].contains(special) ? special : nil
    }

    private static func nameOnly(_ word: Substring) -> String { String(word.prefix { $0 != "(" && $0 != "<" }) }

    /// The last line of the body, or nil for a requirement that has none.
    private static func end(ofBodyFrom start: Int, in code: [Substring]) -> Int? {
        var parentheses = 0
        var braces = 0
        var isInside = false
        for index in start..<code.count {
            if !isInside, index > start, parentheses == 0, declaredName(code[index]) != nil { return nil }
            for character in code[index] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                // A brace inside the parameter list belongs to a default value.
                case "{" where isInside || parentheses == 0:
                    isInside = true
                    braces += 1
                case "}" where isInside:
                    braces -= 1
                    if braces == 0 { return index }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
        }
        return nil
    }

    private static func cBodies(_ code: [Substring]) -> [Body] {
        var found: [Body] = []
        var declaration: Int?
        for (index, line) in code.enumerated() {
            if line.first == "}" {
                if let start = declaration {
                    let name = code[start].prefix { $0 != "(" }.split(separator: " ").last ?? ""
                    found.append(
                        Body(name: name.drop { $0 == "*" }.description, start: start + 1, lines: index - start + 1))
                }
                declaration = nil
            } else if let first = line.first, first.isLetter || first == "_", line.contains("("),
                !line.hasPrefix("typedef"), !line.contains(";")
            {
                declaration = index
            } else if line.first?.isLetter == true {
                declaration = nil
            }
        }
        return found
    }
}
