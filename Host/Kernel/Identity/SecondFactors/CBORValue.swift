/// A CBOR document (RFC 8949), as far as authenticators write it: definite lengths, no tags, no floating point.
package indirect enum CBORValue: Hashable, Sendable {
    case unsigned(UInt64)
    /// The value is −1 − n.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    case map([CBORValue: CBORValue])
    case bool(Bool)
    case null

    package static let maximumDepth = 8
    private static let maximumElements = 1_000

    /// - Returns: the first value, and how many bytes it has; nil for anything else, keys that stand twice, text that
    ///   is no UTF-8, lengths that were written longer than they need be, or what has no end.
    package static func decode(_ bytes: some RandomAccessCollection<UInt8>) -> (value: CBORValue, byteCount: Int)? {
        var reader = Reader(bytes: Array(bytes))
        guard let value = reader.value(depth: 0) else { return nil }
        return (value, reader.offset)
    }

    package var integer: Int64? {
        switch self {
        case .unsigned(let number): Int64(exactly: number)
        case .negative(let number): Int64(exactly: number).map { -1 - $0 }
        default: nil
        }
    }

    package var byteString: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    package var textString: String? { if case .text(let text) = self { text } else { nil } }
    package var members: [CBORValue: CBORValue]? { if case .map(let members) = self { members } else { nil } }

    package subscript(_ key: String) -> CBORValue? { members?[.text(key)] }
    package subscript(_ key: Int64) -> CBORValue? {
        members?[key < 0 ? .negative(UInt64(-1 - key)) : .unsigned(UInt64(key))]
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0

        mutating func value(depth: Int) -> CBORValue? {
            guard depth <= maximumDepth, offset < bytes.count else { return nil }
            let first = bytes[offset]
            offset += 1
            if first == 0xF4 || first == 0xF5 { return .bool(first == 0xF5) }
            if first == 0xF6 { return .null }
            guard let argument = argument(first & 31) else { return nil }
            switch first >> 5 {
            case 0: return .unsigned(argument)
            case 1: return .negative(argument)
            case 2: return take(argument).map { .bytes(Array($0)) }
            case 3: return take(argument).flatMap { String(validating: $0, as: UTF8.self) }.map { .text($0) }
            case 4: return array(argument, depth)
            case 5: return map(argument, depth)
            default: return nil
            }
        }

        private mutating func argument(_ information: UInt8) -> UInt64? {
            guard information >= 24 else { return UInt64(information) }
            guard information < 28, let rest = take(1 << UInt64(information - 24)) else { return nil }
            let number = rest.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let smallest: [UInt64] = [24, 1 << 8, 1 << 16, 1 << 32]
            return number >= smallest[Int(information - 24)] ? number : nil
        }

        private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
            guard count <= UInt64(bytes.count - offset) else { return nil }
            defer { offset += Int(count) }
            return bytes[offset..<offset + Int(count)]
        }

        private mutating func array(_ count: UInt64, _ depth: Int) -> CBORValue? {
            guard count <= maximumElements else { return nil }
            var elements: [CBORValue] = []
            for _ in 0..<count {
                guard let element = value(depth: depth + 1) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        }

        private mutating func map(_ count: UInt64, _ depth: Int) -> CBORValue? {
            guard count <= maximumElements else { return nil }
            var members: [CBORValue: CBORValue] = [:]
            for _ in 0..<count {
                guard let key = value(depth: depth + 1), let element = value(depth: depth + 1),
                    members.updateValue(element, forKey: key) == nil
                else { return nil }
            }
            return .map(members)
        }
    }
}
