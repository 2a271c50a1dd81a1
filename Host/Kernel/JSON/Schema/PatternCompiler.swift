/// Reads a pattern and writes its instructions, by recursive descent.
struct PatternCompiler {
    private static let maximumGroupDepth = 32
    private static let maximumRepetitions = 1_000

    private let scalars: [Unicode.Scalar]
    private var offset = 0
    private var depth = 0

    private init(_ source: String) { scalars = Array(source.unicodeScalars) }

    static func compile(_ source: String) throws(PatternError) -> [PatternInstruction] {
        var compiler = PatternCompiler(source)
        let program = try compiler.readAlternatives()
        guard compiler.offset == compiler.scalars.count else { throw PatternError("unexpected ')'") }
        return program + [.match]
    }

    // Instructions are written relative to their own fragment's start and moved when fragments are joined.

    private mutating func readAlternatives() throws(PatternError) -> [PatternInstruction] {
        var result = try readSequence()
        while take("|") {
            let other = try readSequence()
            let end = result.count + other.count + 2
            result =
                [.fork(1, result.count + 2)] + Self.moved(result, by: 1) + [.jump(end)]
                + Self.moved(other, by: result.count + 2)
            try Self.checkSize(result)
        }
        return result
    }

    private mutating func readSequence() throws(PatternError) -> [PatternInstruction] {
        var result = [PatternInstruction]()
        while let scalar = peek(), scalar != "|", scalar != ")" {
            let atom = try readAtom()
            result += Self.moved(try readRepetition(of: atom), by: result.count)
            try Self.checkSize(result)
        }
        return result
    }

    private mutating func readAtom() throws(PatternError) -> [PatternInstruction] {
        guard let scalar = peek() else { throw PatternError("unexpected end of the pattern") }
        offset += 1
        switch scalar {
        case "^": return [.start]
        case "$": return [.end]
        case ".": return [.scalar(ScalarSet(ranges: ScalarSet.lineEnds, isNegated: true))]
        case "(": return try readGroup()
        case "[": return [.scalar(try readClass())]
        case "\\": return [.scalar(ScalarSet(ranges: try readEscape(inClass: false)))]
        case "*", "+", "?": throw PatternError("nothing stands before '\(scalar)'")
        case "{", "}", "]": throw PatternError("'\(scalar)' must be escaped")
        default: return [.scalar(ScalarSet(ranges: [scalar.value...scalar.value]))]
        }
    }

    private mutating func readGroup() throws(PatternError) -> [PatternInstruction] {
        if take("?"), !take(":") { throw PatternError("look-around and named groups are not supported") }
        depth += 1
        guard depth <= Self.maximumGroupDepth else { throw PatternError("groups are nested too deeply") }
        let content = try readAlternatives()
        depth -= 1
        guard take(")") else { throw PatternError("a group is not closed") }
        return content
    }

    private mutating func readRepetition(
        of atom: [PatternInstruction]
    ) throws(PatternError) -> [PatternInstruction] {
        let minimum: Int
        let maximum: Int?
        switch peek() {
        case "*": (minimum, maximum) = (0, nil)
        case "+": (minimum, maximum) = (1, nil)
        case "?": (minimum, maximum) = (0, 1)
        case "{":
            offset += 1
            minimum = try readCount()
            maximum = take(",") ? (peek() == "}" ? nil : try readCount()) : minimum
            guard peek() == "}" else { throw PatternError("'}' was expected after a count") }
            if let maximum, maximum < minimum { throw PatternError("a repetition's bounds are reversed") }
        default: return atom
        }
        offset += 1
        _ = take("?")
        if let next = peek(), "*+?{".unicodeScalars.contains(next) {
            throw PatternError("a repetition follows a repetition")
        }
        return try Self.repeated(atom, minimum: minimum, maximum: maximum)
    }

