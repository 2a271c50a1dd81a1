/// A version of Semantic Versioning 2.0.0, ordered by its §11. Build metadata says nothing about the order.
package struct SemanticVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    package enum Identifier: Hashable, Sendable {
        case number(UInt64)
        case text(String)
    }

    package let description: String
    private let core: [UInt64]
    private let preRelease: [Identifier]

    /// Nil for what the standard's grammar does not allow.
    package init?(_ text: String) {
        guard text.utf8.count <= 128, text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let withoutBuild = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if withoutBuild.count == 2, Self.identifiers(withoutBuild[1], numbersMayStartWithZero: true) == nil {
            return nil
        }
        let parts = withoutBuild[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(Self.number)
        guard numbers.count == 3, !numbers.contains(nil) else { return nil }
        core = numbers.compactMap { $0 }
        if parts.count == 2 {
            guard let list = Self.identifiers(parts[1], numbersMayStartWithZero: false) else { return nil }
            preRelease = list
        } else {
            preRelease = []
        }
        description = text
    }

    package static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(core)
        hasher.combine(preRelease)
    }

    package static func < (left: Self, right: Self) -> Bool {
        if left.core != right.core { return left.core.lexicographicallyPrecedes(right.core) }
        if left.preRelease.isEmpty || right.preRelease.isEmpty {
            return !left.preRelease.isEmpty && right.preRelease.isEmpty
        }
        return left.preRelease.lexicographicallyPrecedes(right.preRelease) { precedes($0, $1) }
    }

    /// Numbers before texts, numbers by value, texts by their ASCII bytes.
    private static func precedes(_ left: Identifier, _ right: Identifier) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a < b
        case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
        case (.number, .text): true
        case (.text, .number): false
        }
    }

    private static func identifiers(_ text: Substring, numbersMayStartWithZero: Bool) -> [Identifier]? {
        var list: [Identifier] = []
        for part in text.split(separator: ".", omittingEmptySubsequences: false) {
            let isFine =
                !part.isEmpty
                && part.utf8.allSatisfy { 48...57 ~= $0 || 65...90 ~= $0 || 97...122 ~= $0 || $0 == 45 }
            guard isFine else { return nil }
            if part.utf8.allSatisfy({ 48...57 ~= $0 }), !numbersMayStartWithZero {
                guard let number = number(part) else { return nil }
                list.append(.number(number))
            } else {
                list.append(.text(String(part)))
            }
        }
        return list
    }

    private static func number(_ text: Substring) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ 48...57 ~= $0 }), text == "0" || !text.hasPrefix("0") else {
            return nil
        }
        return UInt64(text)
    }
}
