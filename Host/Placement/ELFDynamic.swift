/// The dynamic section of a checked file: what it needs, and what it exports.
struct ELFDynamic {
    private static let maximumEntries = 4096
    private static let maximumNeeded = 64
    private static let maximumChain = 1 << 20

    private enum Tag {
        static let null: UInt64 = 0
        static let needed: UInt64 = 1
        static let hash: UInt64 = 4
        static let strings: UInt64 = 5
        static let symbols: UInt64 = 6
        static let stringBytes: UInt64 = 10
        static let soname: UInt64 = 14
        static let textRelocations: UInt64 = 22
        static let flags: UInt64 = 30
        static let gnuHash: UInt64 = 0x6FFF_FEF5
    }

    private let reader: ELFReader
    private let segments: [ELFFile.Segment]
    private var values: [UInt64: UInt64] = [:]
    private(set) var needed: [String] = []
    private(set) var soname: String?

    init(_ reader: ELFReader, _ segments: [ELFFile.Segment]) throws(PlacementError) {
        self.reader = reader
        self.segments = segments
        guard let section = segments.first(where: { $0.type == ELFFile.SegmentType.dynamic }) else {
            throw ELFFile.malformed("no dynamic section")
        }
        // The loader reads it by address, so it must be what the file shows there.
        guard try offset(of: section.address) == Int(section.offset) else {
            throw ELFFile.malformed("the dynamic section is not where it says")
        }
        let names = try readEntries(at: Int(section.offset), count: Int(section.fileBytes / 16))
        if values[Tag.textRelocations] != nil || (values[Tag.flags] ?? 0) & 4 != 0 {
            throw ELFFile.malformed("relocations in its code")
        }
        guard names.count <= Self.maximumNeeded else { throw ELFFile.malformed("needs \(names.count) libraries") }
        for name in names { needed.append(try string(name)) }
        if let index = values[Tag.soname] { soname = try string(index) }
    }

    private mutating func readEntries(at start: Int, count: Int) throws(PlacementError) -> [UInt64] {
        var names: [UInt64] = []
        for index in 0..<min(count, Self.maximumEntries) {
            let tag = try reader.u64(start + 16 * index)
            let value = try reader.u64(start + 16 * index + 8)
            if tag == Tag.null { return names }
            if tag == Tag.needed { names.append(value) } else { values[tag] = value }
        }
        throw ELFFile.malformed("the dynamic section does not end")
    }

    /// Where in the file the byte at `address` is.
    private func offset(of address: UInt64) throws(PlacementError) -> Int {
        for segment in segments where segment.type == ELFFile.SegmentType.load {
            if address >= segment.address, address - segment.address < segment.fileBytes {
                return Int(segment.offset + (address - segment.address))
            }
        }
        throw ELFFile.malformed("an address outside its segments")
    }

    private func required(_ tag: UInt64, _ name: String) throws(PlacementError) -> UInt64 {
        guard let value = values[tag] else { throw ELFFile.malformed("no \(name)") }
        return value
    }

    private func string(_ index: UInt64) throws(PlacementError) -> String {
        let size = try required(Tag.stringBytes, "size of its strings")
        guard index < size, size <= UInt64(reader.bytes.count) else {
            throw ELFFile.malformed("a name outside its strings")
        }
        let start = try offset(of: try required(Tag.strings, "strings")) + Int(index)
        let limit = min(reader.bytes.count, start + min(Int(size - index), 4096))
        guard start < limit, let end = reader.bytes[start..<limit].firstIndex(of: 0) else {
            throw ELFFile.malformed("a name does not end")
        }
        return String(decoding: reader.bytes[start..<end], as: UTF8.self)
    }

    // MARK: Symbols

    /// True when `name` is defined here as a visible function inside executable bytes.
    func exportsFunction(_ name: String) throws(PlacementError) -> Bool {
        let candidates =
            values[Tag.gnuHash] != nil ? try gnuCandidates(name) : try sysvCandidates(name)
        for index in candidates where try isExportedFunction(index, name) { return true }
        return false
    }

    private func isExportedFunction(_ index: UInt64, _ name: String) throws(PlacementError) -> Bool {
        let table = try offset(of: try required(Tag.symbols, "symbols"))
        guard index < UInt64(reader.bytes.count / 24) else { throw ELFFile.malformed("a symbol outside the file") }
        let entry = table + 24 * Int(index)
        let nameIndex = try reader.u32(entry)
        let info = try reader.u16(entry + 4)
        let section = try reader.u16(entry + 6)
        let address = try reader.u64(entry + 8)
        guard try string(UInt64(nameIndex)) == name else { return false }
        let type = info & 0xF
        let binding = info >> 4 & 0xF
        let visibility = info >> 8 & 3
        let isCode = segments.contains {
            $0.type == ELFFile.SegmentType.load && $0.flags & 1 != 0 && address >= $0.address
                && address - $0.address < $0.fileBytes
        }
        // 10: chosen by the loader for this processor (STT_GNU_IFUNC), as much of libm is.
        let isFunction = type == 2 || type == 10
        return section != 0 && isFunction && (binding == 1 || binding == 2) && (visibility == 0 || visibility == 3)
            && isCode
    }

    /// Symbols in the chain of `name` by the GNU hash table.
    private func gnuCandidates(_ name: String) throws(PlacementError) -> [UInt64] {
        let table = try offset(of: try required(Tag.gnuHash, "hash table"))
        let bucketCount = try reader.u32(table)
        let firstSymbol = try reader.u32(table + 4)
        let filterWords = try reader.u32(table + 8)
        guard bucketCount > 0 else { return [] }
        let hash = name.utf8.reduce(UInt32(5381)) { $0 &* 33 &+ UInt32($1) }
        let buckets = table + 16 + 8 * Int(filterWords)
        var symbol = try reader.u32(buckets + 4 * Int(hash % bucketCount))
        guard symbol >= firstSymbol else { return [] }
        var candidates: [UInt64] = []
        for _ in 0..<Self.maximumChain {
            let chained = try reader.u32(buckets + 4 * Int(bucketCount) + 4 * Int(symbol - firstSymbol))
            if chained | 1 == hash | 1 { candidates.append(UInt64(symbol)) }
            if chained & 1 == 1 { return candidates }
            guard symbol < .max else { break }
            symbol += 1
        }
        throw ELFFile.malformed("a hash chain does not end")
    }

    /// Symbols in the chain of `name` by the System V hash table (gABI 4.1, figure 5-13).
    private func sysvCandidates(_ name: String) throws(PlacementError) -> [UInt64] {
        let table = try offset(of: try required(Tag.hash, "hash table"))
        let bucketCount = try reader.u32(table)
        guard bucketCount > 0 else { return [] }
        var hash: UInt32 = 0
        for byte in name.utf8 {
            hash = hash << 4 &+ UInt32(byte)
            let high = hash & 0xF000_0000
            hash = (hash ^ high >> 24) & ~high
        }
        var symbol = try reader.u32(table + 8 + 4 * Int(hash % bucketCount))
        var candidates: [UInt64] = []
        for _ in 0..<Self.maximumChain {
            if symbol == 0 { return candidates }
            candidates.append(UInt64(symbol))
            symbol = try reader.u32(table + 8 + 4 * Int(bucketCount) + 4 * Int(symbol))
        }
        throw ELFFile.malformed("a hash chain does not end")
    }
}
