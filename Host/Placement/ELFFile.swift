/// A static check of a shared library's bytes, before any loader sees them: the loader of glibc trusts its input,
/// and a malformed file can kill the process that loads it. Follows the System V ABI (gABI 4.1, chapters 4 and 5).
package struct ELFFile: Sendable {
    package static let entrySymbol = "bureau_plugin_entry_v1"
    package static let maximumProgramHeaders = 64
    package static let maximumSegmentBytes: UInt64 = 256 << 20

    /// The libraries it asks for (DT_NEEDED), in its order.
    package private(set) var needed: [String] = []

    struct Segment {
        var type: UInt32
        var flags: UInt32
        var offset: UInt64
        var address: UInt64
        var fileBytes: UInt64
        var memoryBytes: UInt64
        var alignment: UInt64
    }

    /// What it calls itself (DT_SONAME).
    package private(set) var soname: String?

    /// - Parameters:
    ///   - functions: what the library must export.
    ///   - isSystemLibrary: not a plugin; some libraries of the system are programs too (libc.so.6 tells its version).
    /// - Throws: `notELF`, `wrongArchitecture`, `malformed` or `missingEntry`, in words for the operator.
    package init(
        checking bytes: [UInt8], exporting functions: [String] = [Self.entrySymbol], isSystemLibrary: Bool = false
    ) throws(PlacementError) {
        let reader = ELFReader(bytes: bytes)
        try Self.checkHeader(reader)
        let segments = try Self.segments(reader)
        try Self.checkSegments(segments, fileBytes: UInt64(bytes.count), mayBeProgram: isSystemLibrary)
        let dynamic = try ELFDynamic(reader, segments)
        needed = dynamic.needed
        soname = dynamic.soname
        for function in functions where try !dynamic.exportsFunction(function) {
            throw PlacementError(.missingEntry, "the library does not export \(function)")
        }
    }

    private static func checkHeader(_ reader: ELFReader) throws(PlacementError) {
        guard reader.bytes.count >= 4, reader.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            throw PlacementError(.notELF, "not an ELF file")
        }
        guard reader.bytes.count >= 64 else { throw malformed("the file ends inside its header") }
        guard reader.bytes[4] == 2 else {
            throw PlacementError(.wrongArchitecture, "built for a 32-bit machine, this host is \(hostName)")
        }
        guard reader.bytes[5] == 1 else {
            throw PlacementError(.wrongArchitecture, "built for a big-endian machine, this host is \(hostName)")
        }
        let machine = try reader.u16(18)
        guard machine == hostMachine else {
            throw PlacementError(.wrongArchitecture, "built for \(name(of: machine)), this host is \(hostName)")
        }
        guard reader.bytes[6] == 1, try reader.u32(20) == 1 else { throw malformed("unknown ELF version") }
        let type = try reader.u16(16)
        guard type == 3 else { throw malformed("not a shared library (ELF type \(type), a library has 3)") }
        guard try reader.u16(52) == 64, try reader.u16(54) == 56 else { throw malformed("headers of unknown size") }
    }

    private static func segments(_ reader: ELFReader) throws(PlacementError) -> [Segment] {
        let offset = try reader.u64(32)
        let count = Int(try reader.u16(56))
        guard (1...maximumProgramHeaders).contains(count) else {
            throw malformed("\(count) program headers, 1 to \(maximumProgramHeaders) are allowed")
        }
        var segments: [Segment] = []
        for index in 0..<count {
            let (base, overflow) = offset.addingReportingOverflow(UInt64(56 * index))
            guard !overflow, base <= UInt64(reader.bytes.count) else {
                throw malformed("the program headers are outside the file")
            }
            let at = Int(base)
            segments.append(
                Segment(
                    type: try reader.u32(at), flags: try reader.u32(at + 4), offset: try reader.u64(at + 8),
                    address: try reader.u64(at + 16), fileBytes: try reader.u64(at + 32),
                    memoryBytes: try reader.u64(at + 40), alignment: try reader.u64(at + 48)))
        }
        return segments
    }

    private static func checkSegments(
        _ segments: [Segment], fileBytes: UInt64, mayBeProgram: Bool
    ) throws(PlacementError) {
        var lastEnd: UInt64 = 0
        var loads = 0
        for segment in segments {
            let (fileEnd, overflow) = segment.offset.addingReportingOverflow(segment.fileBytes)
            let isStack = segment.type == SegmentType.stack
            guard isStack || (!overflow && fileEnd <= fileBytes) else {
                throw malformed("a segment reaches past the end of the file")
            }
            if segment.type == SegmentType.interpreter, !mayBeProgram { throw malformed("a program, not a library") }
            if isStack, segment.flags & 1 != 0 { throw malformed("asks for an executable stack") }
            guard segment.type == SegmentType.load else { continue }
            loads += 1
            try checkLoad(segment)
            guard segment.address >= lastEnd else { throw malformed("segments overlap or are out of order") }
            lastEnd = segment.address + segment.memoryBytes
        }
        guard loads > 0 else { throw malformed("no loadable segment") }
        guard lastEnd <= 4 * maximumSegmentBytes else { throw malformed("asks for \(lastEnd) bytes of addresses") }
    }

    private static func checkLoad(_ segment: Segment) throws(PlacementError) {
        guard segment.fileBytes <= segment.memoryBytes, segment.memoryBytes <= maximumSegmentBytes else {
            throw malformed("a segment of \(segment.memoryBytes) bytes in memory, \(segment.fileBytes) in the file")
        }
        guard segment.address <= 4 * maximumSegmentBytes else { throw malformed("a segment at a far address") }
        guard segment.flags & 3 != 3 else { throw malformed("a segment is writable and executable") }
        let alignment = segment.alignment
        guard alignment >= 4096, alignment & (alignment - 1) == 0, alignment <= maximumSegmentBytes,
            segment.address % alignment == segment.offset % alignment
        else { throw malformed("a segment is not aligned") }
    }

    static func malformed(_ text: String) -> PlacementError {
        PlacementError(.malformed, "malformed ELF file: \(text)")
    }

    enum SegmentType {
        static let load: UInt32 = 1
        static let dynamic: UInt32 = 2
        static let interpreter: UInt32 = 3
        static let stack: UInt32 = 0x6474_E551
    }

    private static var hostMachine: UInt16 {
        #if arch(x86_64)
            62
        #elseif arch(arm64)
            183
        #else
            0
        #endif
    }

    private static var hostName: String { name(of: hostMachine) }

    private static func name(of machine: UInt16) -> String {
        switch machine {
        case 3: "i386"
        case 40: "arm"
        case 62: "x86_64"
        case 183: "aarch64"
        case 243: "riscv"
        default: "machine \(machine)"
        }
    }
}

/// Bounded little-endian reads.
struct ELFReader {
    let bytes: [UInt8]

    func u16(_ at: Int) throws(PlacementError) -> UInt16 { try read(at) }
    func u32(_ at: Int) throws(PlacementError) -> UInt32 { try read(at) }
    func u64(_ at: Int) throws(PlacementError) -> UInt64 { try read(at) }

    private func read<Number: FixedWidthInteger>(_ at: Int) throws(PlacementError) -> Number {
        let size = MemoryLayout<Number>.size
        guard at >= 0, at <= bytes.count - size else { throw ELFFile.malformed("a table reaches past the file's end") }
        return bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: Number.self)) }
    }
}
