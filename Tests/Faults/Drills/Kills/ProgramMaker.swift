import Kernel
import TestSupport

/// A random program for the department in `Tests/Faults/Program`, with what must come of it.
struct MadeProgram {
    var name: String
    var lines: [JSONValue]
    /// Lines that come to a good end; a range, since people decide or do not.
    var done: ClosedRange<Int>
    var throwsAtEnd: Bool
    /// How often each counter of the state is raised, by the name of the program that does it.
    var bumps: [String: Int]
    var kills: Bool

    var input: JSONValue { ["name": .string(name), "lines": .array(lines)] }
}

struct ProgramMaker {
    private static let maximumDepth = 2
    private static let maximumLines = 5

    var random: SplitMix64

    /// Ends with a line that kills the process whenever it is reached.
    mutating func makeKiller(_ name: String) -> MadeProgram {
        MadeProgram(
            name: name, lines: [["do": "step"], ["do": "crash"]], done: 0...0, throwsAtEnd: false, bumps: [:],
            kills: true)
    }

    mutating func make(_ name: String, depth: Int = 0) -> MadeProgram {
        var program = MadeProgram(name: name, lines: [], done: 0...0, throwsAtEnd: false, bumps: [:], kills: false)
        for index in 0..<Int.random(in: 1...Self.maximumLines, using: &random) {
            add(to: &program, index, depth)
            if program.throwsAtEnd { break }
        }
        return program
    }

    private mutating func add(to program: inout MadeProgram, _ index: Int, _ depth: Int) {
        var (least, most) = (1, 1)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<35: program.lines.append(["do": "call"])
        case ..<50: program.lines.append(["do": "step"])
        case ..<70:
            program.lines.append(["do": "bump"])
            program.bumps[program.name, default: 0] += 1
        case ..<80:
            program.lines.append(["do": "sleep", "ms": .integer(Int64.random(in: 1...400, using: &random))])
        case ..<90 where depth < Self.maximumDepth:
            let child = make("\(program.name).\(index)", depth: depth + 1)
            program.lines.append(["do": "child", "program": .array(child.lines)])
            program.bumps.merge(child.bumps) { $1 }
            (least, most) = child.throwsAtEnd ? (0, 0) : (child.done.lowerBound, child.done.upperBound)
        case ..<94:
            program.lines.append(["do": "approval"])
            (least, most) = (0, 1)
        case ..<97:
            program.lines.append(["do": "throw"])
            program.throwsAtEnd = true
            return
        default: program.lines.append(["do": "step"])
        }
        program.done = program.done.lowerBound + least...program.done.upperBound + most
    }
}
