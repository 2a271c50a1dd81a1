import CLane

/// A frame being written; the form is in `clane/wire.h`.
package struct FrameWriter {
    /// Where a frame's kind stands; all kinds are less than 256.
    static let kindOffset = 4
    /// Where the number of its lane stands; all are less than 256.
    static let laneOffset = 6

    private(set) var bytes: [UInt8]

    package init(kind: Int, call: UInt64 = 0, op: UInt64 = 0, capacity: Int = 128) {
        bytes = []
        bytes.reserveCapacity(capacity + Int(LANE_HEADER_BYTES))
        append(UInt32(0))
        append(UInt16(truncatingIfNeeded: kind))
        append(UInt16(0))
        append(call)
        append(op)
    }

    package mutating func number(_ tag: Int, _ value: UInt64) {
        bytes.append(UInt8(truncatingIfNeeded: tag))
        append(value)
    }

    package mutating func data(_ tag: Int, _ content: [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: tag))
        append(UInt32(truncatingIfNeeded: content.count))
        bytes.append(contentsOf: content)
    }

    package mutating func text(_ tag: Int, _ content: String) { data(tag, Array(content.utf8)) }

    /// The whole frame with its length. Nil when the body is larger than the wire allows.
    package consuming func finished() -> [UInt8]? {
        let length = bytes.count - Int(LANE_HEADER_BYTES)
        guard length <= LANE_MAX_BODY_BYTES else { return nil }
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (8 * index)) }
        return bytes
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// A worker sent what no honest worker sends. It is ended.
package struct ProtocolViolation: Error {
    package var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// The fields of one received frame. Every byte may come from an attacker: the whole body is checked once, and
/// look-ups read only inside it. Borrowed: valid inside the call that handed it out.
struct Fields {
    private let body: UnsafeRawBufferPointer

    init(checking body: UnsafeRawBufferPointer) throws(ProtocolViolation) {
        self.body = body
        var seen: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var index = 0
        while let field = Self.field(at: index, in: body) {
            let bit = UInt64(1) << (field.tag & 63)
            let before =
                switch field.tag >> 6 {
                case 0: exchange(&seen.0, bit)
                case 1: exchange(&seen.1, bit)
                case 2: exchange(&seen.2, bit)
                default: exchange(&seen.3, bit)
                }
            guard before & bit == 0 else { throw ProtocolViolation("field \(field.tag) came twice") }
            index = field.end
        }
        guard index == body.count else { throw ProtocolViolation("a field reaches past its frame") }
    }

    func number(_ tag: Int) -> UInt64? {
        guard let field = find(tag) else { return nil }
        return body.loadUnaligned(fromByteOffset: field.start, as: UInt64.self).littleEndian
    }

    func required(_ tag: Int) throws(ProtocolViolation) -> UInt64 {
        guard let value = number(tag) else { throw ProtocolViolation("number \(tag) is missing") }
        return value
    }

    /// Empty when absent: the wire does not tell absent from empty.
    func data(_ tag: Int) -> [UInt8] {
        guard let field = find(tag) else { return [] }
        return Array(body[field.start..<field.end])
    }

    func text(_ tag: Int) throws(ProtocolViolation) -> String {
        guard let field = find(tag) else { return "" }
        guard let text = String(validating: body[field.start..<field.end], as: UTF8.self) else {
            throw ProtocolViolation("text \(tag) is not valid UTF-8")
        }
        return text
    }

    private func find(_ tag: Int) -> (tag: UInt8, start: Int, end: Int)? {
        var index = 0
        while let field = Self.field(at: index, in: body) {
            if field.tag == tag { return field }
            index = field.end
        }
        return nil
    }

    /// Nil at the end, and where a field does not fit.
    private static func field(
        at index: Int, in body: UnsafeRawBufferPointer
    ) -> (tag: UInt8, start: Int, end: Int)? {
        guard index < body.count else { return nil }
        let tag = body[index]
        let isNumber = tag & 0x80 != 0
        let head = index + 1 + (isNumber ? 8 : 4)
        guard head <= body.count else { return nil }
        if isNumber { return (tag, index + 1, head) }
        let length = Int(body.loadUnaligned(fromByteOffset: index + 1, as: UInt32.self).littleEndian)
        guard length <= body.count - head else { return nil }
        return (tag, head, head + length)
    }
}

/// Sets `bit` and returns what was there.
private func exchange(_ word: inout UInt64, _ bit: UInt64) -> UInt64 {
    defer { word |= bit }
    return word
}
