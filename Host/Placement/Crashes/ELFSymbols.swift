import Glibc

/// The functions of a plugin file by address, from `.symtab`, or `.dynsym` where that was stripped away (gABI 4.1,
/// "Symbol Table"). The file is a plugin's: every offset, size and count in it is checked, and a file that lies gives
/// wrong names or none.
final class ELFSymbols: Sendable {
    private static let maximumSections = 4096
    private static let maximumSymbols = 1 << 22
    private static let maximumNameBytes = 1024

    /// The file's bytes. They stay where they are, and cannot change: the file is sealed.
    ///
    /// Sendable because nobody ever writes there and the mapping lives as long as this object.
    private struct Bytes: @unchecked Sendable { let buffer: UnsafeRawBufferPointer }

    private struct Table {
        var entries: Range<Int>
        var names: Range<Int>
    }

    private let bytes: Bytes
    private let symbols: Range<Int>
    private let names: Range<Int>

    /// Nil when the file has no symbols that can be read.
    init?(_ file: SealedFile) {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0, status.st_size >= 64 else { return nil }
        let size = Int(status.st_size)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.descriptor, 0), start != MAP_FAILED else {
            return nil
        }
        let buffer = UnsafeRawBufferPointer(start: start, count: size)
        guard let table = Self.table(buffer) else {
            munmap(start, size)
            return nil
        }
        bytes = Bytes(buffer: buffer)
        (symbols, names) = (table.entries, table.names)
    }

    deinit {
        if let start = bytes.buffer.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.buffer.count) }
    }

    /// The function that holds `offset`, an address of the file, and how far in that is.
    func symbol(at offset: UInt64) -> (name: [UInt8], distance: UInt64)? {
        var best: (name: UInt32, start: UInt64)?
        for entry in stride(from: symbols.lowerBound, to: symbols.upperBound, by: 24) {
            guard let info: UInt8 = Self.read(bytes.buffer, entry + 4), info & 15 == 2,
                let section: UInt16 = Self.read(bytes.buffer, entry + 6), section != 0,
                let start: UInt64 = Self.read(bytes.buffer, entry + 8), start <= offset,
                let size: UInt64 = Self.read(bytes.buffer, entry + 16), offset - start < max(size, 1),
                let name: UInt32 = Self.read(bytes.buffer, entry)
            else { continue }
            if best.map({ $0.start < start }) ?? true { best = (name, start) }
        }
        guard let best, let name = name(Int(best.name)) else { return nil }
        return (name, offset - best.start)
    }

    private func name(_ index: Int) -> [UInt8]? {
        let start = names.lowerBound + index
        guard index > 0, start < names.upperBound else { return nil }
        let name = bytes.buffer[start..<min(names.upperBound, start + Self.maximumNameBytes)].prefix { $0 != 0 }
        return name.isEmpty ? nil : Array(name)
    }

    // MARK: Finding the table

    private static func table(_ buffer: UnsafeRawBufferPointer) -> Table? {
        guard let headers = (read(buffer, 40) as UInt64?).flatMap(Int.init(exactly:)),
            let entryBytes: UInt16 = read(buffer, 58), entryBytes == 64, let count: UInt16 = read(buffer, 60),
            count <= maximumSections
        else { return nil }
        let all = (0..<Int(count)).compactMap { index in
            headers <= buffer.count ? section(buffer, at: headers + 64 * index) : nil
        }
        guard all.count == Int(count) else { return nil }
        for wanted: UInt32 in [2, 11] {
            guard let symbols = all.first(where: { $0.type == wanted }), symbols.range.count >= 24,
                symbols.range.count / 24 <= maximumSymbols, all.indices.contains(symbols.link)
            else { continue }
            let whole = symbols.range.lowerBound..<symbols.range.lowerBound + symbols.range.count / 24 * 24
            return Table(entries: whole, names: all[symbols.link].range)
        }
        return nil
    }

    private static func section(
        _ buffer: UnsafeRawBufferPointer, at header: Int
    ) -> (type: UInt32, link: Int, range: Range<Int>)? {
        guard let type: UInt32 = read(buffer, header + 4), let link: UInt32 = read(buffer, header + 40),
            let offset = (read(buffer, header + 24) as UInt64?).flatMap(Int.init(exactly:)),
            let size = (read(buffer, header + 32) as UInt64?).flatMap(Int.init(exactly:))
        else { return nil }
        // A section without bytes in the file (.bss) may name any offset.
        guard type != 8, offset <= buffer.count, size <= buffer.count - offset else { return (type, Int(link), 0..<0) }
        return (type, Int(link), offset..<offset + size)
    }

    private static func read<Number: FixedWidthInteger>(_ buffer: UnsafeRawBufferPointer, _ at: Int) -> Number? {
        guard at >= 0, at <= buffer.count - MemoryLayout<Number>.size else { return nil }
        return Number(littleEndian: buffer.loadUnaligned(fromByteOffset: at, as: Number.self))
    }
}
