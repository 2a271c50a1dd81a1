import TestSupport

/// Makes broken files of sound ones: by chance, and with an eye for what a loader reads.
struct Mutator {
    enum Kind: CaseIterable {
        case bytes, bits, header, segments, dynamic, tables, truncation, splice, tail, zeros
    }

    private static let headerBytes = 64
    private static let segmentBytes = 56
    private static let dynamicEntryBytes = 16

    private var random: SplitMix64
    /// Of other files, for splices.
    private let seeds: [[UInt8]]

    init(seed: UInt64, seeds: [[UInt8]]) {
        random = SplitMix64(seed: seed)
        self.seeds = seeds
    }

    mutating func mutant(of seed: [UInt8]) -> (kind: Kind, bytes: [UInt8]) {
        let kind = Kind.allCases[below(Kind.allCases.count)]
        var bytes = seed
        // Several at once: what one hides, another one may reach.
        for _ in 0...below(3) { change(&bytes, kind) }
        return (kind, bytes)
    }

    mutating func pick(_ count: Int) -> Int { below(count) }

    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<max(1, limit), using: &random) }

    private mutating func change(_ bytes: inout [UInt8], _ kind: Kind) {
        guard bytes.count > Self.headerBytes else { return }
        switch kind {
        case .bytes: for _ in 0...below(16) { bytes[place(bytes)] = UInt8(truncatingIfNeeded: random.next()) }
        case .bits: for _ in 0...below(16) { bytes[place(bytes)] ^= 1 << UInt8(below(8)) }
        case .header: write(to: &bytes, at: 16 + below(Self.headerBytes - 16), anyOf: [1, 2, 4, 8])
        case .segments: changeTable(&bytes, at: word(bytes, 32), count: bytes.count > 57 ? Int(bytes[56]) : 0)
        case .dynamic: changeDynamic(&bytes)
        // Hashes, symbols, strings, versions and relocations stand in the first pages.
        case .tables: write(to: &bytes, at: below(min(bytes.count, 16_384)) & ~3, anyOf: [4, 8])
        case .truncation: bytes.removeLast(min(bytes.count - 1, below(bytes.count)))
        case .splice: splice(&bytes)
        case .tail: bytes += (0..<below(4096)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        case .zeros:
            let start = place(bytes)
            for index in start..<min(bytes.count, start + below(512)) { bytes[index] = 0 }
        }
    }

    /// Half of the time among the headers and tables.
    private mutating func place(_ bytes: [UInt8]) -> Int {
        below(Bool.random(using: &random) ? min(bytes.count, 4096) : bytes.count)
    }

    private func word(_ bytes: [UInt8], _ place: Int) -> UInt64 {
        guard place >= 0, place + 8 <= bytes.count else { return 0 }
        return (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
    }

    /// A number that readers get wrong, or one like those that were there.
    private mutating func number(for bytes: [UInt8]) -> UInt64 {
        let size = UInt64(bytes.count)
        let known: [UInt64] = [
            0, 1, 7, 16, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 32, 1 << 62,
            .max >> 1, 1 << 63, .max - 7, .max, size, size - 1, size + 1, size &- 8, 0 &- size, 4095, 4096,
        ]
        return below(4) == 0 ? random.next() : known[below(known.count)]
    }

    private mutating func write(to bytes: inout [UInt8], at place: Int, anyOf widths: [Int]) {
        let (width, value) = (widths[below(widths.count)], number(for: bytes))
        for index in 0..<width where place + index < bytes.count {
            bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }

    private mutating func changeTable(_ bytes: inout [UInt8], at start: UInt64, count: Int) {
        guard start < UInt64(bytes.count) else { return }
        let field = [0, 4, 8, 16, 24, 32, 40, 48][below(8)]
        write(to: &bytes, at: Int(start) + Self.segmentBytes * below(count) + field, anyOf: field < 8 ? [4] : [8])
    }

    private mutating func changeDynamic(_ bytes: inout [UInt8]) {
        let (table, count) = (word(bytes, 32), Int(bytes[56]))
        for index in 0..<count {
            guard table < UInt64(bytes.count) else { return }
            let entry = Int(table) + Self.segmentBytes * index
            guard entry + Self.segmentBytes <= bytes.count, bytes[entry] == 2 else { continue }
            let (start, size) = (word(bytes, entry + 8), word(bytes, entry + 32))
            guard start < UInt64(bytes.count), size < UInt64(bytes.count) else { return }
            let chosen = below(Int(size) / Self.dynamicEntryBytes)
            write(to: &bytes, at: Int(start) + Self.dynamicEntryBytes * chosen + 8 * below(2), anyOf: [8])
        }
    }

    private mutating func splice(_ bytes: inout [UInt8]) {
        let other = seeds[below(seeds.count)]
        let (from, to, length) = (below(other.count), place(bytes), below(8192))
        for index in 0..<length where from + index < other.count && to + index < bytes.count {
            bytes[to + index] = other[from + index]
        }
    }
}
