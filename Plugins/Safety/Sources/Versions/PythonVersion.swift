/// PEP 440, with the spellings that it normalises: `v1.0-ALPHA.1`, `1.0-1` (a post-release), `1.0.0c2`.
struct PythonVersion: Hashable, Sendable, Comparable {
    private let epoch: Digits
    /// Without trailing zeros: 1.0 and 1.0.0 are the same.
    private let release: [Digits]
    /// Phase a, b or rc and its number.
    private let prerelease: Numbered?
    private let post: Digits?
    private let development: Digits?
    private let local: [LocalPart]

    private struct Numbered: Hashable, Comparable {
        var phase: Int
        var number: Digits
        static func < (left: Self, right: Self) -> Bool {
            left.phase != right.phase ? left.phase < right.phase : left.number < right.number
        }
    }

    /// In a local version label numbers come after words.
    private enum LocalPart: Hashable, Comparable {
        case word([UInt8])
        case number(Digits)
        static func < (left: Self, right: Self) -> Bool {
            switch (left, right) {
            case (.word(let left), .word(let right)): left.lexicographicallyPrecedes(right)
            case (.number(let left), .number(let right)): left < right
            case (.word, .number): true
            case (.number, .word): false
            }
        }
    }

    init?(_ text: String) {
        var cursor = Cursor(text)
        _ = cursor.take(anyOf: ["v"])
        guard let first = cursor.digits() else { return nil }
        var numbers = [first]
        if cursor.take(anyOf: ["!"]) != nil {
            epoch = first
            guard let major = cursor.digits() else { return nil }
            numbers = [major]
        } else {
            epoch = .zero
        }
        while let next = cursor.digits(after: ".") { numbers.append(next) }
        while numbers.count > 1, numbers.last == .zero { numbers.removeLast() }
        release = numbers
        prerelease = cursor.suffix(["alpha", "beta", "preview", "pre", "rc", "a", "b", "c"]).map { word, number in
            Numbered(phase: word.hasPrefix("a") ? 0 : word.hasPrefix("b") ? 1 : 2, number: number)
        }
        if let implicit = cursor.digits(after: "-") {
            post = implicit
        } else {
            post = cursor.suffix(["post", "rev", "r"])?.number
        }
        development = cursor.suffix(["dev"])?.number
        var parts: [LocalPart] = []
        if cursor.take(anyOf: ["+"]) != nil {
            repeat {
                let part = cursor.alphanumeric()
                guard !part.isEmpty else { return nil }
                parts.append(part.allSatisfy(Digits.isDigit) ? .number(Digits(part)) : .word(part))
            } while cursor.take(anyOf: [".", "-", "_"]) != nil
        }
        local = parts
        guard cursor.isAtEnd else { return nil }
    }

    /// Sorts as `packaging` does: dev before pre before final before post.
    private var key: (epoch: Digits, release: [Digits], pre: (Int, Digits), post: (Int, Digits), dev: (Int, Digits)) {
        let pre: (Int, Digits) =
            if let prerelease { (prerelease.phase, prerelease.number) } else if post == nil, development != nil {
                (-1, .zero)
            } else { (3, .zero) }
        return (
            epoch, release, pre, post.map { (1, $0) } ?? (0, .zero), development.map { (0, $0) } ?? (1, .zero)
        )
    }

    static func < (left: Self, right: Self) -> Bool {
        let (a, b) = (left.key, right.key)
        if a.epoch != b.epoch { return a.epoch < b.epoch }
        if a.release != b.release { return a.release.lexicographicallyPrecedes(b.release) }
        if a.pre != b.pre { return a.pre < b.pre }
        if a.post != b.post { return a.post < b.post }
        if a.dev != b.dev { return a.dev < b.dev }
        return left.local.lexicographicallyPrecedes(right.local)
    }

    /// PEP 503: runs of `-`, `_` and `.` are one `-`, and case does not count.
    static func normalizedName(_ name: String) -> String {
        name.lowercased().split(whereSeparator: { "-_.".contains($0) }).joined(separator: "-")
    }
}

/// Reads a version from its start, in lower case.
private struct Cursor {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        var bytes = Array(text.lowercased().utf8)[...]
        while bytes.first == 0x20 { bytes = bytes.dropFirst() }
        while bytes.last == 0x20 { bytes = bytes.dropLast() }
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(anyOf words: [String]) -> String? {
        guard let word = words.first(where: { rest.starts(with: $0.utf8) }) else { return nil }
        rest = rest.dropFirst(word.utf8.count)
        return word
    }

    mutating func digits() -> Digits? {
        let digits = rest.prefix(while: Digits.isDigit)
        guard !digits.isEmpty else { return nil }
        rest = rest[digits.endIndex...]
        return Digits(digits)
    }

    /// A separator and a number, or nothing.
    mutating func digits(after separator: String) -> Digits? {
        let before = rest
        guard take(anyOf: [separator]) != nil, let number = digits() else {
            rest = before
            return nil
        }
        return number
    }

    /// A word with an optional separator before it and another before its optional number.
    mutating func suffix(_ words: [String]) -> (word: String, number: Digits)? {
        let before = rest
        _ = take(anyOf: [".", "-", "_"])
        guard let word = take(anyOf: words) else {
            rest = before
            return nil
        }
        let afterWord = rest
        _ = take(anyOf: [".", "-", "_"])
        guard let number = digits() else {
            rest = afterWord
            return (word, .zero)
        }
        return (word, number)
    }

    mutating func alphanumeric() -> [UInt8] {
        let part = rest.prefix { Digits.isDigit($0) || (0x61...0x7A).contains($0) }
        rest = rest[part.endIndex...]
        return Array(part)
    }
}