    private static func repeated(
        _ atom: [PatternInstruction], minimum: Int, maximum: Int?
    ) throws(PatternError) -> [PatternInstruction] {
        var result = [PatternInstruction]()
        for _ in 0..<minimum {
            result += moved(atom, by: result.count)
            try checkSize(result)
        }
        guard let maximum else {
            let start = result.count
            let end = start + atom.count + 2
            return result + [.fork(start + 1, end)] + moved(atom, by: start + 1) + [.jump(start)]
        }
        for _ in minimum..<maximum {
            let start = result.count
            result += [.fork(start + 1, start + 1 + atom.count)] + moved(atom, by: start + 1)
            try checkSize(result)
        }
        return result
    }

    private mutating func readCount() throws(PatternError) -> Int {
        var digits = ""
        while let scalar = peek(), ("0"..."9").contains(scalar) {
            digits.unicodeScalars.append(scalar)
            offset += 1
        }
        guard let count = Int(digits), count <= Self.maximumRepetitions else {
            throw PatternError("a count from 0 to \(Self.maximumRepetitions) was expected")
        }
        return count
    }

    private mutating func readClass() throws(PatternError) -> ScalarSet {
        var set = ScalarSet(ranges: [], isNegated: take("^"))
        while let scalar = peek() {
            offset += 1
            if scalar == "]" { return set }
            let low = scalar == "\\" ? try readEscape(inClass: true) : [scalar.value...scalar.value]
            guard peek() == "-", offset + 1 < scalars.count, scalars[offset + 1] != "]" else {
                set.ranges += low
                continue
            }
            offset += 1
            let last = scalars[offset]
            offset += 1
            let high = last == "\\" ? try readEscape(inClass: true) : [last.value...last.value]
            guard low.count == 1, high.count == 1, low[0].count == 1, high[0].count == 1,
                low[0].lowerBound <= high[0].lowerBound
            else { throw PatternError("a range in a class is not in order") }
            set.ranges.append(low[0].lowerBound...high[0].lowerBound)
        }
        throw PatternError("a class is not closed")
    }

    private mutating func readEscape(inClass: Bool) throws(PatternError) -> [ClosedRange<UInt32>] {
        guard let scalar = peek() else { throw PatternError("the pattern ends in a backslash") }
        offset += 1
        switch scalar {
        case "d": return ScalarSet.digits
        case "w": return ScalarSet.words
        case "s": return ScalarSet.spaces
        case "D": return ScalarSet.complement(ScalarSet.digits)
        case "W": return ScalarSet.complement(ScalarSet.words)
        case "S": return ScalarSet.complement(ScalarSet.spaces)
        case "t": return [0x09...0x09]
        case "n": return [0x0A...0x0A]
        case "v": return [0x0B...0x0B]
        case "f": return [0x0C...0x0C]
        case "r": return [0x0D...0x0D]
        case "b" where inClass: return [0x08...0x08]
        case "u": return try readScalarEscape(digits: 4)
        case "x": return try readScalarEscape(digits: 2)
        case "0"..."9", "a"..."z", "A"..."Z": throw PatternError("the escape \\\(scalar) is not supported")
        default: return [scalar.value...scalar.value]
        }
    }

    private mutating func readScalarEscape(digits count: Int) throws(PatternError) -> [ClosedRange<UInt32>] {
        let digits = String(String.UnicodeScalarView(scalars[offset...].prefix(count)))
        guard digits.utf8.count == count, !digits.hasPrefix("+"), let value = UInt32(digits, radix: 16),
            Unicode.Scalar(value) != nil
        else { throw PatternError("\(count) hexadecimal digits of a scalar were expected") }
        offset += count
        return [value...value]
    }

    private static func moved(_ fragment: [PatternInstruction], by distance: Int) -> [PatternInstruction] {
        fragment.map { instruction in
            switch instruction {
            case .jump(let target): .jump(target + distance)
            case .fork(let first, let second): .fork(first + distance, second + distance)
            case .scalar, .start, .end, .match: instruction
            }
        }
    }

    private static func checkSize(_ program: [PatternInstruction]) throws(PatternError) {
        guard program.count < Pattern.maximumInstructions else { throw PatternError("the pattern is too large") }
    }

    private func peek() -> Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        offset += 1
        return true
    }
}
