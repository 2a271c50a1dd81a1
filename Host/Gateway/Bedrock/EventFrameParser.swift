package import Kernel

/// One message of Amazon's event stream encoding.
package struct EventFrame: Hashable, Sendable {
    /// `:event-type`, or `:exception-type`, or `:error-code`.
    package var type: String
    package var payload: [UInt8]
}

/// Reads `application/vnd.amazon.eventstream`, incrementally: bytes may be cut anywhere. Each message is
///
///     total length (4) · headers length (4) · CRC of these 8 (4) · headers · payload · CRC of all before (4)
///
/// with big-endian numbers and the CRC-32 of zlib. A header is a one-byte name length, the name, a type and a value.
package struct EventFrameParser: Sendable {
    private static let preludeBytes = 12
    private static let checksumBytes = 4
    /// As with the other kind of stream.
    private static let maximumFrameBytes = 4 << 20

    private var buffer: [UInt8] = []

    package init() {}

    /// - Returns: the messages that these bytes completed.
    package mutating func push(_ bytes: [UInt8]) throws(Failure) -> [EventFrame] {
        buffer += bytes
        var frames = [EventFrame]()
        var start = 0
        while buffer.count - start >= Self.preludeBytes {
            let total = Self.number(buffer, start, 4)
            let headers = Self.number(buffer, start + 4, 4)
            guard Self.number(buffer, start + 8, 4) == Int(CRC32.of(buffer[start..<(start + 8)])) else {
                throw Failure(.io, "the stream is damaged: the checksum of a message's lengths is wrong")
            }
            guard total <= Self.maximumFrameBytes else {
                throw Failure(.tooLarge, "an event of the stream is too large")
            }
            guard headers <= total - Self.preludeBytes - Self.checksumBytes else {
                throw Failure(.io, "the stream is damaged: a message is shorter than its headers")
            }
            guard buffer.count - start >= total else { break }
            let end = start + total - Self.checksumBytes
            guard Self.number(buffer, end, 4) == Int(CRC32.of(buffer[start..<end])) else {
                throw Failure(.io, "the stream is damaged: the checksum of a message is wrong")
            }
            let body = start + Self.preludeBytes
            let fields = try Self.headers(buffer[body..<(body + headers)])
            let type = fields[":event-type"] ?? fields[":exception-type"] ?? fields[":error-code"] ?? ""
            frames.append(EventFrame(type: type, payload: Array(buffer[(body + headers)..<end])))
            start += total
        }
        buffer.removeFirst(start)
        return frames
    }

    /// Those that are text. The others have known lengths and are passed over.
    private static func headers(_ bytes: ArraySlice<UInt8>) throws(Failure) -> [String: String] {
        var fields = [String: String]()
        var rest = bytes
        func take(_ count: Int) throws(Failure) -> ArraySlice<UInt8> {
            guard count <= rest.count else { throw Failure(.io, "the stream is damaged: a header is cut") }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        while let nameLength = rest.first {
            rest = rest.dropFirst()
            let name = String(decoding: try take(Int(nameLength)), as: UTF8.self)
            let type = try take(1)
            switch type[type.startIndex] {
            case 0, 1: break
            case 2: _ = try take(1)
            case 3: _ = try take(2)
            case 4: _ = try take(4)
            case 5, 8: _ = try take(8)
            case 9: _ = try take(16)
            case 6, 7:
                let length = try take(2)
                let value = try take(Self.number(length, 0, 2))
                if type[type.startIndex] == 7 { fields[name] = String(decoding: value, as: UTF8.self) }
            default: throw Failure(.io, "the stream is damaged: a header has an unknown type")
            }
        }
        return fields
    }

    private static func number(_ bytes: some RandomAccessCollection<UInt8>, _ start: Int, _ count: Int) -> Int {
        bytes.dropFirst(start).prefix(count).reduce(0) { $0 << 8 | Int($1) }
    }
}

/// CRC-32 as in zlib, gzip and PNG.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { (index: UInt32) -> UInt32 in
        (0..<8).reduce(index) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in sum >> 8 ^ table[Int((sum ^ UInt32(byte)) & 0xFF)] }
    }
}
