/// A QR code (ISO/IEC 18004) of bytes, with error correction of level M: sizes 1 to 20, which hold up to 666 bytes.
package struct QRCode: Hashable, Sendable {
    /// By size.
    private static let correctionPerBlock = [
        0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
    ]
    private static let blocks = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16]
    private static let largest = 20
    /// The margin that readers need.
    private static let quietModules = 4

    /// Modules on one side.
    package let size: Int
    /// Row by row; true is dark.
    package private(set) var modules: [Bool]
    /// Finders, timing, alignment, format and version: what no mask touches.
    private var isFunction: [Bool]
    private let version: Int

    /// Nil for more than fits.
    package init?(_ bytes: [UInt8]) {
        let fitting = (1...Self.largest).first { version in
            let lengthBits = version < 10 ? 8 : 16
            return 4 + lengthBits + 8 * bytes.count <= 8 * Self.dataBytes(version)
        }
        guard let fitting else { return nil }
        version = fitting
        size = 17 + 4 * fitting
        modules = Array(repeating: false, count: size * size)
        isFunction = modules
        drawFunctions()
        place(Self.interleaved(Self.codewords(bytes, fitting), fitting))
        chooseMask()
    }

    package func isDark(_ x: Int, _ y: Int) -> Bool { modules[y * size + x] }

    // MARK: Words

    /// Bits of data and correction, without the patterns.
    private static func rawBits(_ version: Int) -> Int {
        var bits = (16 * version + 128) * version + 64
        guard version >= 2 else { return bits }
        let alignments = version / 7 + 2
        bits -= (25 * alignments - 10) * alignments - 55
        return version >= 7 ? bits - 36 : bits
    }

    private static func dataBytes(_ version: Int) -> Int {
        rawBits(version) / 8 - correctionPerBlock[version] * blocks[version]
    }

    /// Mode, length, the bytes, and what fills up.
    private static func codewords(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        var bits: [Bool] = []
        func append(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        append(4, 4)
        append(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { append(Int(byte), 8) }
        let capacity = 8 * dataBytes(version)
        append(0, min(4, capacity - bits.count))
        append(0, (8 - bits.count % 8) % 8)
        var words = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        var pad: UInt8 = 0xEC
        while words.count < capacity / 8 {
            words.append(pad)
            pad ^= 0xEC ^ 0x11
        }
        return words
    }

    /// In blocks with their correction, the words of all blocks in turn.
    private static func interleaved(_ data: [UInt8], _ version: Int) -> [UInt8] {
        let count = blocks[version], correction = correctionPerBlock[version], raw = rawBits(version) / 8
        let shortLength = raw / count - correction, shortBlocks = count - raw % count
        let divisor = generator(correction)
        var parts: [[UInt8]] = [], corrections: [[UInt8]] = []
        var start = 0
        for index in 0..<count {
            let length = shortLength + (index < shortBlocks ? 0 : 1)
            let part = Array(data[start..<start + length])
            start += length
            parts.append(part)
            corrections.append(remainder(part, divisor))
        }
        var words: [UInt8] = []
        for index in 0...shortLength {
            for part in parts where index < part.count { words.append(part[index]) }
        }
        for index in 0..<correction {
            for part in corrections { words.append(part[index]) }
        }
        return words
    }

    // MARK: Reed–Solomon over GF(2^8) with x^8 + x^4 + x^3 + x^2 + 1

    private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for bit in (0..<8).reversed() {
            let carry = result >> 7
            result = (result << 1) ^ (carry * 0x1D)
            if right >> UInt8(bit) & 1 == 1 { result ^= left }
        }
        return result
    }

    private static func generator(_ degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                result[index] = product(result[index], root)
                if index + 1 < degree { result[index] ^= result[index + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    private static func remainder(_ data: [UInt8], _ divisor: [UInt8]) -> [UInt8] {
        var rest = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ rest.removeFirst()
            rest.append(0)
            for index in divisor.indices { rest[index] ^= product(divisor[index], factor) }
        }
        return rest
    }

    // MARK: Patterns

    private mutating func set(_ x: Int, _ y: Int, _ isDark: Bool) {
        modules[y * size + x] = isDark
        isFunction[y * size + x] = true
    }

    private mutating func drawFunctions() {
        for index in 0..<size {
            set(6, index, index % 2 == 0)
            set(index, 6, index % 2 == 0)
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] { drawSquare(x, y, reach: 4) { $0 != 2 && $0 != 4 } }
        let positions = Self.alignments(version, size)
        for (row, y) in positions.enumerated() {
            for (column, x) in positions.enumerated() {
                let last = positions.count - 1
                if [(0, 0), (0, last), (last, 0)].contains(where: { $0 == (row, column) }) { continue }
                drawSquare(x, y, reach: 2) { $0 != 1 }
            }
        }
        drawFormat(mask: 0)
        drawVersion()
    }

    /// Rings around a centre.
    private mutating func drawSquare(_ x: Int, _ y: Int, reach: Int, _ isDark: (Int) -> Bool) {
        for dy in -reach...reach {
            for dx in -reach...reach where (0..<size).contains(x + dx) && (0..<size).contains(y + dy) {
                set(x + dx, y + dy, isDark(max(abs(dx), abs(dy))))
            }
        }
    }

    private static func alignments(_ version: Int, _ size: Int) -> [Int] {
        guard version > 1 else { return [] }
        let count = version / 7 + 2
        let step = (version * 4 + count * 2 + 1) / (count * 2 - 2) * 2
        return [6] + (0..<count - 1).map { size - 7 - $0 * step }.reversed()
    }

    /// Level M has the number 0; with a BCH code, twice.
    private mutating func drawFormat(mask: Int) {
        var rest = mask
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (mask << 10 | rest) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { set(8, index, bit(index)) }
        set(8, 7, bit(6))
        set(8, 8, bit(7))
        set(7, 8, bit(8))
        for index in 9..<15 { set(14 - index, 8, bit(index)) }
        for index in 0..<8 { set(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { set(8, size - 15 + index, bit(index)) }
        set(8, size - 8, true)
    }

    private mutating func drawVersion() {
        guard version >= 7 else { return }
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
        let bits = version << 12 | rest
        for index in 0..<18 {
            let isDark = bits >> index & 1 == 1
            set(size - 11 + index % 3, index / 3, isDark)
            set(index / 3, size - 11 + index % 3, isDark)
        }
    }

    /// In columns of two from the right, up and down in turn.
    private mutating func place(_ words: [UInt8]) {
        var next = 0
        for right in stride(from: size - 1, through: 1, by: -2).map({ $0 <= 6 ? $0 - 1 : $0 }) {
            let goesUp = (right + 1) & 2 == 0
            for step in 0..<size {
                let y = goesUp ? size - 1 - step : step
                for x in [right, right - 1] where !isFunction[y * size + x] && next < 8 * words.count {
                    modules[y * size + x] = words[next / 8] >> UInt8(7 - next % 8) & 1 == 1
                    next += 1
                }
            }
        }
    }

    // MARK: Masks

    private mutating func chooseMask() {
        let best = (0..<8).min { masked($0).penalty < masked($1).penalty } ?? 0
        self = masked(best)
    }

    private func masked(_ mask: Int) -> QRCode {
        var code = self
        for y in 0..<size {
            for x in 0..<size where !isFunction[y * size + x] && Self.inverts(mask, x, y) {
                code.modules[y * size + x].toggle()
            }
        }
        code.drawFormat(mask: mask)
        return code
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }

    /// How hard it is to read: long runs, blocks of one colour, what looks like a finder, too much of one colour.
    private var penalty: Int {
        var sum = 0
        for line in 0..<size {
            sum += Self.penalty(ofLine: (0..<size).map { isDark($0, line) })
            sum += Self.penalty(ofLine: (0..<size).map { isDark(line, $0) })
        }
        for y in 0..<size - 1 {
            for x in 0..<size - 1 {
                let colour = isDark(x, y)
                if isDark(x + 1, y) == colour, isDark(x, y + 1) == colour, isDark(x + 1, y + 1) == colour { sum += 3 }
            }
        }
        let dark = modules.count { $0 }
        return sum + abs(dark * 20 - size * size * 10) / (size * size) * 10
    }

    private static let finder = [true, false, true, true, true, false, true]

    private static func penalty(ofLine line: [Bool]) -> Int {
        var sum = 0, run = 1
        for index in 1..<line.count {
            run = line[index] == line[index - 1] ? run + 1 : 1
            if run == 5 { sum += 3 } else if run > 5 { sum += 1 }
        }
        for start in 0...line.count - 11 {
            let window = line[start..<start + 11]
            let light = [false, false, false, false]
            if window.elementsEqual(finder + light) || window.elementsEqual(light + finder) { sum += 40 }
        }
        return sum
    }
}

extension QRCode {
    /// As one path, each module one unit.
    package var svg: String {
        let side = size + 2 * Self.quietModules
        var path = ""
        for y in 0..<size {
            for x in 0..<size where isDark(x, y) {
                path += "M\(x + Self.quietModules),\(y + Self.quietModules)h1v1h-1z"
            }
        }
        return #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(side) \#(side)" shape-rendering="crispEdges">"#
            + #"<rect width="100%" height="100%" fill="white"/><path d="\#(path)" fill="black"/></svg>"#
    }

    /// For a terminal with light letters on dark ground: two modules in one letter, light ones drawn.
    package var terminalLines: [String] {
        let margin = Self.quietModules / 2
        func isLight(_ x: Int, _ y: Int) -> Bool {
            !((0..<size).contains(x) && (0..<size).contains(y) && isDark(x, y))
        }
        return stride(from: -margin, to: size + margin, by: 2).map { y in
            String(
                (-margin..<size + margin).map { x in
                    switch (isLight(x, y), isLight(x, y + 1)) {
                    case (true, true): "█"
                    case (true, false): "▀"
                    case (false, true): "▄"
                    case (false, false): " "
                    }
                })
        }
    }
}
