/// A regular expression that takes time linear in its text, whatever the pattern: schemas come from plugin authors
/// and texts from anyone, so a matcher that backtracks would let either stop the host.
///
/// The dialect is the common core of ECMA-262 over Unicode scalars: literals, `.`, classes with ranges and negation,
/// `\d \w \s` and their negations (ASCII digits and words), the usual escapes and `\uXXXX`, `^`, `$`, groups,
/// alternatives, and `* + ? {n} {n,} {n,m}` (also their lazy forms, which match the same texts). Back-references
/// and look-around are refused. Like JSON Schema's `pattern`, a match may be anywhere in the text.
///
/// The method is Thompson's: the pattern becomes a list of instructions, and all threads through it advance together
/// (Ken Thompson, "Regular Expression Search Algorithm", 1968).
package struct Pattern: Hashable, Sendable {
    /// Counted repetitions are unrolled; this bounds the product of nested ones.
    package static let maximumInstructions = 4_096

    package let source: String
    private let program: [PatternInstruction]

    /// Matching takes at most this many steps for each scalar of the text.
    package var instructionCount: Int { program.count }

    package init(_ source: String) throws(PatternError) {
        self.source = source
        program = try PatternCompiler.compile(source)
    }

    /// Whether some part of `text` matches.
    package func matches(_ text: String) -> Bool {
        var current = PatternThreads(count: program.count)
        var next = PatternThreads(count: program.count)
        let scalars = Array(text.unicodeScalars)
        for position in 0...scalars.count {
            // A thread starts at every position: the match is not anchored.
            if advance(from: 0, at: position, of: scalars.count, into: &current) { return true }
            guard position < scalars.count else { return false }
            for instruction in current.list {
                guard case .scalar(let set) = program[instruction], set.contains(scalars[position]) else { continue }
                if advance(from: instruction + 1, at: position + 1, of: scalars.count, into: &next) { return true }
            }
            swap(&current, &next)
            next.removeAll()
        }
        return false
    }

    /// Follows everything that consumes nothing; true when the end of the pattern is reached.
    private func advance(
        from start: Int, at position: Int, of end: Int, into threads: inout PatternThreads
    ) -> Bool {
        var pending = [start]
        while let instruction = pending.popLast() {
            guard threads.insert(instruction) else { continue }
            switch program[instruction] {
            case .match: return true
            case .scalar: break
            case .start: if position == 0 { pending.append(instruction + 1) }
            case .end: if position == end { pending.append(instruction + 1) }
            case .jump(let target): pending.append(target)
            case .fork(let first, let second):
                pending.append(first)
                pending.append(second)
            }
        }
        return false
    }
}

package struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String
    package var description: String { message }
    init(_ message: String) { self.message = message }
}

enum PatternInstruction: Hashable, Sendable {
    case scalar(ScalarSet)
    case start
    case end
    case jump(Int)
    case fork(Int, Int)
    case match
}

/// Scalars by ranges, perhaps negated.
struct ScalarSet: Hashable, Sendable {
    var ranges: [ClosedRange<UInt32>]
    var isNegated = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        ranges.contains { $0.contains(scalar.value) } != isNegated
    }

    static let all: ClosedRange<UInt32> = 0...0x10FFFF
    static let lineEnds: [ClosedRange<UInt32>] = [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]
    static let digits: [ClosedRange<UInt32>] = [48...57]
    static let words: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
    static let spaces: [ClosedRange<UInt32>] = [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ]

    /// What lies between ranges that are sorted and disjoint.
    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result = [ClosedRange<UInt32>]()
        var low: UInt32 = 0
        for range in ranges {
            if range.lowerBound > low { result.append(low...range.lowerBound - 1) }
            low = range.upperBound + 1
        }
        return low <= all.upperBound ? result + [low...all.upperBound] : result
    }
}

/// A set of instructions that remembers the order of insertion.
private struct PatternThreads {
    private(set) var list = [Int]()
    private var present: [Bool]

    init(count: Int) { present = Array(repeating: false, count: count) }

    mutating func insert(_ instruction: Int) -> Bool {
        guard !present[instruction] else { return false }
        present[instruction] = true
        list.append(instruction)
        return true
    }

    mutating func removeAll() {
        for instruction in list { present[instruction] = false }
        list.removeAll(keepingCapacity: true)
    }
}
