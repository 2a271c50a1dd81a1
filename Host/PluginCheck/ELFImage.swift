import Placement

/// What a shared library says about itself, read leniently: each rule looks at its own part, and a part that is not
/// there or makes no sense is absent. Whether the host would take the file is `ELFFile`'s to say.
struct ELFImage: Sendable {
    static let maximumSymbols = 1 << 20

    struct Segment: Sendable {
        var type: UInt32
        var flags: UInt32
        var offset: UInt64
        var address: UInt64
        var fileBytes: UInt64
    }

    enum SegmentType {
        static let load: UInt32 = 1
        static let dynamic: UInt32 = 2
        static let interpreter: UInt32 = 3
        static let stack: UInt32 = 0x6474_E551
        static let readOnlyAfterRelocation: UInt32 = 0x6474_E552
    }

    private enum Tag {
        static let null: UInt64 = 0
        static let needed: UInt64 = 1
        static let hash: UInt64 = 4
        static let strings: UInt64 = 5
        static let symbols: UInt64 = 6
        static let searchPath: UInt64 = 15
        static let textRelocations: UInt64 = 22
        static let runPath: UInt64 = 29
        static let flags: UInt64 = 30
        static let gnuHash: UInt64 = 0x6FFF_FEF5
        static let flags1: UInt64 = 0x6FFF_FFFB
    }

    let bytes: [UInt8]
    let segments: [Segment]
    private let dynamic: [(tag: UInt64, value: UInt64)]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var segments: [Segment] = []
        let table = Int(clamping: Self.number(bytes, 32, 8) ?? 0)
        for index in 0..<Int(Self.number(bytes, 56, 2) ?? 0) {
            let at = table.addingReportingOverflow(56 * index).partialValue
            guard let type = Self.number(bytes, at, 4), let flags = Self.number(bytes, at + 4, 4),
                let offset = Self.number(bytes, at + 8, 8), let address = Self.number(bytes, at + 16, 8),
                let size = Self.number(bytes, at + 32, 8)
            else { break }
            segments.append(
                Segment(
                    type: UInt32(type), flags: UInt32(flags), offset: offset, address: address, fileBytes: size))
        }
        self.segments = segments
        dynamic = Self.dynamic(bytes, segments)
    }

    private static func dynamic(_ bytes: [UInt8], _ segments: [Segment]) -> [(tag: UInt64, value: UInt64)] {
        guard let segment = segments.first(where: { $0.type == SegmentType.dynamic }) else { return [] }
        var entries: [(tag: UInt64, value: UInt64)] = []
        var at = Int(clamping: segment.offset)
        while entries.count < 4096, let tag = number(bytes, at, 8), tag != Tag.null,
            let value = number(bytes, at + 8, 8)
        {
            entries.append((tag, value))
            at += 16
        }
        return entries
    }

    /// A little-endian number, or nil outside the file.
    private static func number(_ bytes: [UInt8], _ at: Int, _ size: Int) -> UInt64? {
        guard at >= 0, at <= bytes.count - size else { return nil }
        return (0..<size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[at + $1]) }
    }

    // MARK: The header

    var isELF: Bool { bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) }
    var is64Bit: Bool { bytes.count > 4 && bytes[4] == 2 }
    var isLittleEndian: Bool { bytes.count > 5 && bytes[5] == 1 }
    var type: UInt64? { Self.number(bytes, 16, 2) }
    var machine: UInt64? { Self.number(bytes, 18, 2) }

    static var hostMachine: UInt64 {
        #if arch(x86_64)
            62
        #elseif arch(arm64)
            183
        #else
            0
        #endif
    }

    // MARK: The dynamic section

    var needed: [String] { values(Tag.needed).compactMap(string) }

    var searchPaths: [String] {
        (values(Tag.searchPath) + values(Tag.runPath)).compactMap(string)
            .flatMap { $0.split(separator: ":").map(String.init) }
    }

    var hasTextRelocations: Bool {
        !values(Tag.textRelocations).isEmpty || values(Tag.flags).contains { $0 & 4 != 0 }
    }

    /// DF_1_NODELETE: `dlclose` does nothing.
    var isNeverUnloaded: Bool { values(Tag.flags1).contains { $0 & 8 != 0 } }

    /// Names of what other libraries could bind to. Linker-made marks (`_init`, `_edata`, …) are not counted.
    var exports: [String] {
        guard let table = values(Tag.symbols).first.flatMap(offset), let range = symbolRange else { return [] }
        let marks: Set<String> = ["_init", "_fini", "_edata", "_end", "__bss_start"]
        return range.compactMap { index in
            let at = table + 24 * index
            guard let name = Self.number(bytes, at, 4), let information = Self.number(bytes, at + 4, 1),
                let visibility = Self.number(bytes, at + 5, 1), let section = Self.number(bytes, at + 6, 2)
            else { return nil }
            let isGlobal = information >> 4 == 1 || information >> 4 == 2 || information >> 4 == 10
            let isVisible = visibility & 3 == 0 || visibility & 3 == 3
            guard section != 0, isGlobal, isVisible, let text = string(name), !marks.contains(text) else { return nil }
            return text
        }
    }

    /// Which symbols may be defined here: the hash table says how many there are.
    private var symbolRange: Range<Int>? {
        if let table = values(Tag.hash).first.flatMap(offset), let count = Self.number(bytes, table + 4, 4) {
            return 1..<max(1, min(Int(count), Self.maximumSymbols))
        }
        guard let table = values(Tag.gnuHash).first.flatMap(offset), let buckets = Self.number(bytes, table, 4),
            let first = Self.number(bytes, table + 4, 4), let words = Self.number(bytes, table + 8, 4)
        else { return nil }
        let start = table + 16 + 8 * Int(words)
        var last = UInt64(0)
        for index in 0..<Int(buckets) { last = max(last, Self.number(bytes, start + 4 * index, 4) ?? 0) }
        guard last >= first else { return nil }
        let chains = start + 4 * Int(buckets)
        while last < UInt64(Self.maximumSymbols), let hash = Self.number(bytes, chains + 4 * Int(last - first), 4),
            hash & 1 == 0
        { last += 1 }
        return Int(first)..<Int(last) + 1
    }

    private func values(_ tag: UInt64) -> [UInt64] { dynamic.filter { $0.tag == tag }.map(\.value) }

    private func offset(_ address: UInt64) -> Int? {
        let home = segments.first {
            $0.type == SegmentType.load && address >= $0.address && address - $0.address < $0.fileBytes
        }
        return home.flatMap { Int(exactly: address - $0.address + $0.offset) }
    }

    private func string(_ index: UInt64) -> String? {
        guard let table = values(Tag.strings).first.flatMap(offset), let distance = Int(exactly: index),
            distance < bytes.count - table
        else { return nil }
        let start = table + distance
        guard start >= 0, let end = bytes[start..<min(bytes.count, start + 4096)].firstIndex(of: 0) else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
