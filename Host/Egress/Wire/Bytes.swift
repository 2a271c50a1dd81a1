/// Bytes from the other side that break the protocol or the format, in words.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Writes the fields of a frame or a record: integers little-endian, text and bytes after their length.
package struct ByteWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    package mutating func put<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func put(_ flag: Bool) { put(UInt8(flag ? 1 : 0)) }

    package mutating func put(_ content: [UInt8]) {
        put(UInt32(content.count))
        bytes += content
    }

    package mutating func put(_ text: String) { put(Array(text.utf8)) }

    /// Without a length: for the last field.
    package mutating func putRest(_ content: [UInt8]) { bytes += content }
}

/// Reads what ``ByteWriter`` wrote. Every length is checked before it is believed.
package struct ByteReader: Sendable {
    private var rest: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    package mutating func integer<Value: FixedWidthInteger>(_: Value.Type = Value.self) throws(WireError) -> Value {
        let size = MemoryLayout<Value>.size
        guard rest.count >= size else { throw WireError("a field of \(size) bytes is cut short") }
        let value = rest.withUnsafeBytes { $0.loadUnaligned(as: Value.self) }
        rest = rest.dropFirst(size)
        return Value(littleEndian: value)
    }

    package mutating func flag() throws(WireError) -> Bool {
        switch try integer(UInt8.self) {
        case 0: return false
        case 1: return true
        case let other: throw WireError("a flag is 0 or 1, not \(other)")
        }
    }

    package mutating func content(atMost limit: Int) throws(WireError) -> [UInt8] {
        let count = Int(try integer(UInt32.self))
        guard count <= limit else { throw WireError("\(count) bytes where at most \(limit) may stand") }
        guard count <= rest.count else { throw WireError("a field of \(count) bytes is cut short") }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    package mutating func text(atMost limit: Int) throws(WireError) -> String {
        guard let text = String(validating: try content(atMost: limit), as: UTF8.self) else {
            throw WireError("a text is not UTF-8")
        }
        return text
    }

    /// The last field.
    package mutating func takeRest() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    package func finish() throws(WireError) {
        guard rest.isEmpty else { throw WireError("\(rest.count) bytes too many") }
    }
}

/// CRC-32 as in Ethernet and zip: finds what a power cut tore, not what an enemy wrote.
package enum Checksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    package static func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
    }
}
