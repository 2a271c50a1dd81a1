/// Semantic Versioning 2.0.0 §11, read leniently as registries do: a leading `v` and missing minor or patch numbers
/// are accepted, build metadata is ignored.
struct SemanticVersion: Hashable, Sendable, Comparable {
    private let release: [Digits]
    private let prerelease: [[UInt8]]

    init?(_ text: String) {
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "v") || bytes.first == UInt8(ascii: "V") { bytes = bytes.dropFirst() }
        bytes = bytes.prefix { $0 != UInt8(ascii: "+") }
        let dash = bytes.firstIndex(of: UInt8(ascii: "-")) ?? bytes.endIndex
        let numbers = bytes[..<dash].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...3).contains(numbers.count), numbers.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Digits.isDigit) })
        else { return nil }
        release = numbers.map { Digits($0) } + Array(repeating: Digits.zero, count: 3 - numbers.count)
        guard dash < bytes.endIndex else {
            prerelease = []
            return
        }
        let parts = bytes[(dash + 1)...].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isAllowed) }) else { return nil }
        prerelease = parts.map { part in
            part.allSatisfy(Digits.isDigit) ? (Digits(part).bytes.isEmpty ? [0x30] : Digits(part).bytes) : Array(part)
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        Digits.isDigit(byte) || byte == 0x2D || (0x61...0x7A).contains(byte | 0x20)
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.release != right.release { return left.release.lexicographicallyPrecedes(right.release) }
        // A prerelease comes before its release.
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        for (left, right) in zip(left.prerelease, right.prerelease) where left != right {
            let isNumber = (left.allSatisfy(Digits.isDigit), right.allSatisfy(Digits.isDigit))
            switch isNumber {
            case (true, true): return Digits(left) < Digits(right)
            case (true, false): return true
            case (false, true): return false
            case (false, false): return left.lexicographicallyPrecedes(right)
            }
        }
        return left.prerelease.count < right.prerelease.count
    }
}
